"""The truth about Slack: who is who, and what stands in the channel."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.errors import Unavailable
from bot.domain.events import Milestone, Note, Owed
from bot.domain.people import Person, Profile, Unread
from bot.domain.policy import Policy
from bot.domain.request import Request
from bot.workflow.ports import SlackBusy, Undeliverable
from bot.workflow.store_ports import Post
from tests.simulation.process import Process
from tests.simulation.trace import Trace

CHANNEL = "C0INC"
GROUP = "S0DBA"
SKEW = timedelta(minutes=2)
PATIENCE = 10.0
Shown = tuple[str, ...]


@dataclass
class Message:
    """A message that stands in Slack. `late`: it arrived when nobody waited for it any more."""

    post: Post
    request_id: str
    note: Note
    milestone: Milestone | None
    at: datetime
    late: bool
    shows: Shown
    deleted: bool = False
    blurred: bool = False
    """An edit arrived when nobody waited for it any more, so it may show the past."""


@dataclass
class SlackModel:
    """One workspace. `tell` is called with each new message."""

    trace: Trace
    now: Callable[[], datetime]
    tell: Callable[[Message], None]
    messages: list[Message] = field(default_factory=list)
    archived: bool = False
    profiles: dict[str, Profile] = field(default_factory=dict)
    members: frozenset[str] = frozenset()
    history: list[tuple[float, frozenset[str], frozenset[str]]] = field(default_factory=list)
    """When, the members of the group, and those who are deactivated."""

    def change_people(self, members: frozenset[str], deactivated: frozenset[str]) -> None:
        """The workspace's directory is different from now on."""
        self.members = members
        for user in sorted(deactivated):
            self.profiles[user] = replace(self.profiles[user], deactivated=True)
        self.history.append((self.trace.time(), members, frozenset(deactivated)))
        self.trace("slack", f"members {sorted(members)}, deactivated {sorted(deactivated)}")

    def was_allowed(self, user: str, names: Sequence[str], start: float, end: float) -> bool:
        """Whether the user was one of `names`, and a person in good standing, at some moment from `start` to `end`."""
        profile = self.profiles[user]
        if profile.guest or profile.is_bot:
            return False
        first = max(index for index, (time, _, _) in enumerate(self.history) if time <= start)
        for time, members, deactivated in self.history[first:]:
            if time <= end and user not in deactivated and (user in names or (GROUP in names and user in members)):
                return True
        return False

    def of(self, request_id: str, note: Note, milestone: Milestone | None = None) -> list[Message]:
        """What stands there of one kind about one request."""
        return [
            each
            for each in self.messages
            if (each.request_id, each.note, each.milestone) == (request_id, note, milestone) and not each.deleted
        ]

    def post(self, channel: str, request: Request, note: Note, milestone: Milestone | None, *, late: bool) -> Post:
        """A new message."""
        post = Post(channel, f"{len(self.messages) + 1}.0")
        message = Message(post, request.id, note, milestone, self.now(), late, essence(request))
        self.messages.append(message)
        what = f"{note.value}:{milestone.value}" if milestone else f"{note.value} {message.shows}"
        self.trace("slack", f"{request.id} {post.ts} {what}{' (late)' if late else ''}")
        self.tell(message)
        return post

    def edit(self, post: Post, request: Request, *, late: bool) -> bool:
        """The card shows something else. False: it is no longer there."""
        message = next((each for each in self.messages if each.post == post and not each.deleted), None)
        if message is None:
            return False
        message.shows = essence(request)
        message.blurred = message.blurred or late
        self.trace("slack", f"{request.id} {post.ts} now shows {message.shows}")
        return True


def essence(request: Request) -> Shown:
    """What a person reads off the card."""
    closing = request.closing.why if request.closing else ""
    job = "" if request.job is None else f"{request.job.id} {request.job.status.value} {request.job.percent}"
    done = "" if request.backup is None else str(request.backup.done)
    return request.state.value, str(len(request.approvals)), job, done, request.trouble or "", closing


