"""Reading the audit log, and finding out whether somebody touched it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, RowMapping, select

from bot.domain.events import Event, Kind
from bot.store import codec
from bot.store.chain import GENESIS, Entry, entry_of, hash_of
from bot.store.engine import Store
from bot.store.schema import audit_head, events

PAGE = 1000
BEFORE_ALL = -(1 << 63)
"""Below every number that the database can hold: what was slipped in before the first entry is seen too."""


@dataclass(frozen=True, slots=True)
class Tampering:
    """The first entry that is not as it was written, by its number, and what is wrong with it."""

    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry's number and hash. An auditor who keeps it can tell later that nobody rewrote what lay before."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Examined:
    """What a reading of the whole log found: how many entries are good, the newest of them (None: there is none), and the
    first that is not (None: the log is whole)."""

    good: int
    newest: Entry | None
    tampering: Tampering | None


class SqlAudit:
    """The audit log. Entries are written by the other parts of the store, in the transaction of their cause."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def head(self) -> Head | None:
        """Where the log ends; None where somebody removed the record of it."""
        return await self._store.read(_head, single=True)

    async def export(self) -> AsyncIterator[Entry]:
        """All entries, oldest first."""
        after = BEFORE_ALL
        while True:
            # A transaction a page: a slow reader of the export must not hold one open.
            page = await self._store.read(partial(_page, after=after), single=True)
            for row in page:
                yield entry_of(row)
            if len(page) < PAGE:
                return
            after = page[-1]["seq"]

    async def history(self, request_id: str) -> Sequence[Event]:
        """The same as events, for people. An entry of a kind that this version does not know is left out."""
        known = {kind.value for kind in Kind}
        return [
            Event(Kind(entry.kind), entry.actor, entry.at, codec.loads(entry.data))
            for entry in await self.of(request_id)
            if entry.kind in known
        ]

    async def of(self, request_id: str) -> Sequence[Entry]:
        """What happened to one request, oldest first."""
        wanted = select(events).where(events.c.request_id == request_id).order_by(events.c.seq)

        def read(connection: Connection) -> Sequence[Entry]:
            return [entry_of(row) for row in connection.execute(wanted).mappings()]

        return await self._store.read(read, single=True)

    async def verify(self) -> Tampering | None:
        """Read the whole log; None where every entry is as it was written and none is missing."""
        return (await self.examine()).tampering

    async def examine(self) -> Examined:
        """Read the whole log, as it is at one moment."""
        return await self._store.read(_examined)


def _examined(connection: Connection) -> Examined:
    head = _head(connection)
    newest: RowMapping | None = None
    last, previous, after = 0, GENESIS, BEFORE_ALL
    while page := _page(connection, after):
        for row in page:
            wrong = _wrong(row, last + 1, previous)
            if wrong is not None:
                return Examined(last, _entry(newest), wrong)
            newest = row
            last = after = row["seq"]
            previous = row["hash"]
    return Examined(last, _entry(newest), _wrong_end(head, last, previous))


def _entry(row: RowMapping | None) -> Entry | None:
    return None if row is None else entry_of(row)


def _head(connection: Connection) -> Head | None:
    found = connection.execute(select(audit_head.c.seq, audit_head.c.hash)).one_or_none()
    return None if found is None else Head(found.seq, found.hash)


def _page(connection: Connection, after: int) -> Sequence[RowMapping]:
    wanted = select(events).where(events.c.seq > after).order_by(events.c.seq).limit(PAGE)
    return connection.execute(wanted).mappings().all()


def _wrong(row: RowMapping, expected: int, previous: str) -> Tampering | None:
    if row["seq"] < expected:
        return Tampering(row["seq"], "was added")
    if row["seq"] > expected:
        return Tampering(expected, "is missing")
    if row["previous"] != previous:
        return Tampering(expected, "does not follow from the entry before it")
    try:
        should = hash_of(entry_of(row))
    except OverflowError:
        # A moment that no calendar holds.
        should = ""
    return None if row["hash"] == should else Tampering(expected, "was changed")


def _wrong_end(head: Head | None, last: int, previous: str) -> Tampering | None:
    if head is None:
        return Tampering(last + 1, "the record of the log's end is missing")
    if last < head.seq:
        return Tampering(last + 1, f"is missing: the log goes on to entry {head.seq}")
    if last > head.seq:
        return Tampering(head.seq + 1, f"was added: the log ends at entry {head.seq}")
    if previous != head.hash:
        return Tampering(last, "is not the entry that the log ended with")
    return None
