"""What the stage does not know by itself: the bot as a process, and its requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class CannotDo(Exception):
    """What was asked for is not possible now; the message is a sentence for a person."""


class Bot(Protocol):
    """The bot's process."""

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        ...

    @property
    def restarts(self) -> int:
        """How often it was started again."""
        ...

    async def kill(self) -> None:
        """End it without a chance to tidy up. Raises CannotDo if it does not run."""
        ...

    async def start(self) -> None:
        """Start it again; returns before it is ready. Raises CannotDo if it runs."""
        ...


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """One request. `path` holds the states that it went through, the last one is `state`; `percent` is None unless a job
    runs that tells it."""

    id: str
    target: str
    state: str
    path: tuple[str, ...]
    percent: int | None = None


class Requests(Protocol):
    """The bot's requests."""

    async def newest(self) -> Sequence[RequestSeen]:
        """The newest ones, oldest of them first; what was last known while they cannot be read."""
        ...
