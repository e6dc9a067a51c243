"""Moves requests on: from approved to submitted, followed, reconciled; and pending ones by the clock."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from bot.domain.errors import BotError, Conflict, Misconfigured, Refused, Unavailable
from bot.domain.events import CARD, Event, Kind, Milestone, Note, Owed
from bot.domain.people import SYSTEM
from bot.domain.request import Job, Request
from bot.domain.states import State
from bot.worker.holding import Holder
from bot.workflow.advance import Advance
from bot.workflow.expire import Expire
from bot.workflow.ports import Clock
from bot.workflow.reconcile import Reconcile
from bot.workflow.safety_backup import SafetyBackups
from bot.workflow.store_ports import Lease, Requests
from bot.workflow.submit import Submit

BATCH = 200
AT_ONCE = 8
"""Requests that are worked on side by side; the cloud's budget is the real limit."""
TRY_AGAIN = timedelta(seconds=10)
UNFORESEEN = "Something went wrong inside the bot; its log has the details."
Act = Callable[[Request, Lease], Awaitable[Request | None]]
ONE_BY_ONE = frozenset({State.APPROVED, State.BACKING_UP, State.SUBMITTING, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Steps:
    """Everything that is due at this moment."""

    requests: Requests
    clock: Clock
    holder: Holder
    submit: Submit
    backups: SafetyBackups
    reconcile: Reconcile
    advance: Advance
    expire: Expire
    lost: Callable[[Request, Conflict], None]
    """Told when somebody else was faster or a lease was lost: for the log."""
    broke: Callable[[str, Exception], None]
    """Told of an error that nobody foresaw, with the request id: for the log."""

    async def tick(self) -> None:
        """Do what is due, once. Services that do not answer are noted on the request and tried again later."""
        parts = (self._one_by_one(), self._restoring(), self._pending())
        _raise_first(await asyncio.gather(*parts, return_exceptions=True))

    async def _one_by_one(self) -> None:
        due = await self.requests.due(ONE_BY_ONE, self.clock.now(), BATCH)
        gate = asyncio.Semaphore(AT_ONCE)

        async def step(request: Request) -> None:
            async with gate:
                await self._step(request)

        # One that meets a silent database must not cut off the others, which may be in the middle of a call.
        _raise_first(await asyncio.gather(*(step(request) for request in due), return_exceptions=True))

    async def _step(self, request: Request) -> None:
        async with self.holder.hold(f"request:{request.id}") as lease:
            if lease is None:
                return
            # Read again under the lease: what was due a moment ago may have been done by its last holder.
            request = await self.requests.get(request.id)
            act = self._act(request)
            if act is not None:
                await self._guarded(request, lease, act)

    def _act(self, request: Request) -> Act | None:
        if request.act_at is None or request.act_at > self.clock.now():
            return None
        if request.state is State.BACKING_UP:
            done = request.backup is not None and request.backup.done
            return self.submit if done else self.backups.look
        if request.state is State.APPROVED:
            return self.submit
        return self.reconcile.look if request.state in (State.SUBMITTING, State.UNKNOWN) else None

    async def _guarded(self, request: Request, lease: Lease, act: Act) -> Request | None:
        """What `act` returns; None where it met an error, which is noted on the request."""
        try:
            return await act(request, lease)
        except Conflict as conflict:
            self.lost(request, conflict)
        except (Unavailable, Misconfigured, Refused) as error:
            await self._trouble(request, error, lease)
        except Exception as error:  # noqa: BLE001 - one request that cannot be handled must not stop all the others
            self.broke(request.id, error)
            await self._trouble(request, Unavailable("unforeseen", UNFORESEEN), lease)
        return None

    async def _restoring(self) -> None:
        due = await self.requests.due(frozenset({State.RESTORING}), self.clock.now(), BATCH * AT_ONCE)
        projects: dict[str, list[Request]] = defaultdict(list)
        for request in due:
            projects[request.wish.project].append(request)
        following = (self._follow(project, requests) for project, requests in projects.items())
        _raise_first(await asyncio.gather(*following, return_exceptions=True))

    async def _follow(self, project: str, due: list[Request]) -> None:
        async with self.holder.hold(f"project:{project}") as lease:
            if lease is None:
                return
            try:
                jobs = await self.advance.jobs(project, due)
            except (Unavailable, Misconfigured, Refused) as error:
                for request in due:
                    await self._trouble(request, error, lease)
                return
            await self._look_at_all(due, jobs, lease)

    async def _look_at_all(self, due: Sequence[Request], jobs: Mapping[str, Job], lease: Lease) -> None:
        look = partial(self.advance.look, jobs)
        later: list[Request] = []
        for request in due:
            if not self.holder.holds(lease):
                # A look asks the cloud before it writes, and only a write is fenced: the rest is for the next holder.
                self.lost(request, Conflict("lease_lost", f"{lease.owner} was held up with {lease.name}."))
                return
            seen = await self._guarded(request, lease, look)
            if seen is not None:
                later.append(seen)
        try:
            await self.advance.postpone(later, lease)
        except Conflict as conflict:
            self.lost(due[0], conflict)

    async def _pending(self) -> None:
        due = await self.requests.overdue(self.clock.now(), BATCH)
        if not due:
            return
        async with self.holder.hold("clock") as lease:
            if lease is None:
                return
            for request in due:
                try:
                    await self.expire(request, lease)
                except Conflict as conflict:
                    # The process was held up, and somebody else has the lease by now: the rest is theirs.
                    self.lost(request, conflict)
                    return

    async def _trouble(self, request: Request, error: BotError, lease: Lease) -> None:
        """Say once what hinders the request, and try again later."""
        now = self.clock.now()
        try:
            current = await self.requests.get(request.id)
            later = replace(current, act_at=now + TRY_AGAIN, trouble=error.message)
            news = current.trouble != error.message
            event = Event(Kind.TROUBLE, SYSTEM, now, {"why": error.message, "code": error.code})
            owed = [CARD, Owed(Note.THREAD, Milestone.TROUBLE, {"why": error.message})]
            await self.requests.change(current, later, [event] if news else [], owed if news else [], fence=lease, now=now)
        except Conflict as conflict:
            self.lost(request, conflict)


def _raise_first(results: Sequence[BaseException | None]) -> None:
    """The first error, once all have come to their end. One that nobody foresaw goes before a service that is silent."""
    errors = [each for each in results if each is not None]
    errors.sort(key=lambda error: isinstance(error, BotError))
    if errors:
        raise errors[0]