@dataclass
class SlackLine:
    """Slack as one process reaches it. Implements the ports `Messenger` and `Directory`."""

    slack: SlackModel
    process: Process
    speaks: Callable[[Process, str], None]
    """Told when a message is about to be sent, before anything else happens."""
    lost: Callable[[], Callable[[], bool]]
    """Makes, for the running task, the question whether its right to speak has gone to somebody else."""

    async def show_card(self, request: Request, policy: Policy | None, posted: Post | None) -> Post:
        def act(late: bool) -> Post:
            if self.slack.archived:
                raise Undeliverable("is_archived", "The channel is archived.")
            if posted is not None and self.slack.edit(posted, request, late=late):
                return posted
            return self.slack.post(request.place.channel, request, Note.CARD, None, late=late)

        return await self._send(request, "card", act)

    async def say(self, request: Request, policy: Policy | None, owed: Owed, card: Post) -> Post:
        def act(late: bool) -> Post:
            if self.slack.archived:
                raise Undeliverable("is_archived", "The channel is archived.")
            return self.slack.post(card.channel, request, owed.note, owed.milestone, late=late)

        return await self._send(request, f"{owed.note.value}:{owed.milestone}", act)

    async def tell_requester(self, request: Request, policy: Policy | None, owed: Owed, card: Post | None) -> Post:
        def act(late: bool) -> Post:
            return self.slack.post(f"D-{request.requester.user}", request, owed.note, owed.milestone, late=late)

        return await self._send(request, f"{owed.note.value}:{owed.milestone}", act)

    def turn(self, request, owed, card) -> None:
        """Always."""

    async def prepare(self, request, owed, card) -> None:
        """Nothing is needed."""

    async def end_step(self, request: Request) -> None:
        raise NotImplementedError("no workflow takes part in the simulation")

    async def find(self, request: Request, owed: Owed, card: Post | None, since: datetime) -> Sequence[Post]:
        await self.process.gate()
        self._maybe_busy()
        found = await self.process.exchange(lambda: self.slack.of(request.id, owed.note, owed.milestone), 0.1, 0.1)
        return [each.post for each in found if each.at >= since - SKEW]

    async def profile(self, person: Person) -> Profile:
        await self._directory()
        return await self.process.exchange(lambda: self.slack.profiles[person.user], 0.05, 0.05)

    async def members(self, group_id: str) -> frozenset[str] | Unread:
        await self._directory()
        if self.process.faults.strike("directory: a group is not told"):
            return Unread("Slack has no answer.")
        return await self.process.exchange(lambda: self.slack.members if group_id == GROUP else frozenset(), 0.05, 0.05)

    async def _directory(self) -> None:
        await self.process.gate()
        if "directory" in self.process.faults.down or self.process.faults.strike("directory: no answer"):
            raise Unavailable("slack.unavailable", "Slack does not answer.")

    async def _send(self, request: Request, what: str, act: Callable[[bool], Post]) -> Post:
        process, faults, rng = self.process, self.process.faults, self.process.rng
        self.speaks(process, f"{request.id} {what}")
        lost = self.lost()
        await process.gate()
        self._maybe_busy()
        loop = asyncio.get_running_loop()
        fate = faults.one_of("slack: no answer, not taken", "slack: no answer, taken", "slack: no answer, taken late")
        if fate is None:
            result = await process.exchange(lambda: _tried(act, lost() or process.dead), rng.uniform(0.05, 1), 0.05)
            if isinstance(result, Undeliverable):
                raise result
            return result
        waits = rng.uniform(0.5, PATIENCE)
        if not fate.endswith("not taken"):
            late = fate.endswith("late")
            after = rng.uniform(waits, waits + 15) if late else rng.uniform(0.05, waits)
            loop.call_later(after, lambda: _tried(act, late or lost() or process.dead))
        await asyncio.sleep(waits)
        await process.thawed()
        raise SlackBusy("slack.down", "Slack does not answer.", retry_after=2, in_doubt=True)

    def _maybe_busy(self) -> None:
        if "slack" in self.process.faults.down:
            raise SlackBusy("slack.down", "Slack does not answer.", retry_after=2, in_doubt=True)
        if self.process.faults.strike("slack: busy"):
            raise SlackBusy("ratelimited", "Slack asks us to wait.", retry_after=3, in_doubt=False)


def _tried(act: Callable[[bool], Post], late: bool) -> Post | Undeliverable:
    try:
        return act(late)
    except Undeliverable as error:
        return error
