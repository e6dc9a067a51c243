"""The recovery call may or may not have been carried out: look for evidence, never send again, else let a person decide."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.errors import BotError, Refused
from bot.domain.events import CARD, Milestone, Note, Owed
from bot.domain.facts import BackupPoint
from bot.domain.people import SYSTEM, Person
from bot.domain.permission import may_approve
from bot.domain.request import Job, Request, Wish
from bot.domain.states import State
from bot.workflow.access import Access
from bot.workflow.finish import finish, moved
from bot.workflow.outcome import Restored, Task
from bot.workflow.ports import Clock, Cloud, Policies
from bot.workflow.refusing import recorded, too_late
from bot.workflow.store_ports import Lease, Requests

SKEW = timedelta(minutes=2)
"""How far the cloud's clock may be behind ours: a task that began so much before our call may still be ours."""
TAKEN_WITHIN = timedelta(minutes=3)
"""How long after our intent the cloud may have begun with it. A task that began later is somebody else's."""
LOOK_FOR = timedelta(minutes=3)
"""How long evidence may take to appear before a person is asked."""
LOOK_EVERY = timedelta(seconds=5)
LOOK_SELDOM = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Evidence is a restore task of the target that began with our call and belongs to no other request.

    Whether the task list may name the source instead is not documented: a person who says that the restore is running may
    adopt such a task, the worker by itself may not, since it could be somebody else's restore of the source.
    """

    requests: Requests
    cloud: Cloud
    access: Access
    policies: Policies
    clock: Clock

    async def look(self, request: Request, fence: Lease) -> Request:
        """One look by the worker, in state `submitting` or `unknown`: adopt the job that is found, else go on looking; after
        `LOOK_FOR` the state becomes `unknown` and people are asked."""
        now = self.clock.now()
        task = await self._evidence(request, request.wish.target.id)
        if task is not None:
            return await self._adopt(request, task.job, SYSTEM, fence)
        if request.state is State.UNKNOWN:
            return await self._later(request, LOOK_SELDOM, fence)
        if now - request.since < LOOK_FOR:
            return await self._later(request, LOOK_EVERY, fence)
        after = replace(request, act_at=now + LOOK_SELDOM).step(State.UNKNOWN)
        owed = [CARD, Owed(Note.THREAD, Milestone.UNKNOWN)]
        return await self.requests.change(request, after, [moved(request, after, SYSTEM, now)], owed, fence=fence, now=now)

    async def follow(self, request_id: str, person: Person) -> Request:
        """A person says that the restore is running. Raises Refused `no_evidence` if the cloud shows no such task."""
        request = await self._judged(request_id, person, "adopt_job")
        if request.job is not None:
            return await self._close(request, request.job, person)
        wish = request.wish
        task = await self._evidence(request, wish.target.id) or await self._evidence(request, wish.source.id)
        if task is None:
            raise await self._refuse(
                request,
                person,
                "adopt_job",
                Refused("no_evidence", "The cloud shows no restore task for this target yet. Try again in a minute."),
            )
        return await self._adopt(request, task.job, person)

    async def _close(self, request: Request, job: Job, person: Person) -> Request:
        """The job had been followed and is shown no more: a person says that it did its work."""
        target = await self.cloud.instance(request.wish.project, request.wish.target.id)
        if target is None or target.status != "ACTIVE":
            status = "gone" if target is None else target.status
            error = Refused("target_not_ready", f"The target is {status}, so the restore cannot be called done.")
            raise await self._refuse(request, person, "adopt_job", error)
        now = self.clock.now()
        after, events, owed = finish(request, State.SUCCEEDED, person, now, "Somebody checked: it is done.", job=job)
        return await self.requests.change(request, after, events, owed)

    async def declare_failed(self, request_id: str, person: Person) -> Request:
        """A person says that the restore never started: the request ends, the target is free for a new one."""
        request = await self._judged(request_id, person, "declare_failed")
        now = self.clock.now()
        after, events, owed = finish(request, State.FAILED, person, now, _never(request))
        return await self.requests.change(request, after, events, owed)

    async def _evidence(self, request: Request, instance_id: str) -> Task | None:
        """The restore task of the instance that can be ours and began nearest to our call, read now."""
        project = request.wish.project
        known = await self.requests.jobs_in_use(project)
        tasks = await self.cloud.restore_tasks(project, instance_id) or ()
        ours = [
            task
            for task in tasks
            if task.job.id not in known and _in_time(task, request) and _may_be(task.restored, request.wish)
        ]
        return min(ours, key=lambda task: abs(task.created_at - request.since), default=None)

    async def _adopt(self, request: Request, job: Job, by: Person, fence: Lease | None = None) -> Request:
        now = self.clock.now()
        after = replace(request, job=job, act_at=now, progress_at=now, trouble=None).step(State.RESTORING)
        owed = [CARD, Owed(Note.THREAD, Milestone.ADOPTED)]
        events = [moved(request, after, by, now)]
        return await self.requests.change(request, after, events, owed, fence=fence, now=now if fence else None)

    async def _later(self, request: Request, wait: timedelta, fence: Lease) -> Request:
        now = self.clock.now()
        return await self.requests.change(request, replace(request, act_at=now + wait), [], fence=fence, now=now)

    async def _judged(self, request_id: str, person: Person, verb: str) -> Request:
        request = await self.requests.get(request_id)
        if request.state is not State.UNKNOWN:
            raise await self._refuse(request, person, verb, too_late(request))
        policy = self.policies.of(request.wish.project, request.wish.target.name)
        profile, groups = await self.access.of(policy, person)
        verdict = may_approve(policy, request.requester, person, profile, groups)
        if not verdict.allowed:
            raise await self._refuse(request, person, verb, Refused(verdict.code, verdict.why))
        return request

    async def _refuse(self, request: Request, person: Person, verb: str, error: BotError) -> BotError:
        return await recorded(self.requests, self.clock, request, person, verb, error)


def _never(request: Request) -> str:
    return "Somebody checked: it never started." if request.job is None else "Somebody checked: it did not work."


def _in_time(task: Task, request: Request) -> bool:
    return request.since - SKEW <= task.created_at <= request.since + TAKEN_WITHIN + SKEW


def _may_be(restored: Restored | None, wish: Wish) -> bool:
    """Whether a task restores what was asked for, as far as the cloud tells."""
    if restored is None:
        return True
    backup_id = wish.point.backup_id if isinstance(wish.point, BackupPoint) else None
    pairs = ((restored.source_id, wish.source.id), (restored.target_id, wish.target.id), (restored.backup_id, backup_id))
    return all(told is None or told == wanted for told, wanted in pairs)
