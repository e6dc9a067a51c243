"""Small stand-ins for what a test must hold in its hand: the time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.domain.events import Milestone, Note, Owed
from bot.domain.people import Person, Profile, Unread
from bot.domain.policy import Policy
from bot.domain.request import Request
from bot.workflow.store_ports import Post

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass
class FixedClock:
    """A clock that only moves when it is told to."""

    moment: datetime = NOON

    def now(self) -> datetime:
        return self.moment

    def forward(self, **length: float) -> None:
        self.moment += timedelta(**length)


@dataclass
class FakeDirectory:
    """A workspace's people and groups, as a test wants them."""

    groups: dict[str, frozenset[str] | Unread] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)

    async def profile(self, person: Person) -> Profile:
        return self.profiles.get(person.user, Profile(user=person.user, team=person.team, name=person.user))

    async def members(self, group_id: str) -> frozenset[str] | Unread:
        return self.groups.get(group_id, Unread("there is no such group."))


@dataclass
class FakeMessenger:
    """Remembers what was said. `error` is raised instead, as often as it is there."""

    said: list[tuple[str, str]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    posted: list[tuple[tuple[str, Note, Milestone | None], Post]] = field(default_factory=list)
    """What `find` finds: put there by the test."""

    async def show_card(self, request: Request, policy: Policy | None, posted: Post | None) -> Post:
        self._note(request, f"card:{request.state.value}")
        return posted or Post(request.place.channel, f"1.{len(self.said)}")

    async def say(self, request: Request, policy: Policy | None, owed: Owed, card: Post) -> Post:
        self._note(request, f"thread:{owed.milestone}")
        return Post(card.channel, f"1.{len(self.said)}")

    async def tell_requester(self, request: Request, policy: Policy | None, owed: Owed, card: Post | None) -> Post:
        self._note(request, f"private:{owed.milestone}")
        return Post("D1", f"1.{len(self.said)}")

    def turn(self, request, owed, card) -> None:
        """Always."""

    async def prepare(self, request, owed, card) -> None:
        """Nothing is needed."""

    async def end_step(self, request: Request) -> None:
        self._note(request, f"step:{request.state.value}")

    async def find(self, request: Request, owed: Owed, card: Post | None, since: datetime) -> list[Post]:
        return [post for kind, post in self.posted if kind == (request.id, owed.note, owed.milestone)]

    def _note(self, request: Request, what: str) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.said.append((request.id, what))
