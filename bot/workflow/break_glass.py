"""Break-glass: where nobody can approve and waiting costs more, a person whom the policy lists starts the restore alone.

It is no approval: a verb of its own, with a reason, announced at once, and to be signed off by somebody else afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.domain.errors import BotError, Conflict, Refused
from bot.domain.events import CARD, Event, Kind, Milestone, Note, Owed
from bot.domain.facts import digest
from bot.domain.people import Person
from bot.domain.permission import may_break_glass, may_review
from bot.domain.policy import Policy
from bot.domain.request import BrokenGlass, Request
from bot.domain.states import State
from bot.workflow.access import Access
from bot.workflow.confirming import name_is_right
from bot.workflow.finish import moved
from bot.workflow.ports import Clock, Policies, Wake
from bot.workflow.refusing import recorded, too_late
from bot.workflow.store_ports import Requests

VERB, REVIEW = "break_glass", "review_break_glass"


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """Every method checks the person's right on fresh data; a refused or late click is recorded and answered."""

    requests: Requests
    access: Access
    policies: Policies
    clock: Clock
    wake: Wake

    async def may(self, request_id: str, person: Person) -> Request:
        """The pending request, if this person may start it alone. Raises Refused or Conflict, recorded."""
        request = await self.requests.get(request_id)
        await self._check(request, person)
        return request

    async def start(self, request_id: str, person: Person, saw: Mapping[str, str], typed: str, reason: str) -> Request:
        """Start the restore without the approvals, bound to the facts `saw`.

        Raises Refused `wrong_name` (field `confirm_target`) as an approval does, Refused `no_reason` (field `reason`).
        """
        while True:
            request = await self.requests.get(request_id)
            policy = await self._check(request, person)
            name_is_right(policy, request, typed)
            if not reason.strip():
                raise Refused("no_reason", "Say why the restore cannot wait for the approvals.", field="reason")
            try:
                return await self._store(request, person, saw, reason)
            except Conflict as conflict:
                if conflict.code != "stale":
                    raise

    async def sign_off(self, request_id: str, person: Person) -> Request:
        """Somebody else has looked at it. Raises Refused or Conflict, recorded."""
        while True:
            request = await self.requests.get(request_id)
            glass = request.broken_glass
            if glass is None or not request.awaits_review:
                error = Conflict("nothing_to_review", f"Request {request.id} has nothing (any more) to sign off.")
                raise await self._refuse(request, person, REVIEW, error)
            policy = self._policy(request)
            profile, groups = await self.access.of(policy, person)
            verdict = may_review(policy, request.requester, glass.by, person, profile, groups)
            if not verdict.allowed:
                raise await self._refuse(request, person, REVIEW, Refused(verdict.code, verdict.why))
            now = self.clock.now()
            after = replace(request, broken_glass=replace(glass, reviewed_by=person, reviewed_at=now), remind_at=None)
            said = Owed(Note.THREAD, Milestone.REVIEWED, {"user": person.user})
            try:
                return await self._keep(request, after, Event(Kind.REVIEWED, person, now), said)
            except Conflict as conflict:
                if conflict.code != "stale":
                    raise

    async def _store(self, request: Request, person: Person, saw: Mapping[str, str], reason: str) -> Request:
        now = self.clock.now()
        glass = BrokenGlass(person, now, reason, digest(request.wish.essentials(), saw), dict(saw))
        after = replace(request, broken_glass=glass, approved_at=now, act_at=now, remind_at=None, escalate_at=None)
        after = after.step(State.APPROVED)
        broke = Event(Kind.BROKE_GLASS, person, now, {"reason": reason, "digest": glass.digest})
        said = Owed(Note.THREAD, Milestone.BROKE_GLASS, {"user": person.user, "reason": reason})
        stored = await self.requests.change(request, after, [broke, moved(request, after, person, now)], [CARD, said])
        self.wake()
        return stored

    async def _keep(self, before: Request, after: Request, event: Event, said: Owed) -> Request:
        stored = await self.requests.change(before, after, [event], [CARD, said])
        self.wake()
        return stored

    async def _check(self, request: Request, person: Person) -> Policy | None:
        if request.state is not State.PENDING:
            raise await self._refuse(request, person, VERB, too_late(request))
        if request.expires_at <= self.clock.now():
            raise await self._refuse(request, person, VERB, Conflict("expired", f"Request {request.id} has expired."))
        policy = self._policy(request)
        profile, groups = await self.access.of(policy, person)
        verdict = may_break_glass(policy, profile, groups)
        if not verdict.allowed:
            raise await self._refuse(request, person, VERB, Refused(verdict.code, verdict.why))
        return policy

    async def _refuse(self, request: Request, person: Person, verb: str, error: BotError) -> BotError:
        return await recorded(self.requests, self.clock, request, person, verb, error)

    def _policy(self, request: Request) -> Policy | None:
        return self.policies.of(request.wish.project, request.wish.target.name)
