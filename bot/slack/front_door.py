"""Stands before Bolt in HTTP mode: nothing that Slack did not sign gets further, and nothing gets in twice.

Answers 413 to a body that is too large, 408 to one that does not come, 401 to everything that is not signed as it should
be, 400 to a signed body that cannot be read, 503 while the database cannot say whether a request is a copy. Never writes
a body to the log.
"""

import asyncio
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.domain.errors import BotError
from bot.workflow.ports import Clock

BODY_CAP = 1024 * 1024
"""Bytes. The largest thing Slack sends is a view of 250 kB with its state."""
BODY_WITHIN = 3.0
"""Seconds for the whole body. Slack waits no longer for the answer."""
TOLERANCE = timedelta(minutes=5)
"""How far a timestamp may be from our clock (source: Verifying requests from Slack)."""
MARGIN = timedelta(minutes=1)
"""By how much the clocks of two replicas may differ."""
REMEMBERED_WITHIN = 1.5
"""Seconds that the database may take; what is left of Slack's three belongs to the listener."""
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")

log = structlog.get_logger(__name__)


class Replays(Protocol):
    """Remembers signatures, for all replicas together."""

    async def first_time(self, signature: str, until: datetime, now: datetime) -> bool:
        """Whether nobody has shown this signature before; from now on it is known until `until`. Raises BotError."""
        ...


class _Refused(Exception):
    """The request goes no further."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """One request handler. Several secrets are good at the same time while they are changed."""

    app: AsyncApp
    secrets: Sequence[str]
    clock: Clock
    replays: Replays

    async def handle(self, request: web.Request) -> web.Response:
        """Check, then let Bolt do the rest."""
        try:
            raw = await _body(request)
            await self._let_in(*self._signed(request, raw))
        except _Refused as refused:
            log.warning("A request was refused", action="front_door_refused", status=refused.status, why=str(refused))
            return web.Response(status=refused.status)
        try:
            answer = await self.app.async_dispatch(_read(request, raw))
        except Exception as error:  # noqa: BLE001 - Bolt stumbles in many ways over what it cannot read
            # Only the kind of error: its traceback might quote the body.
            log.warning("A signed request could not be read", action="front_door_unreadable", why=type(error).__name__)
            return web.Response(status=400)
        return web.Response(
            status=answer.status,
            body=answer.body or "",
            headers={name: values[0] for name, values in answer.headers.items()},
        )

    def _signed(self, request: web.Request, raw: bytes) -> tuple[str, datetime]:
        """The signature and the time it was made, both good."""
        timestamps = request.headers.getall("X-Slack-Request-Timestamp", [])
        signatures = request.headers.getall("X-Slack-Signature", [])
        if len(timestamps) != 1 or len(signatures) != 1:
            raise _Refused(401, "not signed")
        timestamp, signature = timestamps[0], signatures[0]
        if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
            raise _Refused(401, "not signed")
        if abs(self.clock.now().timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
            raise _Refused(401, "not signed now")
        # A list, not a generator: every secret takes its time, whichever fits.
        if not any([_matches(secret, timestamp, raw, signature) for secret in self.secrets]):  # noqa: C419
            raise _Refused(401, "not signed with our secret")
        return signature, datetime.fromtimestamp(int(timestamp), UTC)

    async def _let_in(self, signature: str, made: datetime) -> None:
        """Once. Closed while the database does not answer: a copy could not be told from its original, and nothing that
        matters can be done without the database."""
        try:
            async with asyncio.timeout(REMEMBERED_WITHIN):
                first = await self.replays.first_time(signature, made + TOLERANCE + MARGIN, self.clock.now())
        except (BotError, TimeoutError) as error:
            raise _Refused(503, "the database does not answer") from error
        if not first:
            raise _Refused(401, "a copy")


async def _body(request: web.Request) -> bytes:
    if request.headers.get("Content-Encoding", "identity") != "identity":
        # Slack packs nothing, and a packed body may be far larger than it looks.
        raise _Refused(415, "packed")
    if request.content_length is not None and request.content_length > BODY_CAP:
        raise _Refused(413, "too large")
    try:
        async with asyncio.timeout(BODY_WITHIN):
            raw = await request.content.read(BODY_CAP + 1)
            while len(raw) <= BODY_CAP and not request.content.at_eof():
                raw += await request.content.read(BODY_CAP + 1 - len(raw))
    except TimeoutError as error:
        raise _Refused(408, "too slow") from error
    except (OSError, web.RequestPayloadError) as error:
        raise _Refused(400, "broken off") from error
    if len(raw) > BODY_CAP:
        raise _Refused(413, "too large")
    return raw


def _read(request: web.Request, raw: bytes) -> AsyncBoltRequest:
    return AsyncBoltRequest(
        body=raw.decode(),
        query=request.query_string,
        headers={name: [value] for name, value in request.headers.items()},
    )


def _matches(secret: str, timestamp: str, raw: bytes, signature: str) -> bool:
    wanted = "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.encode())
