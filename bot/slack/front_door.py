"""Stands before Bolt in HTTP mode: nothing that Slack did not sign gets further.

Answers 413 to a body that is too large, 401 to everything that is not signed as it should be, 400 to a signed body that
cannot be read; never 5xx, and never writes a body to the log.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from aiohttp import web
from cachetools import TTLCache
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.workflow.ports import Clock

BODY_CAP = 1024 * 1024
"""Bytes. The largest thing Slack sends is a view of 250 kB with its state."""
TOLERANCE = 5 * 60
"""Seconds that a signature is good for (source: Verifying requests from Slack)."""
SEEN_AT_MOST = 100_000
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")

log = structlog.get_logger(__name__)


def _seen() -> "TTLCache[str, bool]":
    # A signature may come from the future by the tolerance, so it must be remembered for twice as long.
    return TTLCache(maxsize=SEEN_AT_MOST, ttl=2 * TOLERANCE + 10)


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """One request handler. Several secrets are good at the same time while they are changed."""

    app: AsyncApp
    secrets: Sequence[str]
    clock: Clock
    seen: "TTLCache[str, bool]" = field(default_factory=_seen)

    async def handle(self, request: web.Request) -> web.Response:
        """Check, then let Bolt do the rest."""
        if request.content_length is not None and request.content_length > BODY_CAP:
            return web.Response(status=413)
        raw = await request.content.read(BODY_CAP + 1)
        while len(raw) <= BODY_CAP and not request.content.at_eof():
            raw += await request.content.read(BODY_CAP + 1 - len(raw))
        if len(raw) > BODY_CAP:
            return web.Response(status=413)
        if not self._is_signed(request, raw):
            log.warning("A request without a good signature was refused", action="front_door_refused")
            return web.Response(status=401)
        try:
            bolt_request = AsyncBoltRequest(
                body=raw.decode(),
                query=request.query_string,
                headers={name: [value] for name, value in request.headers.items()},
            )
        except (ValueError, AttributeError, TypeError, RecursionError):
            log.warning("A signed request could not be read", action="front_door_unreadable")
            return web.Response(status=400)
        answer = await self.app.async_dispatch(bolt_request)
        return web.Response(
            status=answer.status,
            body=answer.body or "",
            headers={name: values[0] for name, values in answer.headers.items()},
        )

    def _is_signed(self, request: web.Request, raw: bytes) -> bool:
        timestamps = request.headers.getall("X-Slack-Request-Timestamp", [])
        signatures = request.headers.getall("X-Slack-Signature", [])
        if len(timestamps) != 1 or len(signatures) != 1:
            return False
        timestamp, signature = timestamps[0], signatures[0]
        if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
            return False
        if abs(self.clock.now().timestamp() - int(timestamp)) > TOLERANCE:
            return False
        if not any(_matches(secret, timestamp, raw, signature) for secret in self.secrets):
            return False
        if signature in self.seen:
            return False
        self.seen[signature] = True
        return True


def _matches(secret: str, timestamp: str, raw: bytes, signature: str) -> bool:
    wanted = "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.encode())
