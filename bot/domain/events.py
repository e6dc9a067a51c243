"""What happened: the audit log's entries and the messages owed for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.people import Person


class Kind(StrEnum):
    """The verbs of the audit log."""

    REQUESTED = "requested"
    APPROVED_BY = "approved_by"
    REFUSED = "refused"
    """A click that was not granted, stale ones included."""
    REMINDED = "reminded"
    STATE = "state"
    """A state change."""
    TROUBLE = "trouble"
    """Something hinders the request for now; it will be tried again."""
    PROGRESS = "progress"
    UNDELIVERABLE = "undeliverable"
    ESCALATED = "escalated"
    BROKE_GLASS = "broke_glass"
    REVIEWED = "reviewed"
    """Somebody signed off that the glass was broken."""
    INSPECTED = "inspected"
    """Somebody looked at the restored database."""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the audit log. `data` holds plain values; never secrets."""

    kind: Kind
    actor: Person
    at: datetime
    data: Mapping[str, str] = field(default_factory=dict)


class Note(StrEnum):
    """Kinds of messages owed."""

    CARD = "card"
    """The request's message: posted once, then edited to show the stored state."""
    THREAD = "thread"
    """A milestone under the card."""
    FINAL = "final"
    """The outcome under the card, broadcast to the channel."""
    TELL_REQUESTER = "tell_requester"
    """The outcome, to the requester in private."""
    STEP = "step"
    """The end of the workflow's step that the request belongs to."""


class Milestone(StrEnum):
    """What a thread message is about."""

    REQUESTED = "requested"
    APPROVED_BY = "approved_by"
    REMINDER = "reminder"
    ESCALATED = "escalated"
    BROKE_GLASS = "broke_glass"
    REVIEW_DUE = "review_due"
    REVIEWED = "reviewed"
    BACKUP_STARTED = "backup_started"
    BACKUP_DONE = "backup_done"
    SUBMITTED = "submitted"
    PROGRESS = "progress"
    STUCK = "stuck"
    TROUBLE = "trouble"
    UNKNOWN = "unknown"
    ADOPTED = "adopted"
    OUTCOME = "outcome"
    INSPECTED = "inspected"
    NO_CARD = "no_card"
    """The request's card could not be posted, so nobody can decide on it."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A message owed, written in the same transaction as its cause. `data` holds what the text needs and the request's
    later state would no longer tell."""

    note: Note
    milestone: Milestone | None = None
    data: Mapping[str, str] = field(default_factory=dict)


CARD = Owed(Note.CARD)
