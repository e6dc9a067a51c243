"""What the workflow asks of the store. Each docstring is a contract that every database keeps.

Any method may raise `Unavailable` (the database does not answer now) or `Misconfigured` (the operator must act).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.events import Event, Owed
from bot.domain.people import Person
from bot.domain.request import Request
from bot.domain.states import State


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
