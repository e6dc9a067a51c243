"""Which messages owed still say something, and what takes the place of one that Slack will never take."""

from bot.domain.events import Milestone, Note, Owed
from bot.domain.request import Request
from bot.domain.states import State

PUBLIC_ONLY = frozenset({Milestone.REQUESTED, Milestone.REMINDER, Milestone.PROGRESS})
"""These are for the others in the channel, or of too little weight for a message in private."""


def outdated(owed: Owed, request: Request) -> bool:
    """Whether the message says nothing new: a tick that was overtaken, a reminder of what was decided."""
    if owed.milestone is Milestone.PROGRESS:
        return request.state is not State.RESTORING or owed.data.get("percent") != str(request.milestone)
    return owed.milestone is Milestone.REMINDER and request.state is not State.PENDING


def instead_of(owed: Owed, why: str, *, has_card: bool) -> Owed | None:
    """What the requester is told in private where the channel can be told nothing; None where nothing is lost.

    The outcome goes to the requester anyway, and a card that cannot be edited is made good by the messages about each step.
    """
    if owed.note is Note.CARD and not has_card:
        return Owed(Note.TELL_REQUESTER, Milestone.NO_CARD, {"why": why})
    if owed.note is Note.THREAD and owed.milestone not in PUBLIC_ONLY:
        return Owed(Note.TELL_REQUESTER, owed.milestone, owed.data)
    return None
