"""A second person decides: approve what was seen, or deny with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.domain.errors import BotError, Conflict, Refused
from bot.domain.events import CARD, Event, Kind, Milestone, Note, Owed
from bot.domain.facts import FactChange, Facts, changes, digest, matters
from bot.domain.findings import Finding
from bot.domain.freeze import frozen
from bot.domain.people import Person, Profile
from bot.domain.permission import Groups, may_approve
from bot.domain.policy import Policy
from bot.domain.preflight import preflight
from bot.domain.quorum import quorum
from bot.domain.request import Approval, Request
from bot.domain.states import State
from bot.workflow.access import Access
from bot.workflow.confirming import name_is_right
from bot.workflow.finish import finish, moved
from bot.workflow.look_up import facts_of
from bot.workflow.ports import Clock, Cloud, Policies, Wake
from bot.workflow.refusing import recorded, too_late
from bot.workflow.store_ports import Requests


@dataclass(frozen=True, slots=True)
class Review:
    """What the approver is shown: the facts as they are now, and what changed since the request was made."""

    request: Request
    policy: Policy | None
    facts: Facts
    findings: tuple[Finding, ...]
    changed: tuple[FactChange, ...]

    @property
    def saw(self) -> dict[str, str]:
        """The facts that matter, as shown; an approval is bound to them."""
        return matters(self.facts, self.request.wish.point)


@dataclass(frozen=True, slots=True)
class Decide:
    """Every method checks the person's right on fresh data; a refused or late click is recorded and answered."""

    requests: Requests
    cloud: Cloud
    access: Access
    policies: Policies
    clock: Clock
    wake: Wake

    async def may(self, request_id: str, person: Person, verb: str) -> Request:
        """The pending request, if this person may decide on it. Raises Refused or Conflict, recorded."""
        request = await self.requests.get(request_id)
        await self._check(request, person, verb)
        return request

    async def review(self, request: Request) -> Review:
        """Read the facts again for the approver."""
        facts = await facts_of(self.cloud, self.clock, request.wish)
        point = request.wish.point
        return Review(
            request=request,
            policy=self._policy(request),
            facts=facts,
            findings=preflight(request.wish, facts, self.clock.now()),
            changed=changes(matters(request.facts, point), matters(facts, point)),
        )

    async def approve(self, request_id: str, person: Person, saw: Mapping[str, str], typed: str) -> Request:
        """One person's yes, bound to the facts `saw`. The last one that is needed sets the restore going.

        Raises Refused `wrong_name` (field `confirm_target`) if the policy wants the target's name typed and it differs.
        """
        while True:
            request = await self.requests.get(request_id)
            policy, known = await self._check(request, person, "approve")
            name_is_right(policy, request, typed)
            try:
                return await self._store(request, policy, person, saw, known)
            except Conflict as conflict:
                if conflict.code != "stale":
                    raise

    async def deny(self, request_id: str, person: Person, reason: str) -> Request:
        """One person's no: it ends the request."""
        while True:
            request = await self.requests.get(request_id)
            await self._check(request, person, "deny")
            denied, events, owed = finish(request, State.DENIED, person, self.clock.now(), reason)
            try:
                stored = await self.requests.change(request, denied, events, owed)
            except Conflict as conflict:
                if conflict.code != "stale":
                    raise
                continue
            self.wake()
            return stored

    async def _store(
        self, request: Request, policy: Policy | None, person: Person, saw: Mapping[str, str], known: tuple[Profile, Groups]
    ) -> Request:
        """`known` was read for this click, so only those who approved before are still to be looked up."""
        now = self.clock.now()
        approval = Approval(person, now, digest(request.wish.essentials(), saw), dict(saw))
        approvals = (*request.approvals, approval)
        profile, groups = known
        profiles = await self.access.profiles([each.person for each in request.approvals]) | {person: profile}
        same = {each.person: profiles[each.person] for each in approvals if each.digest == approval.digest}
        stand = quorum(policy, request.requester, same, groups)
        counted = str(stand.counted)
        event = Event(Kind.APPROVED_BY, person, now, {"digest": approval.digest, "counted": counted})
        said = Owed(Note.THREAD, Milestone.APPROVED_BY, {"user": person.user, "counted": counted})
        after, events, owed = replace(request, approvals=approvals, still_needed=stand.still), [event], [said]
        if stand.enough:
            after = replace(after, approved_at=now, act_at=now, remind_at=None, escalate_at=None).step(State.APPROVED)
            events.append(moved(request, after, person, now))
        stored = await self.requests.change(request, after, events, [CARD, *owed])
        self.wake()
        return stored

    async def _check(self, request: Request, person: Person, verb: str) -> tuple[Policy | None, tuple[Profile, Groups]]:
        policy = self._policy(request)
        if request.state is not State.PENDING:
            raise await self._refuse(request, person, verb, too_late(request))
        if request.expires_at <= self.clock.now():
            raise await self._refuse(request, person, verb, Conflict("expired", f"Request {request.id} has expired."))
        profile, groups = await self.access.of(policy, person)
        verdict = may_approve(policy, request.requester, person, profile, groups)
        if not verdict.allowed:
            raise await self._refuse(request, person, verb, Refused(verdict.code, verdict.why))
        on = frozen(policy.freeze, self.clock.now()) if policy is not None and verb == "approve" else None
        if on is not None:
            raise await self._refuse(request, person, verb, Refused("frozen", on.words))
        if verb == "approve" and any(approval.person == person for approval in request.approvals):
            again = Refused("already_approved", "You have already approved this restore. Somebody else's yes is missing.")
            raise await self._refuse(request, person, verb, again)
        return policy, (profile, groups)

    async def _refuse(self, request: Request, person: Person, verb: str, error: BotError) -> BotError:
        return await recorded(self.requests, self.clock, request, person, verb, error)

    def _policy(self, request: Request) -> Policy | None:
        return self.policies.of(request.wish.project, request.wish.target.name)
