"""What the local Slack sends to the app, and what it hears back."""

from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Envelope:
    """One payload for the app."""

    type: str
    """`slash_commands`, `interactive` or `events_api`: Socket Mode's words."""
    payload: dict[str, Any]
    accepts_response: bool = True
    retry_attempt: int = 0
    retry_reason: str = ""


@dataclass(frozen=True, slots=True)
class Ack:
    """The app's answer within the time that it has, or the reason why there is none."""

    body: dict[str, Any] | None = None
    problem: str | None = None
    """Slack's word for it: `operation_timeout`, `dispatch_failed`, `http_client_error` or `http_service_error`."""


class Line(Protocol):
    """A way to the app."""

    @property
    def connected(self) -> bool:
        """Whether the app can be reached, as far as is known."""

    async def deliver(self, envelope: Envelope) -> Ack:
        """Send, and wait for the acknowledgement. Never raises for a fault of the app."""

    async def close(self) -> None:
        """Hang up."""
