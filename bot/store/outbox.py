"""Messages owed, and where messages were posted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Update, bindparam, func, insert, select, update

from bot.domain.events import Event, Kind, Note, Owed
from bot.domain.people import SYSTEM
from bot.store import chain, rows
from bot.store.codec import micros, moment_or_none
from bot.store.engine import Store
from bot.store.leases import check_fence
from bot.store.schema import OPEN_ROWS, messages, outbox, requests
from bot.workflow.store_ports import Lease, Owing, Post

DELIVERED = "delivered"
DROPPED = "dropped"
"""Out of date before it could be sent."""
COVERED = "covered"
"""A card that another card's delivery settled."""
UNDELIVERABLE = "undeliverable"
OLDEST = select(func.min(outbox.c.id).label("id")).where(OPEN_ROWS).group_by(outbox.c.request_id).subquery("oldest")
"""For each request its oldest undelivered message."""
WAITING = (
    select(*outbox.c)
    .join(OLDEST, OLDEST.c.id == outbox.c.id)
    .join(requests, requests.c.id == outbox.c.request_id)
    .where(outbox.c.due_at <= bindparam("moment"))
    .order_by(requests.c.live, outbox.c.id)
    .limit(bindparam("most"))
)
NEXT_AT = select(func.min(outbox.c.due_at)).join(OLDEST, OLDEST.c.id == outbox.c.id)
PLACE = (
    select(messages.c.channel, messages.c.ts)
    .where(messages.c.request_id == bindparam("of"), messages.c.kind == bindparam("what"))
    .order_by(messages.c.id.desc())
    .limit(1)
)
"""Where the newest message of a kind is."""


class SqlOutbox:
    """The `Outbox` port."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def waiting(self, now: datetime, limit: int) -> Sequence[Owing]:
        """See the port."""
        these = {"moment": micros(now), "most": limit}

        def read(connection: Connection) -> Sequence[Owing]:
            return [rows.owing_of(row) for row in connection.execute(WAITING, these).mappings()]

        return await self._store.read(read, single=True)

    async def attempt(self, owing: Owing, fence: Lease, now: datetime) -> None:
        """See the port. For a card it also marks which cards the try covers: those owed by now. The state is read after
        this, so a card owed later may show more than the try does, and stays owed."""
        cards = outbox.alias()
        newest = select(func.max(cards.c.id)).where(
            cards.c.request_id == owing.request_id, cards.c.note == Note.CARD.value, cards.c.settled_at.is_(None)
        )
        tried = {"attempts": outbox.c.attempts + 1, "in_doubt": 1, "covers": newest.scalar_subquery()}
        await self._change(_open(owing).values(tried), fence, now)

    async def delivered(self, owing: Owing, post: Post | None, fence: Lease, now: datetime) -> None:
        """See the port. "So far" means: when the try was counted with `attempt`."""

        def write(connection: Connection) -> None:
            check_fence(connection, fence, now)
            settled = _open(owing).values(settled_at=micros(now), outcome=DELIVERED).returning(outbox.c.covers)
            covers = connection.execute(settled).scalar_one_or_none()
            if owing.owed.note is Note.CARD and covers is not None:
                connection.execute(_cards_up_to(covers, owing).values(settled_at=micros(now), outcome=COVERED))
            if post is not None:
                _remember(connection, owing, post, now)

        await self._store.write(write)

    async def drop(self, owing: Owing, fence: Lease, now: datetime) -> None:
        """See the port."""
        await self._change(_open(owing).values(settled_at=micros(now), outcome=DROPPED), fence, now)

    async def postpone(
        self, owing: Owing, until: datetime, why: str, fence: Lease, now: datetime, *, in_doubt: bool = True
    ) -> None:
        """See the port."""
        later = {"due_at": micros(until), "why": _storable(why), "in_doubt": int(in_doubt)}
        await self._change(_open(owing).values(later), fence, now, lasting=False)

    async def give_up(self, owing: Owing, why: str, fence: Lease, now: datetime, instead: Owed | None = None) -> None:
        """See the port."""
        milestone = owing.owed.milestone
        data = {"note": owing.owed.note.value, "milestone": milestone.value if milestone else "", "why": why}
        given_up = _open(owing).values(settled_at=micros(now), outcome=UNDELIVERABLE, why=_storable(why))

        def write(connection: Connection) -> None:
            check_fence(connection, fence, now)
            if connection.execute(given_up).rowcount != 1:
                return
            chain.append(connection, owing.request_id, [Event(Kind.UNDELIVERABLE, SYSTEM, now, data)])
            if instead is not None:
                connection.execute(insert(outbox), rows.owed_rows(owing.request_id, [instead], now))

        await self._store.write(write)

    async def posted(self, request_id: str) -> frozenset[Post]:
        """See the port."""
        wanted = select(messages.c.channel, messages.c.ts).where(messages.c.request_id == request_id)

        def read(connection: Connection) -> frozenset[Post]:
            return frozenset(Post(row.channel, row.ts) for row in connection.execute(wanted))

        return await self._store.read(read, single=True)

    async def card_of(self, request_id: str) -> Post | None:
        """See the port. Where it had to be posted again, the newest counts."""
        card = {"of": request_id, "what": Note.CARD.value}
        found = await self._store.read(lambda connection: connection.execute(PLACE, card).one_or_none(), single=True)
        return None if found is None else Post(found.channel, found.ts)

    async def next_at(self) -> datetime | None:
        """See the port. Messages behind one that waits do not count: their turn comes after it."""
        return moment_or_none(await self._store.read(lambda connection: connection.scalar(NEXT_AT), single=True))

    async def _change(self, change: Update, fence: Lease, now: datetime, *, lasting: bool = True) -> None:
        def write(connection: Connection) -> None:
            check_fence(connection, fence, now)
            connection.execute(change)

        await self._store.write(write, lasting=lasting)


def _open(owing: Owing) -> Update:
    return update(outbox).where(outbox.c.id == owing.id, outbox.c.settled_at.is_(None))


def _cards_up_to(covers: int, owing: Owing) -> Update:
    return update(outbox).where(
        OPEN_ROWS, outbox.c.request_id == owing.request_id, outbox.c.note == Note.CARD.value, outbox.c.id <= covers
    )


def _remember(connection: Connection, owing: Owing, post: Post, now: datetime) -> None:
    """A card that was edited is where it was: only a new place is a new row."""
    last = connection.execute(PLACE, {"of": owing.request_id, "what": owing.owed.note.value}).one_or_none()
    if last is not None and (last.channel, last.ts) == (post.channel, post.ts):
        return
    row = {
        "request_id": owing.request_id,
        "kind": owing.owed.note.value,
        "channel": post.channel,
        "ts": post.ts,
        "posted_at": micros(now),
    }
    connection.execute(insert(messages), [row])


def _storable(why: str) -> str:
    """A reason from outside, without what PostgreSQL takes in no text."""
    return why.replace("\0", "").encode("utf-8", "replace").decode()
