"""What those who watch the work are told: the operator's log, figures and traces. They change nothing and never fail."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.events import Event
from bot.domain.request import Request
from bot.domain.states import State


@dataclass(frozen=True, slots=True)
class Written:
    """What one transaction wrote about a request; it is committed. `before` is None for a new request; `after` too where
    only audit entries were written."""

    request_id: str
    before: Request | None
    after: Request | None
    events: Sequence[Event]


Witness = Callable[[Written], None]
"""Told once after each commit that wrote audit entries or a request, and of nothing that was rolled back."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the database says at one moment, for all replicas together."""

    by_state: Mapping[State, int]
    running: Mapping[str, int]
    """Restore jobs that are followed, by project."""
    owed: int
    """Messages that are not delivered yet."""
    owed_since: datetime | None
    """Since when the oldest of them is owed."""
    due_since: datetime | None
    """The earliest moment at which the worker must look at something, which may lie in the future."""
    unreviewed: int
    """Finished requests whose break-glass nobody has signed off."""


class Spans(Protocol):
    """Names a stretch of work in a trace. Attributes are ids and names, never secrets or bodies."""

    def __call__(self, name: str, attributes: Mapping[str, str]) -> AbstractContextManager[None]:
        """What is done inside belongs to the stretch. Errors pass, and mark it."""
        ...


def untraced(name: str, attributes: Mapping[str, str]) -> AbstractContextManager[None]:
    """Spans where nobody traces."""
    del name, attributes
    return nullcontext()
