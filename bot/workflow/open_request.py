"""A restore is asked for: check it, show what it means, then put it on record."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.errors import Conflict, Refused
from bot.domain.events import CARD, Event, Kind, Milestone, Note, Owed
from bot.domain.facts import BackupPoint, Facts, TimePoint
from bot.domain.findings import Finding, Severity
from bot.domain.freeze import frozen
from bot.domain.people import Person, Place
from bot.domain.permission import may_ask
from bot.domain.policy import Policy, SafetyBackup
from bot.domain.preflight import preflight
from bot.domain.request import InstanceRef, Request, Wish
from bot.domain.states import LIVE, State
from bot.workflow.access import Access
from bot.workflow.look_up import read_facts
from bot.workflow.ports import Clock, Cloud, Ids, Policies, Wake
from bot.workflow.store_ports import Drafts, Filter, Requests

MANY = 1000


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form holds. Exactly one of `backup_id` and `at` is given."""

    project: str
    source_id: str
    target_id: str
    reason: str
    backup_id: str | None = None
    at: datetime | None = None
    databases: Mapping[str, str] | None = None
    safety_backup: bool = False


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """Two steps: `check` reads the facts and keeps a draft; `confirm` turns the draft into a request."""

    requests: Requests
    drafts: Drafts
    cloud: Cloud
    access: Access
    policies: Policies
    clock: Clock
    ids: Ids
    wake: Wake

    async def check(self, draft: Draft, requester: Person, place: Place, execution: str | None = None) -> Request:
        """Read the facts, run the preflight and keep a draft request, which nobody sees yet. `execution` is the step of a
        workflow that waits for the end.

        The answer's findings may hold blockers: then the form says so and there is nothing to confirm.
        Raises Refused (with the field at fault) where the policy does not allow it or an instance is gone.
        """
        facts = await read_facts(self.cloud, self.clock, draft.project, draft.source_id, draft.target_id, _choice(draft))
        policy = await self._allowed(draft.project, facts.target.name, requester, place)
        now = self.clock.now()
        wish = _wish(draft, facts, policy)
        request = Request(
            id=self.ids.new(),
            wish=wish,
            requester=requester,
            place=place,
            facts=facts,
            findings=(*preflight(wish, facts, now), *_freeze(policy, now)),
            state=State.PENDING,
            opened_at=now,
            expires_at=now + policy.pending_for,
            remind_at=now + policy.remind_every,
            escalate_at=_escalate_at(policy, now),
            execution=execution,
        )
        await self._target_is_free(request)
        await self.drafts.keep(request, now)
        return request

    async def confirm(self, request_id: str, requester: Person) -> Request:
        """Put the drafted request on record. Confirming twice gives the same request.

        Raises Conflict `target_held`; Refused `no_such_draft` where the draft is gone or is not this person's.
        """
        drafted = await self.drafts.get(request_id)
        if drafted is None or drafted.requester != requester:
            raise Refused("no_such_draft", "This form is too old. Please start again with /rds-restore.")
        policy = await self._allowed(drafted.wish.project, drafted.wish.target.name, requester, drafted.place)
        now = self.clock.now()
        request = replace(
            drafted,
            opened_at=now,
            expires_at=now + policy.pending_for,
            remind_at=now + policy.remind_every,
            escalate_at=_escalate_at(policy, now),
        )
        asked = Event(Kind.REQUESTED, requester, now, {"reason": request.wish.reason, **request.wish.essentials()})
        try:
            await self.requests.add(request, [asked], [CARD, Owed(Note.THREAD, Milestone.REQUESTED)])
        except Conflict:
            # Either rule of the database may speak first; a second press of the same button is no conflict.
            holder = await self.requests.live_on(request.wish.project, request.wish.target.id)
            if holder is None:
                raise
            if holder.id != request_id:
                raise Conflict("target_held", _held_by(holder), request_id=holder.id) from None
            return holder
        self.wake()
        return request

    async def _allowed(self, project: str, target_name: str, requester: Person, place: Place) -> Policy:
        policy = self.policies.of(project, target_name)
        profile, groups = await self.access.of(policy, requester)
        verdict = may_ask(policy, place.channel, profile, groups)
        if policy is None or not verdict.allowed:
            raise Refused(verdict.code, verdict.why, field="target")
        on = frozen(policy.freeze, self.clock.now())
        if on is not None and not policy.break_glass:
            raise Refused("frozen", on.words, field="target")
        await self._not_too_many(policy, requester)
        return policy

    async def _not_too_many(self, policy: Policy, requester: Person) -> None:
        if policy.max_live_per_person is None:
            return
        live = await self.requests.find(Filter(states=LIVE, requester=requester, limit=MANY))
        same = [each.id for each in live if self.policies.of(each.wish.project, each.wish.target.name) == policy]
        if len(same) >= policy.max_live_per_person:
            raise Refused(
                "too_many_requests",
                f"You already have {len(same)} unfinished requests here ({', '.join(same)}); more are not allowed at once.",
                field="target",
            )

    async def _target_is_free(self, request: Request) -> None:
        holder = await self.requests.live_on(request.wish.project, request.wish.target.id)
        if holder is not None:
            raise Refused("target_held", _held_by(holder), field="target", request_id=holder.id)


def _freeze(policy: Policy, now: datetime) -> tuple[Finding, ...]:
    """A freeze, where the policy has a way around it: the request may be made, and waits."""
    on = frozen(policy.freeze, now)
    if on is None:
        return ()
    return (Finding("freeze", Severity.WARNING, f"{on.words} Only a break-glass can start it before.", "target"),)


def _escalate_at(policy: Policy, now: datetime) -> datetime | None:
    return now + policy.escalate_after if policy.escalate_to else None


def _held_by(holder: Request) -> str:
    state = holder.state.value.replace("_", " ")
    return (
        f"Request {holder.id} holds the target {holder.wish.target.name}; it is {state}. "
        "Wait until it is done, or have it cancelled."
    )


def _choice(draft: Draft) -> TimePoint | str:
    if draft.at is not None:
        return TimePoint(draft.at)
    if draft.backup_id is None:
        raise Refused("no_backup", "Choose a backup.", field="backup")
    return draft.backup_id


def _wish(draft: Draft, facts: Facts, policy: Policy) -> Wish:
    wanted = policy.safety_backup is SafetyBackup.REQUIRED or (
        policy.safety_backup is SafetyBackup.OFFERED and draft.safety_backup
    )
    return Wish(
        project=draft.project,
        source=InstanceRef(facts.source.id, facts.source.name),
        target=InstanceRef(facts.target.id, facts.target.name),
        point=_point(draft, facts),
        reason=draft.reason,
        databases=draft.databases,
        safety_backup=wanted,
    )


def _point(draft: Draft, facts: Facts) -> BackupPoint | TimePoint:
    if draft.at is not None:
        return TimePoint(draft.at)
    if facts.backup is None:
        raise Refused("cloud.no_such_backup", f"{facts.source.name} has no such backup.", field="backup")
    return BackupPoint(facts.backup.id, facts.backup.name, facts.backup.ended_at or facts.backup.began_at)
