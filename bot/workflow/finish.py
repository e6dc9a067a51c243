"""What every ending has in common: the closing, the audit event and the messages owed."""

from datetime import datetime

from bot.domain.events import CARD, Event, Kind, Milestone, Note, Owed
from bot.domain.people import Person
from bot.domain.request import Closing, Request
from bot.domain.states import State

OUTCOME = (CARD, Owed(Note.FINAL, Milestone.OUTCOME), Owed(Note.TELL_REQUESTER, Milestone.OUTCOME))
"""The card, the last word in the thread (broadcast) and the word to the requester."""
STEP = Owed(Note.STEP, Milestone.OUTCOME)


def finish(
    request: Request, state: State, by: Person, at: datetime, why: str = "", code: str = "", **changed: object
) -> tuple[Request, list[Event], tuple[Owed, ...]]:
    """The request in a final state, with its event and the messages owed for it."""
    after = request.closed(state, Closing(by, at, why, code), **changed)
    owed = OUTCOME if request.execution is None else (*OUTCOME, STEP)
    return after, [moved(request, after, by, at, why, code)], owed


def moved(before: Request, after: Request, by: Person, at: datetime, why: str = "", code: str = "") -> Event:
    """The audit event of a state change."""
    data = {"from": before.state.value, "to": after.state.value}
    if why:
        data["why"] = why
    if code:
        data["code"] = code
    if after.job is not None:
        data["job"] = after.job.id
    return Event(Kind.STATE, by, at, data)
