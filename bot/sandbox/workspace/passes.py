"""The passes that an interaction hands to the app: trigger ids for modals, response URLs for messages."""

import secrets
from dataclasses import dataclass

from bot.sandbox.workspace.errors import ApiError
from bot.sandbox.workspace.messages import Message

TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 30 * 60.0
RESPONSE_USES = 5


@dataclass(frozen=True, slots=True)
class Trigger:
    """The right to open one modal for one person, soon."""

    user: str
    issued_at: float
    channel: str | None
    in_modal: bool
    """It comes from a modal, so one may be pushed on top."""


class Triggers:
    """All trigger ids that were handed out."""

    def __init__(self) -> None:
        self._live: dict[str, Trigger] = {}
        self._used: set[str] = set()

    def issue(self, trigger: Trigger) -> str:
        """A new trigger id."""
        name = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._live[name] = trigger
        return name

    def look(self, name: str, now: float) -> Trigger:
        """What it stands for. Raises ApiError invalid_trigger_id, exchanged_trigger_id or expired_trigger_id."""
        if name in self._used:
            raise ApiError("exchanged_trigger_id")
        if name not in self._live:
            raise ApiError("invalid_trigger_id")
        trigger = self._live[name]
        if now - trigger.issued_at > TRIGGER_SECONDS:
            raise ApiError("expired_trigger_id")
        return trigger

    def use(self, name: str) -> None:
        """It cannot be used again."""
        del self._live[name]
        self._used.add(name)


@dataclass(slots=True)
class ResponsePass:
    """The right to answer an interaction a few times without a token."""

    user: str
    channel: str
    issued_at: float
    original: Message | None
    """The message that was clicked on; None for a command."""
    thread_ts: str | None = None
    uses: int = 0


class ResponsePasses:
    """All response URLs that were handed out."""

    def __init__(self) -> None:
        self._passes: dict[str, ResponsePass] = {}

    def issue(self, response: ResponsePass) -> str:
        """The last part of a new response URL."""
        name = secrets.token_urlsafe(18)
        self._passes[name] = response
        return name

    def use(self, name: str, now: float) -> ResponsePass:
        """Count one use. Raises ApiError expired_url or used_url."""
        found = self._passes.get(name)
        if found is None or now - found.issued_at > RESPONSE_SECONDS:
            raise ApiError("expired_url")
        if found.uses >= RESPONSE_USES:
            raise ApiError("used_url")
        found.uses += 1
        return found
