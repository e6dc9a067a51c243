"""A click that is not granted: it is put on record, then answered."""

from bot.domain.errors import BotError, Conflict
from bot.domain.events import Event, Kind
from bot.domain.people import SYSTEM, Person
from bot.domain.request import Request
from bot.workflow.ports import Clock
from bot.workflow.store_ports import Requests


async def recorded(
    requests: Requests, clock: Clock, request: Request, person: Person, verb: str, error: BotError
) -> BotError:
    """Write the refusal of `verb` into the audit log; returns `error`, for raising."""
    data = {"verb": verb, "code": error.code, "state": request.state.value}
    await requests.record(request.id, Event(Kind.REFUSED, person, clock.now(), data))
    error.on_record = True
    return error


def too_late(request: Request) -> Conflict:
    """The answer to a click that comes after the decision: what was decided, when, and by whom."""
    closing = request.closing
    when = closing.at if closing else request.approved_at
    state = request.state.value.replace("_", " ")
    verb = "is already" if closing is None else "was already"
    at = f" at {when:%H:%M} UTC" if when else ""
    by = closing.by if closing is not None and closing.by != SYSTEM else None
    return Conflict("too_late", f"Too late: request {request.id} {verb} {state}{at}.", by=by)
