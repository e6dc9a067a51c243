"""The requester takes the request back, as long as nothing was submitted."""

from dataclasses import dataclass

from bot.domain.errors import BotError, Conflict, Refused
from bot.domain.people import Person
from bot.domain.request import Request
from bot.domain.states import CANCELLABLE, State
from bot.workflow.finish import finish
from bot.workflow.ports import Clock, Wake
from bot.workflow.refusing import recorded, too_late
from bot.workflow.store_ports import Requests


@dataclass(frozen=True, slots=True)
class Cancel:
    """Only the requester may cancel; approvers deny."""

    requests: Requests
    clock: Clock
    wake: Wake

    async def __call__(self, request_id: str, person: Person) -> Request:
        """Raises Refused `not_your_request`, Conflict `too_late`; both are recorded."""
        while True:
            request = await self.requests.get(request_id)
            if person != request.requester:
                raise await self._refuse(
                    request, person, Refused("not_your_request", "Only the requester can cancel. An approver can deny.")
                )
            if request.state not in CANCELLABLE:
                raise await self._refuse(request, person, too_late(request))
            after, events, owed = finish(request, State.CANCELLED, person, self.clock.now())
            try:
                stored = await self.requests.change(request, after, events, owed)
            except Conflict as conflict:
                if conflict.code != "stale":
                    raise
                continue
            self.wake()
            return stored

    async def _refuse(self, request: Request, person: Person, error: BotError) -> BotError:
        return await recorded(self.requests, self.clock, request, person, "cancel", error)
