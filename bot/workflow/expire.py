"""Time passes: requests that nobody decides on are called to mind, escalated, then expire; a broken glass is called to mind
until somebody signs it off."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.errors import Conflict
from bot.domain.events import Event, Kind, Milestone, Note, Owed
from bot.domain.people import SYSTEM
from bot.domain.request import REVIEW_EVERY, Request
from bot.domain.states import State
from bot.workflow.finish import finish
from bot.workflow.ports import Clock, Policies
from bot.workflow.store_ports import Lease, Requests


@dataclass(frozen=True, slots=True)
class Expire:
    """One look at a request whose time has come."""

    requests: Requests
    policies: Policies
    clock: Clock

    async def __call__(self, request: Request, fence: Lease) -> None:
        """One of: expire it, escalate it, remind the approvers, remind of the review. Somebody who was faster wins."""
        now = self.clock.now()
        try:
            if request.state is not State.PENDING:
                await self._remind_of_review(request, fence, now)
            elif request.expires_at <= now:
                after, events, owed = finish(request, State.EXPIRED, SYSTEM, now, "Nobody decided in time.")
                await self.requests.change(request, after, events, owed, fence=fence, now=now)
            elif request.escalate_at is not None and request.escalate_at <= now:
                await self._escalate(request, fence, now)
            elif request.remind_at is not None and request.remind_at <= now:
                await self._remind(request, fence, now)
        except Conflict as conflict:
            if conflict.code != "stale":
                raise

    async def _escalate(self, request: Request, fence: Lease, now: datetime) -> None:
        after = replace(request, escalate_at=None)
        owed = Owed(Note.THREAD, Milestone.ESCALATED, _minutes_left(request, now))
        await self.requests.change(request, after, [Event(Kind.ESCALATED, SYSTEM, now)], [owed], fence=fence, now=now)

    async def _remind(self, request: Request, fence: Lease, now: datetime) -> None:
        policy = self.policies.of(request.wish.project, request.wish.target.name)
        waited = now - request.opened_at
        # Each wait is twice as long as the one before, so that a forgotten request does not become noise.
        again = now + max(waited, policy.remind_every) if policy is not None else None
        after = replace(request, remind_at=again)
        owed = Owed(Note.THREAD, Milestone.REMINDER, _minutes_left(request, now))
        await self.requests.change(request, after, [Event(Kind.REMINDED, SYSTEM, now)], [owed], fence=fence, now=now)

    async def _remind_of_review(self, request: Request, fence: Lease, now: datetime) -> None:
        if not request.awaits_review or request.remind_at is None or request.remind_at > now:
            return
        after = replace(request, remind_at=now + REVIEW_EVERY)
        owed = Owed(Note.THREAD, Milestone.REVIEW_DUE)
        await self.requests.change(request, after, [Event(Kind.REMINDED, SYSTEM, now)], [owed], fence=fence, now=now)


def _minutes_left(request: Request, now: datetime) -> dict[str, str]:
    return {"minutes_left": str(max(int((request.expires_at - now).total_seconds() // 60), 0))}
