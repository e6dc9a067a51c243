"""After the restore: a person looks at the database, and says whether it is what was wanted."""

from dataclasses import dataclass, replace

from bot.domain.errors import BotError, Conflict, Refused
from bot.domain.events import CARD, Event, Kind, Milestone, Note, Owed
from bot.domain.people import Person
from bot.domain.permission import standing
from bot.domain.request import Inspection, Request
from bot.domain.states import State
from bot.workflow.access import Access
from bot.workflow.ports import Clock, Wake
from bot.workflow.refusing import recorded
from bot.workflow.store_ports import Requests


@dataclass(frozen=True, slots=True)
class Inspect:
    """Anybody of ours may say it, the requester first of all. The first word counts."""

    requests: Requests
    access: Access
    clock: Clock
    wake: Wake

    async def __call__(self, request_id: str, person: Person, *, as_expected: bool) -> Request:
        """Raises Refused or Conflict, recorded."""
        while True:
            request = await self.requests.get(request_id)
            if request.state is not State.SUCCEEDED:
                raise await self._refuse(request, person, Refused("not_restored", f"Request {request.id} restored nothing."))
            if request.inspection is not None:
                error = Conflict("already_inspected", f"Somebody has already looked at the result of {request.id}.")
                raise await self._refuse(request, person, error)
            profile, _ = await self.access.of(None, person)
            verdict = standing(profile)
            if not verdict.allowed:
                raise await self._refuse(request, person, Refused(verdict.code, verdict.why))
            try:
                return await self._store(request, person, as_expected=as_expected)
            except Conflict as conflict:
                if conflict.code != "stale":
                    raise

    async def _store(self, request: Request, person: Person, *, as_expected: bool) -> Request:
        now = self.clock.now()
        after = replace(request, inspection=Inspection(person, now, as_expected))
        data = {"as_expected": "yes" if as_expected else "no"}
        said = Owed(Note.THREAD, Milestone.INSPECTED, {"user": person.user, **data})
        stored = await self.requests.change(request, after, [Event(Kind.INSPECTED, person, now, data)], [CARD, said])
        self.wake()
        return stored

    async def _refuse(self, request: Request, person: Person, error: BotError) -> BotError:
        return await recorded(self.requests, self.clock, request, person, "inspect", error)
