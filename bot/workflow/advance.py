"""Follows the cloud's jobs to their end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.errors import Unavailable
from bot.domain.events import CARD, Event, Kind, Milestone, Note, Owed
from bot.domain.people import SYSTEM
from bot.domain.progress import passed, pause
from bot.domain.request import Job, JobStatus, Request
from bot.domain.states import State
from bot.workflow.finish import finish, moved
from bot.workflow.ports import Clock, Cloud
from bot.workflow.store_ports import Lease, Requests

READY = ("ACTIVE", "BACKING UP")
"""A restored instance takes connections in these; a full backup follows a restore by itself."""
VANISHED_AFTER = timedelta(hours=24)
"""A job that has not been shown for so long will not be shown any more."""
STUCK_AFTER = timedelta(minutes=15)
"""Without any progress for so long, people are told."""


@dataclass(frozen=True, slots=True)
class Advance:
    """Looks at the due restores of one project: one reading of jobs, whatever their number, then each request by itself."""

    requests: Requests
    cloud: Cloud
    clock: Clock
    poll_every: timedelta

    async def jobs(self, project: str, due: Sequence[Request]) -> Mapping[str, Job]:
        """The jobs of the requests by id, as the cloud shows them now. Raises Unavailable while it says nothing."""
        return await self.cloud.jobs(project, [request.job.id for request in due if request.job is not None])

    async def look(self, jobs: Mapping[str, Job], request: Request, fence: Lease) -> Request | None:
        """Store what the cloud says of this one; the request with its next look where that is nothing new: most looks are
        such, so they are stored together by `postpone`. Raises Conflict `stale` or `lease_lost`, Unavailable."""
        now = self.clock.now()
        job = jobs.get(request.job.id) if request.job is not None else None
        if job is not None and job.status is JobStatus.FAILED:
            why = f"The cloud's job failed: {job.reason or 'it gave no reason.'}"
            after, events, owed = finish(request, State.FAILED, SYSTEM, now, why, "job_failed", job=job, progress_at=now)
            await self.requests.change(request, after, events, owed, fence=fence, now=now)
        elif job is not None and job.status is JobStatus.COMPLETED and await self._ready(request):
            done = replace(job, percent=100)
            after, events, owed = finish(
                request,
                State.SUCCEEDED,
                SYSTEM,
                now,
                job=done,
                progress_at=now,
                databases_after=await self._databases(request),
            )
            await self.requests.change(request, after, events, owed, fence=fence, now=now)
        else:
            return await self._go_on(request, job, now, fence)
        return None

    async def postpone(self, nothing_new: Sequence[Request], fence: Lease) -> None:
        """Store the next looks. Raises Conflict `lease_lost`."""
        if nothing_new:
            await self.requests.postpone(nothing_new, fence, self.clock.now())

    async def _ready(self, request: Request) -> bool:
        """The job alone may say "done" too early; the instance must be back as well. A silent cloud counts as not yet."""
        try:
            target = await self.cloud.instance(request.wish.project, request.wish.target.id)
        except Unavailable:
            return False
        return target is not None and target.status in READY

    async def _databases(self, request: Request) -> tuple[str, ...] | None:
        """What is on the target now. It is said if it can be had; the end of a restore does not wait for it."""
        try:
            found = await self.cloud.databases(request.wish.project, request.wish.target.id)
        except Unavailable:
            return None
        return None if found is None else tuple(found)

    async def _at_rest(self, request: Request) -> bool:
        """Whether the instance is neither restoring nor anything else that will end by itself."""
        target = await self.cloud.instance(request.wish.project, request.wish.target.id)
        return target is None or target.status in READY

    async def _give_up(self, request: Request, now: datetime, fence: Lease) -> None:
        """The cloud shows the job no more (it keeps them for a month): how it ended is for people to say."""
        why = "The cloud no longer shows the job, so nobody can say from here how it ended."
        after = replace(request, act_at=None, trouble=why).step(State.UNKNOWN)
        owed = [CARD, Owed(Note.THREAD, Milestone.STUCK, {"why": why})]
        events = [moved(request, after, SYSTEM, now, why)]
        await self.requests.change(request, after, events, owed, fence=fence, now=now)

    async def _go_on(self, request: Request, job: Job | None, now: datetime, fence: Lease) -> Request | None:
        events: list[Event] = []
        owed: list[Owed] = []
        if job is None and _vanished(request, now) and await self._at_rest(request):
            await self._give_up(request, now, fence)
            return None
        after = replace(request, act_at=now + pause(replace(request, job=job or request.job), now, self.poll_every))
        if job is not None and job != request.job:
            mark = passed(request.milestone, job.percent or 0)
            after = replace(after, job=job, progress_at=now, trouble=None, milestone=mark or request.milestone)
            owed.append(CARD)
            if mark is not None:
                events.append(Event(Kind.PROGRESS, SYSTEM, now, {"percent": str(mark)}))
                owed.append(Owed(Note.THREAD, Milestone.PROGRESS, {"percent": str(mark)}))
        elif _stuck(request, now):
            minutes = int(STUCK_AFTER.total_seconds() // 60)
            why = f"The cloud has shown no progress for {minutes} minutes."
            after = replace(after, trouble=why)
            events.append(Event(Kind.TROUBLE, SYSTEM, now, {"why": why, "code": "job_stuck"}))
            owed += [CARD, Owed(Note.THREAD, Milestone.STUCK, {"why": why})]
        else:
            return after
        await self.requests.change(request, after, events, owed, fence=fence, now=now)
        return None


def _vanished(request: Request, now: datetime) -> bool:
    return request.progress_at is not None and now - request.progress_at > VANISHED_AFTER


def _stuck(request: Request, now: datetime) -> bool:
    return request.trouble is None and request.progress_at is not None and now - request.progress_at > STUCK_AFTER
