"""One Web API call: its arguments, and the record of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.workspace.errors import ApiError
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.modals import Modals
from bot.sandbox.workspace.people import Channel, Kind
from bot.sandbox.workspace.platform import Platform

READ_SCOPES = {Kind.PUBLIC: "channels:read", Kind.PRIVATE: "groups:read", Kind.IM: "im:read"}


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call that the app made."""

    at: float
    """Seconds since the epoch."""
    method: str
    arguments: Mapping[str, Any]
    ok: bool
    error: str | None
    """Slack's error code."""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is being answered."""

    platform: Platform
    arguments: Mapping[str, Any]

    @property
    def modals(self) -> Modals:
        """The views of the workspace."""
        return Modals(self.platform)

    def text(self, name: str, default: str = "") -> str:
        """A string argument; `default` where it is missing."""
        value = self.arguments.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """A string argument. Raises ApiError invalid_arguments where it is missing."""
        value = self.text(name)
        if not value:
            raise ApiError("invalid_arguments", [f"[ERROR] missing required field: {name}"])
        return value

    def flag(self, name: str) -> bool:
        """A true-or-false argument, however it is spelt."""
        return self.text(name).lower() in ("1", "true")

    def structure(self, name: str) -> Any:
        """An argument that is JSON, as a form or as part of a JSON body; None where it is missing."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError as error:
            raise ApiError("invalid_json", [f"[ERROR] {name} is not JSON"]) from error

    def needs(self, *scopes: str) -> None:
        """Raises ApiError missing_scope unless the app has one of them."""
        granted = self.platform.app.scopes
        if not granted.intersection(scopes):
            raise ApiError("missing_scope", needed=",".join(scopes), provided=",".join(sorted(granted)))

    def channel(self, name: str = "channel") -> Channel:
        """A conversation that the bot can see. Raises ApiError channel_not_found."""
        found = self.platform.workspace.channels.get(self.required(name))
        if found is None or (found.kind is not Kind.PUBLIC and not self.platform.bot_is_in(found)):
            raise ApiError("channel_not_found")
        return found

    def readable_channel(self) -> Channel:
        """The same, with the scope that its kind needs."""
        found = self.channel()
        self.needs(READ_SCOPES[found.kind])
        return found

    def page(self, items: list[Any], name: str, default: int = 100) -> Json:
        """A page of a list with its cursor. Raises ApiError invalid_cursor or invalid_limit."""
        limit, cursor = self.text("limit", str(default)), self.text("cursor", "0")
        if not cursor.isdecimal():
            raise ApiError("invalid_cursor")
        if not limit.isdecimal() or not 0 <= int(limit) <= 1000:
            raise ApiError("invalid_limit")
        start, size = int(cursor), int(limit) or default
        end = start + size
        after = str(end) if end < len(items) else ""
        return {name: items[start:end], "response_metadata": {"next_cursor": after}}


Answer = Callable[[Call], Json]


@dataclass(frozen=True, slots=True)
class Method:
    """A Web API method: which scope it needs (any one of them), and how it answers."""

    answer: Answer
    scopes: tuple[str, ...] = ()
    per_minute: int = 50
    """Slack's tier: 1 → 1, 2 → 20, 3 → 50, 4 → 100 calls a minute."""
