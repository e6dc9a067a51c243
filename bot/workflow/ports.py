"""What the workflow asks of the world. Each docstring is a contract that every adapter keeps.

Any method may raise `Unavailable` (its service does not answer now) or `Misconfigured` (the operator must act).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.domain.errors import BotError
from bot.domain.events import Event, Owed
from bot.domain.facts import Backup, Instance, Window
from bot.domain.people import Person, Profile, Unread
from bot.domain.policy import Policy
from bot.domain.request import Job, Request, Wish
from bot.domain.states import State
from bot.workflow.outcome import Outcome, Task


class Clock(Protocol):
    """The time. Injected, so that tests move it."""

    def now(self) -> datetime:
        """This moment, in UTC."""
        ...


class Ids(Protocol):
    """Where new request ids come from."""

    def new(self) -> str:
        """A request id that is very likely unused; the store refuses one that is taken."""
        ...


class Cloud(Protocol):
    """RDS projects, each by its configured name. Reads are retried inside a deadline; mutating calls never."""

    async def instances(self, project: str) -> Sequence[Instance]:
        """All instances of the project, by name. May come from a short-lived cache; for typeahead and look-up."""
        ...

    async def instance(self, project: str, instance_id: str) -> Instance | None:
        """One instance, read now, with MySQL's lower_case_table_names where the cloud tells; None where it knows none."""
        ...

    async def backups(self, project: str, instance_id: str) -> Sequence[Backup]:
        """All backups of an instance, newest first. May come from a short-lived cache; for typeahead."""
        ...

    async def backup(self, project: str, instance_id: str, backup_id: str) -> Backup | None:
        """One backup of an instance, read now; None where that instance has no such backup."""
        ...

    async def windows(self, project: str, instance_id: str, day: date | None = None) -> Sequence[Window]:
        """The ranges that the instance can be restored to, oldest first, read now; of one UTC day where given."""
        ...

    async def databases(self, project: str, instance_id: str) -> Sequence[str] | None:
        """The names of the databases on an instance, read now; None where the cloud does not tell."""
        ...

    async def recover(self, project: str, wish: Wish, may_send: Callable[[], bool] | None = None) -> Outcome:
        """The recovery call: overwrite the target. Sent at most once in one activation of this method, and not at all
        (`NotSent`) where `may_send`, asked at the last moment, says no."""
        ...

    async def back_up(self, project: str, instance_id: str, name: str, description: str) -> Outcome:
        """Start a manual backup; `Accepted.id` is the backup's. Sent at most once."""
        ...

    async def jobs(self, project: str, ids: Sequence[str]) -> Mapping[str, Job]:
        """The jobs the cloud knows among `ids`. The number of calls does not grow with their number where the region has a
        task list. A job that is not visible (yet, or any more) is missing from the answer."""
        ...

    async def restore_tasks(self, project: str, instance_id: str) -> Sequence[Task] | None:
        """The restore tasks of one instance, read now; None where the region has no task list."""
        ...


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on something. `token` grows with each new holder and fences off those before."""

    name: str
    owner: str
    token: int


class Leases(Protocol):
    """Leases are rows; a crashed holder's lease runs out at `until`."""

    async def acquire(self, name: str, owner: str, now: datetime, until: datetime) -> Lease | None:
        """Take the lease if nobody holds it at `now`; None otherwise, also where `owner` itself holds it already."""
        ...

    async def renew(self, lease: Lease, now: datetime, until: datetime) -> bool:
        """Hold on until `until`. False: the lease was lost (ran out at `now`, or somebody else has it)."""
        ...

    async def release(self, lease: Lease) -> None:
        """Give the lease back, if it is still held."""
        ...


@dataclass(frozen=True, slots=True)
class Filter:
    """Which requests a list shows; None means all."""

    states: frozenset[State] | None = None
    requester: Person | None = None
    channel: str | None = None
    limit: int = 20
    offset: int = 0


class Requests(Protocol):
    """Requests, their approvals and events, and the messages owed; one transaction a method."""

    async def add(self, request: Request, events: Sequence[Event], owed: Sequence[Owed]) -> None:
        """Store a new request. Raises Conflict: `already_opened` if the id is taken, `target_held` if a live request of
        the same project has the same target (enforced by the database; the message names that request's id)."""
        ...

    async def get(self, request_id: str) -> Request:
        """Raises Refused `no_such_request`."""
        ...

    async def change(
        self,
        before: Request,
        after: Request,
        events: Sequence[Event],
        owed: Sequence[Owed] = (),
        *,
        fence: Lease | None = None,
        now: datetime | None = None,
    ) -> Request:
        """Compare-and-swap from `before` (its id, state and version) to `after`; new approvals, events and messages owed go
        into the same transaction. Returns `after` with its new version. `fence` is checked in the same transaction (owner,
        token, not run out at `now`; both are given together).
        Raises Conflict: `stale` if somebody changed the request first, `lease_lost` if the fence no longer holds."""
        ...

    async def record(self, request_id: str, event: Event) -> None:
        """An audit entry without a change of the request (a refused click)."""
        ...

    async def postpone(self, looked_at: Sequence[Request], fence: Lease, now: datetime) -> None:
        """Keep the `act_at` that each of these has now, all in one transaction, where nothing else has become of them
        meanwhile. No change of the request: its version stays. Raises Conflict `lease_lost`."""
        ...

    async def due(self, states: frozenset[State], now: datetime, limit: int) -> Sequence[Request]:
        """Requests in `states` whose `act_at` has come, longest due first."""
        ...

    async def overdue(self, now: datetime, limit: int) -> Sequence[Request]:
        """Pending requests whose `expires_at`, `escalate_at` or `remind_at` has come, and finished ones whose break-glass is
        still to be signed off and whose `remind_at` has come."""
        ...

    async def find(self, wanted: Filter) -> Sequence[Request]:
        """Requests for lists, newest first."""
        ...

    async def live_on(self, project: str, target_id: str) -> Request | None:
        """The live request that holds this target, if any."""
        ...

    async def jobs_in_use(self, project: str) -> frozenset[str]:
        """The ids of jobs that requests of the project have (ever) followed."""
        ...

    async def next_act_at(self) -> datetime | None:
        """When `due` or `overdue` will next have something: how long the worker may sleep."""
        ...


