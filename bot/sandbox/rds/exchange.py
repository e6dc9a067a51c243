"""A call and its answer, free of any HTTP library."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from bot.sandbox.rds.errors import refusal


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """What came in. `path` and `query` are as sent; header names are in lower case; `at` is when it came in."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    content: bytes
    at: float
    params: Mapping[str, str] = field(default_factory=dict)
    """The variable parts of the path."""

    @property
    def asked(self) -> dict[str, str]:
        """The query's values by name; of repeated ones the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def json(self) -> dict[str, Any]:
        """The body. Raises ApiError if it is not a JSON object."""
        if not self.content.strip():
            raise refusal("DBS.200006")
        try:
            body = json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise refusal("DBS.200001", "The body is not JSON.") from error
        if not isinstance(body, dict):
            raise refusal("DBS.200001", "The body is not an object.")
        return body

    def number(self, name: str, default: int | None, least: int, most: int) -> int:
        """A whole number of the query. Raises ApiError if it is missing without a default, or out of range."""
        text = self.asked.get(name, "")
        if not text and default is not None:
            return default
        if not (text.isascii() and text.isdecimal()) or not least <= int(text) <= most:
            raise refusal("DBS.280001", f"The parameter {name} must be a number from {least} to {most}.")
        return int(text)


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes out: a JSON body, or `text` of the type `content_type` instead."""

    status: int
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    content_type: str = "application/json"

    @property
    def content(self) -> bytes:
        """The bytes of the body."""
        return (self.text if self.body is None else json.dumps(self.body)).encode()


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The connection ends without an answer; `abort`: with a reset instead of a close."""

    abort: bool


Handler = Callable[[ApiRequest], Answer]


def stamp(seconds: float) -> str:
    """A time as the API writes it, in UTC: 2018-08-06T10:41:14+0000."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
