"""HTTP mode: each payload is a signed POST to the app's request URL, and its answer is the acknowledgement.

Source: Slack's documentation of request signing, interaction payloads and Events API retries.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.workspace.delivery import Ack, Envelope

FORM = "application/x-www-form-urlencoded"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The value of X-Slack-Signature."""
    base = f"v0:{timestamp}:".encode() + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class SignedHttp:
    """The app behind a request URL."""

    connected = True
    """There is no lasting connection whose loss could be seen."""

    def __init__(self, url: str, signing_secret: str, now: Callable[[], float], ack_timeout: float) -> None:
        self.url = url
        self._secret = signing_secret
        self._now = now
        self._timeout = aiohttp.ClientTimeout(total=ack_timeout)
        self._session: aiohttp.ClientSession | None = None

    async def deliver(self, envelope: Envelope) -> Ack:
        """Send, and read the answer."""
        body, content_type = _body(envelope)
        timestamp = str(int(self._now()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }
        if envelope.retry_attempt:
            headers |= {"X-Slack-Retry-Num": str(envelope.retry_attempt), "X-Slack-Retry-Reason": envelope.retry_reason}
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        try:
            async with self._session.post(self.url, data=body, headers=headers, allow_redirects=False) as answer:
                return _ack(answer.status, answer.content_type, await answer.text())
        except TimeoutError:
            return Ack(problem="operation_timeout")
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError):
            return Ack(problem="dispatch_failed")

    async def close(self) -> None:
        """Close the client."""
        if self._session is not None:
            await self._session.close()


def _body(envelope: Envelope) -> tuple[bytes, str]:
    if envelope.type == "slash_commands":
        return urlencode(envelope.payload).encode(), FORM
    if envelope.type == "interactive":
        return urlencode({"payload": json.dumps(envelope.payload)}).encode(), FORM
    return json.dumps(envelope.payload).encode(), "application/json"


def _ack(status: int, content_type: str, text: str) -> Ack:
    if status != 200:
        return Ack(problem="http_client_error" if status < 500 else "http_service_error")
    if not text.strip():
        return Ack()
    if content_type != "application/json":
        return Ack({"text": text})
    try:
        body = json.loads(text)
    except ValueError:
        return Ack(problem="http_client_error")
    return Ack(body if isinstance(body, dict) else {"text": str(body)})
