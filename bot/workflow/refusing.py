"""A click that is not granted: it is put on record, then answered."""

from bot.domain.errors import BotError
from bot.domain.events import Event, Kind
from bot.domain.people import Person
from bot.domain.request import Request
from bot.workflow.ports import Clock, Requests


async def recorded(
    requests: Requests, clock: Clock, request: Request, person: Person, verb: str, error: BotError
) -> BotError:
    """Write the refusal of `verb` into the audit log; returns `error`, for raising."""
    data = {"verb": verb, "code": error.code, "state": request.state.value}
    await requests.record(request.id, Event(Kind.REFUSED, person, clock.now(), data))
    return error


def too_late(request: Request) -> str:
    """The answer to a click that comes after the decision."""
    when = request.closing.at if request.closing else request.approved_at
    at = f" at {when:%H:%M} UTC" if when else ""
    return f"Too late: request {request.id} is already {request.state.value.replace('_', ' ')}{at}."
