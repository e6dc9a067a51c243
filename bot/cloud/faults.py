"""Reads the many shapes of the cloud's error bodies.

Sources: RDS API reference "Returned Values"; older RDS paths and trove ("itemNotFound"); API gateway; IAM. The order in
which names are looked for is that of the vendor's SDK.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

_NAMES = (("error_code", "error_msg"), ("errCode", "externalMessage"), ("errorCode", "errorMsg"), ("code", "message"))
_DEPTH = 3
_CODE = re.compile(r"[A-Za-z0-9._-]{1,40}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,80}")


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer other than 2xx. `code` is None where the body names none (a proxy's page, an empty body).

    `text` is the body's message, which may echo secrets. `retry_after` is in seconds.
    """

    status: int
    code: str | None
    text: str = ""
    request_id: str | None = None
    retry_after: float | None = None


def fault_of(response: httpx.Response, now: datetime) -> Fault:
    """Read an answer other than 2xx, whose body was read already. Never raises."""
    body = _body(response.content)
    code, text = _said(body, _DEPTH)
    request_id = response.headers.get("x-request-id") or _text(body.get("request_id"))
    return Fault(
        response.status_code,
        code if _CODE.fullmatch(code) else None,
        text,
        request_id if _REQUEST_ID.fullmatch(request_id) else None,
        _retry_after(response.headers.get("retry-after"), now),
    )


def _body(content: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _said(body: Mapping[str, Any], depth: int) -> tuple[str, str]:
    for code, text in _NAMES:
        if body.get(code):
            return _text(body[code]), _text(body.get(text))
    if depth > 0:
        for inner in body.values():
            if isinstance(inner, dict):
                found = _said(inner, depth - 1)
                if found[0]:
                    return found
    return "", ""


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""


def _retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds to wait; the header holds seconds or a date (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def skew_of(response: httpx.Response, sent_at: datetime, answered_at: datetime) -> float | None:
    """Seconds by which our clock is ahead of the Date header (RFC 9110, 6.6.1), of whole seconds; None without one."""
    try:
        theirs = parsedate_to_datetime(response.headers.get("date", ""))
    except ValueError:
        return None
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=UTC)
    return ((sent_at + (answered_at - sent_at) / 2) - theirs).total_seconds()
