"""The states of a request and the one table of transitions between them."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a request stands."""

    PENDING = "pending"
    """Waits for approvals."""
    APPROVED = "approved"
    """Enough approvals; the facts will be read again, then the recovery call is made."""
    BACKING_UP = "backing_up"
    """A safety backup of the target runs."""
    SUBMITTING = "submitting"
    """The intent to make the recovery call is on record; its result is not yet."""
    RESTORING = "restoring"
    """The cloud accepted the call; its job runs."""
    UNKNOWN = "unknown"
    """Nobody can say whether the cloud took the call, or how its job ended."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    INVALIDATED = "invalidated"
    """The facts that were approved no longer hold; nothing was submitted."""


TRANSITIONS: Mapping[State, frozenset[State]] = {
    State.PENDING: frozenset({State.APPROVED, State.DENIED, State.CANCELLED, State.EXPIRED}),
    State.APPROVED: frozenset({State.BACKING_UP, State.SUBMITTING, State.CANCELLED, State.EXPIRED, State.INVALIDATED}),
    State.BACKING_UP: frozenset({State.SUBMITTING, State.CANCELLED, State.FAILED, State.INVALIDATED}),
    State.SUBMITTING: frozenset({State.RESTORING, State.FAILED, State.UNKNOWN}),
    State.UNKNOWN: frozenset({State.RESTORING, State.SUCCEEDED, State.FAILED}),
    State.RESTORING: frozenset({State.SUCCEEDED, State.FAILED, State.UNKNOWN}),
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.DENIED: frozenset(),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
    State.INVALIDATED: frozenset(),
}

FINAL = frozenset(state for state, following in TRANSITIONS.items() if not following)
"""Nothing follows these."""
LIVE = frozenset(State) - FINAL
"""These hold the target: one live request per target."""
WORKED = LIVE - {State.PENDING}
"""These are moved on by the worker rather than by people."""
CANCELLABLE = frozenset(state for state, following in TRANSITIONS.items() if State.CANCELLED in following)


def may_follow(before: State, after: State) -> bool:
    """Whether the table allows the step from `before` to `after`."""
    return after in TRANSITIONS[before]
