"""From the last approval to the one recovery call.

Store the intent, commit, act, store the result. Winning the compare-and-swap into `submitting` gives the right to make one
call, in this activation only. Whoever finds `submitting` later may only look for evidence (`reconcile`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.errors import Unavailable
from bot.domain.events import CARD, Milestone, Note, Owed
from bot.domain.facts import Facts, changes, matters
from bot.domain.findings import blockers
from bot.domain.freeze import frozen
from bot.domain.people import SYSTEM, Unread
from bot.domain.permission import Groups, may_break_glass
from bot.domain.policy import Policy
from bot.domain.preflight import preflight
from bot.domain.quorum import quorum
from bot.domain.request import Job, JobStatus, Request
from bot.domain.states import State
from bot.workflow.access import Access
from bot.workflow.finish import finish, moved
from bot.workflow.look_up import facts_of
from bot.workflow.outcome import Accepted, NotSent, Outcome, Rejected
from bot.workflow.ports import Clock, Cloud, Policies, Wake
from bot.workflow.safety_backup import SafetyBackups
from bot.workflow.store_ports import Lease, Requests

SETTLING = ("BACKING UP",)
"""Statuses that a target leaves by itself after its safety backup."""
APPROVED_FOR = timedelta(minutes=30)
"""An approved request that could not be submitted for so long expires: the approval was given for the state of then."""
FIRST_POLL = timedelta(seconds=3)
"""A job can be seen only several seconds after the call ("Obtaining Information About a Task")."""
SEND_WITHIN = timedelta(minutes=1)
"""An intent is good for so long. Whoever finds it later gives it up in the end (`reconcile.LOOK_FOR`), and the target may
then have another request: a process that was frozen in between must not send any more."""
FIRST_EVIDENCE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Submit:
    """One activation for one request, under a lease."""

    requests: Requests
    cloud: Cloud
    access: Access
    policies: Policies
    clock: Clock
    backups: SafetyBackups
    wake: Wake
    holds: Callable[[Lease], bool]
    """Whether this process still holds the lease, as far as it knows without asking anybody."""

    async def __call__(self, request: Request, fence: Lease) -> Request:
        """Check again, back up the target if that is asked for, then make the call.

        Raises Unavailable while the facts cannot be read: nothing was sent, the request stays as it is.
        """
        if request.state is State.APPROVED and self._too_old(request):
            return await self._end(request, State.EXPIRED, "It could not be submitted in time.", fence)
        facts = await facts_of(self.cloud, self.clock, request.wish)
        if request.state is State.BACKING_UP and facts.target.status in SETTLING:
            return await self._wait(request, fence)
        void = await self._void(request, facts)
        if void is not None:
            return await self._invalidate(void, fence, request)
        request_now = replace(request, facts=facts, findings=preflight(request.wish, facts, self.clock.now()))
        if request.wish.safety_backup and request.backup is None:
            return await self.backups.start(request, request_now, fence)
        return await self._submit(request, request_now, fence)

    async def _void(self, request: Request, facts: Facts) -> Request | None:
        """The request with what voids its approvals, or None where they still hold."""
        policy = self.policies.of(request.wish.project, request.wish.target.name)
        changed = _differences(request, facts)
        found = preflight(request.wish, facts, self.clock.now())
        changed += tuple((finding.field, "allowed", finding.text) for finding in blockers(found))
        on = frozen(policy.freeze, self.clock.now()) if policy is not None and request.broken_glass is None else None
        if on is not None:
            changed += (("freeze", "none", on.words),)
        if not changed and not await self._allowed(request, policy, facts):
            changed = (("approvals", "enough", "too few people who approved may still do so"),)
        return replace(request, changed=changed) if changed else None

    async def _allowed(self, request: Request, policy: Policy | None, facts: Facts) -> bool:
        """Whether those who said yes may still do so, and said it to these facts."""
        wanted = request.wish.digest(facts)
        if request.broken_glass is not None:
            profile, groups = await self.access.of(policy, request.broken_glass.by)
            glass = may_break_glass(policy, profile, groups)
            return _told(groups, allowed=request.broken_glass.digest == wanted and glass.allowed)
        people = [approval.person for approval in request.approvals if approval.digest == wanted]
        profiles, groups = await self.access.of_all(policy, people)
        return _told(groups, allowed=quorum(policy, request.requester, profiles, groups).enough)

    async def _invalidate(self, void: Request, fence: Lease, before: Request) -> Request:
        now = self.clock.now()
        why = "What was approved no longer holds. Nothing was submitted."
        after, events, owed = finish(void, State.INVALIDATED, SYSTEM, now, why, changed=void.changed)
        return await self.requests.change(before, after, events, owed, fence=fence, now=now)

    async def _submit(self, before: Request, request: Request, fence: Lease) -> Request:
        now = self.clock.now()
        intent = replace(request, submitted_at=now, act_at=now, trouble=None).step(State.SUBMITTING)
        events = [moved(request, intent, SYSTEM, now)]
        owed = [CARD, Owed(Note.THREAD, Milestone.SUBMITTED)]
        intent = await self.requests.change(before, intent, events, owed, fence=fence, now=now)
        # The call may take a while; people should see meanwhile that it is on its way.
        self.wake()
        outcome = await self.cloud.recover(intent.wish.project, intent.wish, lambda: self._may_send(now, fence))
        return await self._store(intent, outcome, fence)

    def _may_send(self, intended_at: datetime, fence: Lease) -> bool:
        return self.clock.now() < intended_at + SEND_WITHIN and self.holds(fence)

    async def _store(self, intent: Request, outcome: Outcome, fence: Lease) -> Request:
        now = self.clock.now()
        code = ""
        owed: tuple[Owed, ...] = (CARD,)
        if isinstance(outcome, Accepted):
            job = Job(outcome.id, JobStatus.RUNNING)
            after = replace(intent, job=job, act_at=now + FIRST_POLL, progress_at=now).step(State.RESTORING)
        elif isinstance(outcome, Rejected | NotSent):
            return await self._end(intent, State.FAILED, outcome.error.message, fence, outcome.error.code)
        else:
            code, why = outcome.error.code, outcome.error.message
            after = replace(intent, act_at=now + FIRST_EVIDENCE, trouble=why)
            owed = (CARD, Owed(Note.THREAD, Milestone.TROUBLE, {"why": why}))
        events = [moved(intent, after, SYSTEM, now, code=code)]
        return await self.requests.change(intent, after, events, owed, fence=fence, now=now)

    async def _wait(self, request: Request, fence: Lease) -> Request:
        now = self.clock.now()
        after = replace(request, act_at=now + FIRST_POLL)
        return await self.requests.change(request, after, [], fence=fence, now=now)

    async def _end(self, request: Request, state: State, why: str, fence: Lease, code: str = "") -> Request:
        now = self.clock.now()
        after, events, owed = finish(request, state, SYSTEM, now, f"{why} Nothing was changed.", code)
        return await self.requests.change(request, after, events, owed, fence=fence, now=now)

    def _too_old(self, request: Request) -> bool:
        return request.approved_at is not None and self.clock.now() - request.approved_at > APPROVED_FOR


def _differences(request: Request, facts: Facts) -> tuple[tuple[str, str, str], ...]:
    """How the facts differ from those that the last approver saw."""
    given = request.broken_glass or (request.approvals[-1] if request.approvals else None)
    saw = given.saw if given is not None else matters(request.facts, request.wish.point)
    return tuple((change.name, change.before, change.now) for change in changes(saw, matters(facts, request.wish.point)))


def _told(groups: Groups, *, allowed: bool) -> bool:
    """A no is only a no if Slack told who is in the groups. Raises Unavailable otherwise: the request waits."""
    unread = [members.why for members in groups.values() if isinstance(members, Unread)]
    if not allowed and unread:
        raise Unavailable("group_unreadable", f"Slack did not tell who belongs to the approvers' groups: {unread[0]}")
    return allowed
