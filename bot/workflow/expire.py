"""Time passes: requests that nobody decides on are called to mind, then expire."""

from dataclasses import dataclass, replace

from bot.domain.errors import Conflict
from bot.domain.events import Event, Kind, Milestone, Note, Owed
from bot.domain.people import SYSTEM
from bot.domain.request import Request
from bot.domain.states import State
from bot.workflow.finish import finish
from bot.workflow.ports import Clock, Lease, Policies, Requests


@dataclass(frozen=True, slots=True)
class Expire:
    """One look at a pending request whose time has come."""

    requests: Requests
    policies: Policies
    clock: Clock

    async def __call__(self, request: Request, fence: Lease) -> None:
        """Expire it, or remind the approvers. Somebody who was faster wins."""
        now = self.clock.now()
        try:
            if request.expires_at <= now:
                after, events, owed = finish(request, State.EXPIRED, SYSTEM, now, "Nobody decided in time.")
                await self.requests.change(request, after, events, owed, fence=fence, now=now)
            elif request.remind_at is not None and request.remind_at <= now:
                await self._remind(request, fence)
        except Conflict as conflict:
            if conflict.code != "stale":
                raise

    async def _remind(self, request: Request, fence: Lease) -> None:
        now = self.clock.now()
        policy = self.policies.of(request.wish.project, request.wish.target.name)
        waited = now - request.opened_at
        # Each wait is twice as long as the one before, so that a forgotten request does not become noise.
        again = now + max(waited, policy.remind_every) if policy is not None else None
        after = replace(request, remind_at=again)
        left = int((request.expires_at - now).total_seconds() // 60)
        owed = Owed(Note.THREAD, Milestone.REMINDER, {"minutes_left": str(max(left, 0))})
        await self.requests.change(request, after, [Event(Kind.REMINDED, SYSTEM, now)], [owed], fence=fence, now=now)
