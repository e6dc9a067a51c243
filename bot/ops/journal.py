"""A line in the log for everything that was committed: one for each change of a request's state, one for each entry of the
audit log that is none."""

from collections.abc import Mapping
from types import MappingProxyType

import structlog

from bot.domain.events import Event, Kind
from bot.domain.people import SYSTEM, Person
from bot.domain.request import Request
from bot.workflow.observing import Written

log = structlog.get_logger(__name__)

TOLD = frozenset({"verb", "code", "state", "percent", "as_expected", "counted"})
"""What of an event's data goes into its line: codes and figures. What people wrote stays in the audit log."""
ENTRIES: Mapping[Kind, structlog.typing.EventDict] = MappingProxyType(
    {
        Kind.APPROVED_BY: {"event": "Somebody approved", "action": "approval_given"},
        Kind.REFUSED: {"event": "A click was refused", "action": "click_refused"},
        Kind.REMINDED: {"event": "People were reminded", "action": "reminded"},
        Kind.ESCALATED: {"event": "More people were asked", "action": "escalated"},
        Kind.TROUBLE: {"event": "Something hinders a request", "action": "trouble"},
        Kind.PROGRESS: {"event": "A restore has moved on", "action": "progress"},
        Kind.BROKE_GLASS: {"event": "Somebody broke the glass", "action": "glass_broken"},
        Kind.REVIEWED: {"event": "A break-glass was signed off", "action": "glass_reviewed"},
        Kind.INSPECTED: {"event": "Somebody looked at the result", "action": "result_inspected"},
    }
)
"""Not here: what `Journal` tells from the request itself, and messages that could not be delivered, which the deliverer
tells."""
LOUD = frozenset({Kind.BROKE_GLASS, Kind.TROUBLE})
"""Written as warnings."""


def journal(written: Written) -> None:
    """Write the lines. Called after the commit, in the order of the commits of one process."""
    before, after = written.before, written.after
    for event in written.events:
        entry = ENTRIES.get(event.kind)
        if entry is not None:
            write = log.warning if event.kind in LOUD else log.info
            write(**entry, **_about(written), actor=_name(event.actor), **_told(event))
    if after is None:
        return
    if before is None:
        _moved(None, after, written, "A restore was asked for", action="request_opened")
    elif before.state is not after.state:
        _moved(before, after, written, "A request has moved", action="state_changed")
    elif any(event.kind is Kind.STATE for event in written.events):
        _moved(before, after, written, "A step's outcome is not clear", action="outcome_unclear")


def _moved(before: Request | None, after: Request, written: Written, sentence: str, *, action: str) -> None:
    cause = _cause(written, after)
    log.info(
        sentence,
        action=action,
        **_about(written),
        **{"from": None if before is None else before.state.value, "to": after.state.value},
        actor=_name(cause.actor),
        **_told(cause),
    )


def _cause(written: Written, after: Request) -> Event:
    """The entry that says who moved the request; without one the program did it by itself."""
    told = [event for event in written.events if event.kind in (Kind.STATE, Kind.REQUESTED)]
    return (told or [Event(Kind.STATE, SYSTEM, after.opened_at)])[-1]


def _about(written: Written) -> dict[str, str]:
    request = written.after or written.before
    if request is None:
        return {"request": written.request_id}
    return {"request": request.id, "project": request.wish.project, "target": request.wish.target.name}


def _told(event: Event) -> dict[str, str]:
    return {name: value for name, value in event.data.items() if name in TOLD}


def _name(person: Person) -> str:
    """As in the audit log: user ids are unique within their team or enterprise only."""
    return person.user if person == SYSTEM else f"{person.organisation}:{person.user}"
