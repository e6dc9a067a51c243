"""What must hold: while the run goes on, and when everything has become quiet."""

import json
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.domain.events import Milestone, Note
from bot.domain.facts import digest
from bot.domain.policy import SafetyBackup
from bot.domain.request import Request
from bot.domain.states import FINAL, State, may_follow
from bot.store.audit import SqlAudit
from bot.store.codec import moment
from bot.store.requests import SqlRequests
from bot.workflow.reconcile import SKEW, TAKEN_WITHIN
from bot.workflow.store_ports import Lease
from tests.simulation.cloud import CloudModel, Work
from tests.simulation.database import HELD, Memory, PlainStore, at_once, taken_over
from tests.simulation.people import Click
from tests.simulation.process import Process
from tests.simulation.replica import LEASE, FixedPolicies
from tests.simulation.slack import SlackModel, essence
from tests.simulation.trace import Trace

CLOCKS = timedelta(seconds=10)
"""How far the replicas' clocks are from the truth, at most."""
NOTHING_SUBMITTED = frozenset({State.DENIED, State.CANCELLED, State.EXPIRED, State.INVALIDATED})


@dataclass
class Rules:
    """The invariants, and the truth that they are held against."""

    trace: Trace
    memory: Memory
    cloud: CloudModel
    slack: SlackModel
    policies: FixedPolicies
    clicks: list[Click]

    def __post_init__(self) -> None:
        self._store = PlainStore(self.memory)
        self._requests = SqlRequests(self._store)

    def request(self, request_id: str) -> Request:
        """What is stored."""
        return at_once(self._requests.get(request_id))

    def about_to_recover(self, process: Process, reason: str) -> None:
        """A process is about to make the recovery call."""
        request = self.request(self._id_of(reason))
        lease, since = HELD.get({}).get(f"request:{request.id}", (None, 0.0))
        self._not_late(process, lease, f"the recovery call of {request.id}")
        self._allowed(request, since)
        self._backed_up(request)
        self._facts_hold(request, since)

    def about_to_speak(self, process: Process, what: str) -> None:
        """A process is about to send a message."""
        lease, _ = HELD.get({}).get("outbox", (None, 0.0))
        if lease is None or not self._taken_too_early(process, lease):
            self._not_late(process, lease, f"the message {what}")

    def at_the_end(self) -> None:
        """Everything is quiet."""
        requests = [self.request(row[0]) for row in self.memory.all("SELECT id FROM requests ORDER BY id")]
        for request in requests:
            self._finished(request)
            self._true(request)
            self._clicked(request)
            self._one_story(request)
            self._said(request)
            self._card_is_right(request)
        self._one_call_each()
        tampering = at_once(SqlAudit(self._store).verify())
        if tampering is not None:
            self.trace.violated(f"the audit log is broken: entry {tampering.seq} {tampering.why}")
        open_rows = self.memory.all("SELECT request_id, note, milestone FROM outbox WHERE settled_at IS NULL")
        if open_rows:
            self.trace.violated(f"messages are still owed: {open_rows}")

    def _not_late(self, process: Process, lease: Lease | None, what: str) -> None:
        if lease is None:
            self.trace.violated(f"{process.name} makes {what} without a lease")
        elif taken_over(self.memory, lease):
            self.trace.violated(f"{process.name} makes {what} after somebody took {lease.name} over")

    def _taken_too_early(self, process: Process, lease: Lease) -> bool:
        """Whether the new holder's clock has jumped further ahead than a lease can stand. Then the old holder cannot know
        that its lease is gone, and no write fences what is said in Slack."""
        row = self.memory.one("SELECT until FROM leases WHERE name = ?", lease.name)
        if row is None or row[0] == 0:
            return False
        ahead = moment(row[0]) - LEASE - process.clock.now()
        return ahead > LEASE / 3

    def _allowed(self, request: Request, since: float) -> None:
        policy = self.policies.of(request.wish.project, request.wish.target.name)
        if policy is None:
            self.trace.violated(f"{request.id} is submitted without a policy")
            return
        now = self.trace.time()
        if request.broken_glass is not None:
            by = request.broken_glass.by.user
            if not self._clicked_rightly(request, by, "break_glass", policy.break_glass):
                self.trace.violated(f"{by} broke the glass of {request.id} without the right")
            return
        names = policy.everybody_who_approves
        newest = request.approvals[-1].digest if request.approvals else None
        counted = {
            each.person.user
            for each in request.approvals
            if each.digest == newest == digest(request.wish.essentials(), each.saw)
            and each.person.user != request.requester.user
            and self._clicked_rightly(request, each.person.user, "approve", names)
            and self.slack.was_allowed(each.person.user, names, since, now)
        }
        if len(counted) < policy.approvals:
            self.trace.violated(f"{request.id} is submitted with {len(counted)} of {policy.approvals} approvals")

    def _clicked_rightly(self, request: Request, user: str, verb: str, names: tuple[str, ...]) -> bool:
        wanted = (user, verb, request.id)
        pressed = [each for each in self.clicks if (each.person.user, each.verb, each.request_id) == wanted]
        return any(self.slack.was_allowed(user, names, click.start, click.end) for click in pressed)

    def _backed_up(self, request: Request) -> None:
        policy = self.policies.of(request.wish.project, request.wish.target.name)
        if policy is not None and policy.safety_backup is SafetyBackup.REQUIRED and not request.wish.safety_backup:
            self.trace.violated(f"{request.id} has no safety backup, which the policy demands")
        if not request.wish.safety_backup:
            return
        made = [each for each in self.cloud.backups.values() if each.name == f"before-{request.id}"]
        if [each.status for each in made] != ["COMPLETED"]:
            self.trace.violated(f"{request.id} is submitted with safety backups {[each.status for each in made]}")

    def _facts_hold(self, request: Request, since: float) -> None:
        given = request.broken_glass or (request.approvals[-1] if request.approvals else None)
        if given is None:
            return
        truths = self.cloud.truths(request.wish, since)
        for name in {*given.saw, *(name for truth in truths for name in truth)}:
            if all(truth.get(name) != given.saw.get(name) for truth in truths):
                self.trace.violated(f"{request.id} is submitted although {name} is no longer {given.saw.get(name)}")

    def _finished(self, request: Request) -> None:
        if request.state not in FINAL and request.state is not State.UNKNOWN:
            self.trace.violated(f"{request.id} is left behind: {request.state.value}, act at {request.act_at}")

    def _true(self, request: Request) -> None:
        calls = [call for call in self.cloud.calls if call.form == request.wish.reason]
        work = next((call.work for call in calls if call.work is not None), None)
        if work is None or work.vanishes_at < math.inf:
            # The cloud never had it, or shows it no more.
            work = self._taken_for_ours(request) or work
        worked = work is not None and work.over and not work.fails
        if request.state in NOTHING_SUBMITTED and calls:
            self.trace.violated(f"{request.id} is {request.state.value}, but a call was made")
        if request.state is State.SUCCEEDED and not worked:
            self.trace.violated(f"{request.id} is called done, which it is not")
        if request.state is State.FAILED and worked:
            self.trace.violated(f"{request.id} is called failed, but the restore worked")
        if request.job is not None and (work is None or work.id != request.job.id):
            self.trace.violated(f"{request.id} follows {request.job.id}, which is not its own")

    def _taken_for_ours(self, request: Request) -> Work | None:
        """A restore that somebody else began by hand on the same target while the answer to our call was lost. Where the
        cloud does not say what a task restores, nobody can tell the two apart."""
        if self.cloud.tells_what_is_restored or request.submitted_at is None or request.job is None:
            return None
        earliest, latest = request.submitted_at - SKEW, request.submitted_at + TAKEN_WITHIN + SKEW
        return next(
            (
                each
                for each in self.cloud.works
                if each.id == request.job.id
                and each.form is None
                and earliest - CLOCKS <= each.created_at <= latest + CLOCKS
            ),
            None,
        )

    def _clicked(self, request: Request) -> None:
        policy = self.policies.of(request.wish.project, request.wish.target.name)
        names = policy.everybody_who_approves if policy is not None else ()
        users = [each.person.user for each in request.approvals]
        if len(set(users)) != len(users):
            self.trace.violated(f"{request.id} counts somebody twice: {users}")
        for user in users:
            if user == request.requester.user or not self._clicked_rightly(request, user, "approve", names):
                self.trace.violated(f"{request.id} has an approval of {user}, who had no right to it")

    def _one_story(self, request: Request) -> None:
        state = State.PENDING
        for before, after in self.steps(request.id):
            if before != state or not may_follow(before, after):
                self.trace.violated(f"{request.id}: the log says {before} to {after} when it was {state}")
            state = after
        if state is not request.state:
            self.trace.violated(f"{request.id}: the log ends with {state.value}, the request is {request.state.value}")

    def steps(self, request_id: str) -> list[tuple[State, State]]:
        """The state changes of a request, as the audit log tells them."""
        said = self.memory.all("SELECT data FROM events WHERE request_id = ? AND kind = 'state' ORDER BY seq", request_id)
        moves = [json.loads(row[0]) for row in said]
        return [(State(move["from"]), State(move["to"])) for move in moves if move["from"] != move["to"]]

    def _said(self, request: Request) -> None:
        rows = self.memory.all("SELECT note, milestone, outcome FROM outbox WHERE request_id = ? ORDER BY id", request.id)
        for note in (Note.FINAL, Note.TELL_REQUESTER) if request.state in FINAL else ():
            owed = [row for row in rows if row[:2] == (note.value, Milestone.OUTCOME.value)]
            if len(owed) != 1:
                self.trace.violated(f"{request.id} owes its outcome as {note.value} {len(owed)} times")
        posted = [each for each in self.slack.messages if each.request_id == request.id and each.note is not Note.CARD]
        told = [(each.note.value, each.milestone.value if each.milestone else None) for each in posted]
        wanted = [row[:2] for row in rows if row[2] == "delivered" and row[0] != Note.CARD.value]
        missing = _less(wanted, told)
        if missing:
            self.trace.violated(f"{request.id}: settled, but never said: {missing}")
        in_time = [kind for kind, each in zip(told, posted, strict=True) if not each.late]
        # One whose answer was lost may have become out of date before it was looked for.
        dropped = [row[:2] for row in rows if row[2] == "dropped"]
        twice = _less(in_time, [*wanted, *dropped])
        if twice and not self.slack.archived:
            self.trace.violated(f"{request.id}: said more often than owed: {twice}")
        elif len(in_time) == len(told) == len(wanted) and in_time != wanted and not self.slack.archived:
            self.trace.violated(f"{request.id}: said in another order: {in_time} instead of {wanted}")

    def _card_is_right(self, request: Request) -> None:
        cards = [each for each in self.slack.messages if each.request_id == request.id and each.note is Note.CARD]
        if self.slack.archived:
            return
        standing = [each for each in cards if not each.deleted and not each.late]
        if len(standing) > 1:
            self.trace.violated(f"{request.id} has {len(standing)} cards")
        last = self.memory.one(
            "SELECT ts FROM messages WHERE request_id = ? AND kind = 'card' ORDER BY id DESC LIMIT 1", request.id
        )
        known = next((each for each in cards if last is not None and each.post.ts == last[0]), None)
        if known is None:
            self.trace.violated(f"{request.id} has no card")
        elif not known.deleted and not known.blurred and known.shows != essence(request):
            self.trace.violated(f"{request.id}: the card shows {known.shows} instead of {essence(request)}")

    def _one_call_each(self) -> None:
        forms = [call.form for call in self.cloud.calls]
        for form in dict.fromkeys(forms):
            if forms.count(form) > 1:
                self.trace.violated(f"{forms.count(form)} recovery calls for {form}")

    def _id_of(self, reason: str) -> str:
        row = self.memory.one("SELECT id FROM requests WHERE json_extract(body, '$.wish.reason') = ?", reason)
        found: str = row[0]
        return found


def _less(these: list[Any], those: list[Any]) -> list[Any]:
    """What is in `these` more often than in `those`."""
    left = list(those)
    more = []
    for each in these:
        if each in left:
            left.remove(each)
        else:
            more.append(each)
    return more