class Drafts(Protocol):
    """Requests that were checked but not confirmed. Kept for a day."""

    async def keep(self, request: Request, now: datetime) -> None:
        """Remember a draft, and forget those that are more than a day old at `now`."""
        ...

    async def get(self, request_id: str) -> Request | None:
        """The draft, or None where there is none (any more)."""
        ...


@dataclass(frozen=True, slots=True)
class Post:
    """A message in Slack that shows something of a request."""

    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class Owing:
    """A message owed, as it stands in the outbox.

    `attempts` counts the tries so far. `in_doubt`: a try was begun and nobody knows whether Slack has the message.
    """

    id: int
    request_id: str
    owed: Owed
    attempts: int
    created_at: datetime
    in_doubt: bool = False


class Outbox(Protocol):
    """Messages owed. In order within one request; those of finished requests first among requests."""

    async def waiting(self, now: datetime, limit: int) -> Sequence[Owing]:
        """For each request its oldest undelivered message, where that one's time has come."""
        ...

    async def attempt(self, owing: Owing, fence: Lease, now: datetime) -> None:
        """Count a try, before it is made; until it is settled the message is in doubt. Raises Conflict `lease_lost`."""
        ...

    async def delivered(self, owing: Owing, post: Post | None, fence: Lease, now: datetime) -> None:
        """Settle the message; remember `post`. Delivering a card settles every card owed so far for that request, since the
        card shows the stored state. Raises Conflict `lease_lost`."""
        ...

    async def drop(self, owing: Owing, fence: Lease, now: datetime) -> None:
        """Settle a message that says nothing new any more, without sending it. Raises Conflict `lease_lost`."""
        ...

    async def postpone(
        self, owing: Owing, until: datetime, why: str, fence: Lease, now: datetime, *, in_doubt: bool = True
    ) -> None:
        """Try again at `until`. `in_doubt` is False where Slack itself said that it did not take the message.
        Raises Conflict `lease_lost`."""
        ...

    async def give_up(self, owing: Owing, why: str, fence: Lease, now: datetime, instead: Owed | None = None) -> None:
        """Settle the message as undeliverable, with an audit entry of kind `undeliverable`; owe `instead` in its place.
        Raises Conflict `lease_lost`."""
        ...

    async def card_of(self, request_id: str) -> Post | None:
        """Where the request's card is, once it was posted."""
        ...

    async def posted(self, request_id: str) -> frozenset[Post]:
        """Every message about the request whose place is known."""
        ...

    async def next_at(self) -> datetime | None:
        """When the next undelivered message's time comes; None where nothing is owed."""
        ...


class Undeliverable(BotError):
    """Slack will never take this message in this place (archived, bot not in the channel, no such channel)."""


class SlackBusy(BotError):
    """Slack does not take the message now. `retry_after` is in seconds; `in_doubt`: it may have taken it all the same."""

    def __init__(self, code: str, message: str, *, retry_after: float, in_doubt: bool) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after
        self.in_doubt = in_doubt


class Messenger(Protocol):
    """Says things in Slack. Raises Undeliverable or SlackBusy."""

    async def turn(self, request: Request, owed: Owed, card: Post | None) -> None:
        """Raises SlackBusy where others are before this message: nothing is posted, and nothing needs to be on record for
        it. What the message needs beside its post is made ready here, so that nothing comes between the try and the post."""
        ...

    async def show_card(self, request: Request, policy: Policy | None, posted: Post | None) -> Post:
        """Post the request's card, or bring the posted one up to date."""
        ...

    async def say(self, request: Request, policy: Policy | None, owed: Owed, card: Post) -> Post:
        """A message in the request's thread; the outcome is broadcast to the channel."""
        ...

    async def tell_requester(self, request: Request, policy: Policy | None, owed: Owed, card: Post | None) -> Post:
        """A message to the requester in private."""
        ...

    async def end_step(self, request: Request) -> None:
        """Tell the workflow's step that its request has ended, and how. Doing it twice does no harm."""
        ...

    async def find(self, request: Request, owed: Owed, card: Post | None, since: datetime) -> Sequence[Post]:
        """Messages of this kind about this request that were posted after `since`, oldest first, whoever remembers them;
        none where Slack does not let us look."""
        ...


class Directory(Protocol):
    """Who people are and which groups they are in."""

    async def profile(self, person: Person) -> Profile:
        """Read now, for a decision. Raises Refused `no_such_person`."""
        ...

    async def members(self, group_id: str) -> frozenset[str] | Unread:
        """The user ids of a user group, read now, for a decision; or why Slack does not tell (then nobody is in it)."""
        ...


class Policies(Protocol):
    """The configuration's policies and projects."""

    @property
    def projects(self) -> Sequence[str]:
        """Names of the configured projects, in order."""
        ...

    @property
    def all(self) -> Sequence[Policy]:
        """The policies, in order."""
        ...

    def of(self, project: str, target_name: str) -> Policy | None:
        """The policy that decides for this target."""
        ...


class Wake(Protocol):
    """Tells the worker that there is something to do. A speed-up, never the truth: the worker also looks by itself."""

    def __call__(self) -> None:
        """There may be something to do now."""
        ...
