"""The real store's SQL in real SQLite, in memory and without a thread: each transaction happens in one go.

Between transactions, and only there, the scheduler decides who goes on. That is what a database promises; what it does with
two transactions at once is for the store's contract tests.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from bot.domain.errors import Unavailable
from bot.domain.events import Owed
from bot.domain.request import Request
from bot.domain.states import State
from bot.store.codec import micros
from bot.store.database import Database
from bot.store.engine import Store
from bot.store.leases import SqlLeases
from bot.store.outbox import SqlOutbox
from bot.store.requests import SqlRequests
from bot.store.writer import Work
from bot.workflow.store_ports import Lease, Owing, Post
from tests.simulation.process import Process

T = TypeVar("T")
HELD: ContextVar[dict[str, tuple[Lease, float]]] = ContextVar("HELD")
"""The leases that the running task took, and when."""
FENCE: ContextVar[Lease | None] = ContextVar("FENCE", default=None)
"""The lease that the write at hand carries."""


class Memory:
    """One database in memory. `empty` brings it back to what a fresh installation has."""

    def __init__(self) -> None:
        self.raw = sqlite3.connect(":memory:", isolation_level=None)
        self._template = sqlite3.connect(":memory:", isolation_level=None)
        with TemporaryDirectory() as folder:
            file = Path(folder) / "bot.db"
            asyncio.run(_migrated(file))
            on_disk = sqlite3.connect(file)
            on_disk.backup(self._template)
            on_disk.close()
        engine = create_engine("sqlite://", creator=lambda: self.raw, poolclass=StaticPool)
        self.connection: Connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self.busy = False
        self.known: dict[str, tuple[Any, ...]] = {}

    def empty(self) -> None:
        """Forget everything."""
        self._template.backup(self.raw)
        self.known.clear()
        self.raw.execute("PRAGMA foreign_keys=ON")

    def one(self, sql: str, *values: object) -> Any:
        """The first row, or None."""
        return self.raw.execute(sql, values).fetchone()

    def all(self, sql: str, *values: object) -> list[Any]:
        """Every row."""
        return self.raw.execute(sql, values).fetchall()


async def _migrated(file: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{file}")
    await database.open()
    await database.close()


class PlainStore(Store):
    """The store without a process in between: for those who check. Nothing in it waits."""

    def __init__(self, memory: Memory) -> None:  # without an engine of its own
        self.memory = memory
        self.is_sqlite = True

    async def read(self, work: Work[T], *, single: bool = False) -> T:
        del single
        with _Transaction(self.memory, "BEGIN"):
            return work(self.memory.connection)


class GatedStore(PlainStore):
    """The store as one process reaches it."""

    def __init__(self, memory: Memory, process: Process) -> None:
        super().__init__(memory)
        self.process = process

    async def read(self, work: Work[T], *, single: bool = False) -> T:
        await self._arrive()
        found = await super().read(work, single=single)
        await self.process.gate()
        return found

    async def write(self, work: Work[T], *, lasting: bool = True) -> T:
        del lasting  # processes are killed here, the machine's power does not fail
        await self._arrive()
        with _Transaction(self.memory, "BEGIN IMMEDIATE"):
            result = work(self.memory.connection)
            self._check()
        await self.process.gate()
        if self.process.faults.strike("store: no answer, stored"):
            raise _no_answer()
        return result

    async def once(self, name: str, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The answer to a question that depends on nothing but the database: asked anew only after something changed."""
        await self._arrive()
        changes = self.memory.raw.total_changes
        if self.memory.known.get(name, (-1,))[0] != changes:
            self.memory.known[name] = (changes, at_once(ask()))
        answer: T = self.memory.known[name][1]
        await self.process.gate()
        return answer

    async def pause(self) -> None:
        """What a reading costs in time."""
        await self._arrive()
        await self.process.gate()

    async def _arrive(self) -> None:
        await self.process.gate()
        if self.process.world_down("store") or self.process.faults.strike("store: no answer"):
            raise _no_answer()

    def _check(self) -> None:
        """A write that carries a fence is by the one who holds the lease, and no target has two live requests."""
        fence = FENCE.get()
        if fence is not None and taken_over(self.memory, fence):
            self.process.trace.violated(f"{self.process.name} wrote under {fence.name}, which somebody else has")
        if self.memory.one("SELECT 1 FROM requests WHERE live = 1 GROUP BY project, target_id HAVING count(*) > 1"):
            self.process.trace.violated("two live requests have the same target")


class _Transaction:
    def __init__(self, memory: Memory, begin: str) -> None:
        self._memory, self._begin = memory, begin

    def __enter__(self) -> None:
        if self._memory.busy:
            raise RuntimeError("two transactions at once")
        self._memory.busy = True
        self._memory.raw.execute(self._begin)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._memory.busy = False
        self._memory.raw.execute("COMMIT" if kind is None else "ROLLBACK")


def taken_over(memory: Memory, lease: Lease) -> bool:
    """Whether the lease has gone to a later holder."""
    row = memory.one("SELECT token FROM leases WHERE name = ?", lease.name)
    return row is None or row[0] > lease.token


class GatedRequests(SqlRequests):
    """The real thing; a question whose answer is plainly "nothing" is answered without building the query."""

    def __init__(self, store: GatedStore) -> None:
        super().__init__(store)
        self._gated, self._plain = store, SqlRequests(PlainStore(store.memory))

    async def change(self, before: Request, *args: Any, fence: Lease | None = None, **kwargs: Any) -> Request:
        with _fenced(fence):
            return await super().change(before, *args, fence=fence, **kwargs)

    async def postpone(self, looked_at: Sequence[Request], fence: Lease, now: datetime) -> None:
        with _fenced(fence):
            await super().postpone(looked_at, fence, now)

    async def due(self, states: frozenset[State], now: datetime, limit: int) -> Sequence[Request]:
        if self._asleep(now):
            await self._gated.pause()
            return []
        return await super().due(states, now, limit)

    async def overdue(self, now: datetime, limit: int) -> Sequence[Request]:
        if self._asleep(now):
            await self._gated.pause()
            return []
        return await super().overdue(now, limit)

    async def next_act_at(self) -> datetime | None:
        return await self._gated.once("next_act_at", self._plain.next_act_at)

    def _asleep(self, now: datetime) -> bool:
        wake = self._gated.memory.one("SELECT min(wake_at) FROM requests")[0]
        return wake is None or wake > micros(now)


class GatedOutbox(SqlOutbox):
    """The real thing; see `GatedRequests`."""

    def __init__(self, store: GatedStore) -> None:
        super().__init__(store)
        self._gated, self._plain = store, SqlOutbox(PlainStore(store.memory))

    async def waiting(self, now: datetime, limit: int) -> Sequence[Owing]:
        if self._gated.memory.one("SELECT 1 FROM outbox WHERE settled_at IS NULL LIMIT 1") is None:
            await self._gated.pause()
            return []
        return await super().waiting(now, limit)

    async def next_at(self) -> datetime | None:
        return await self._gated.once("next_at", self._plain.next_at)

    async def attempt(self, owing: Owing, fence: Lease, now: datetime) -> None:
        with _fenced(fence):
            await super().attempt(owing, fence, now)

    async def delivered(self, owing: Owing, post: Post | None, fence: Lease, now: datetime) -> None:
        with _fenced(fence):
            await super().delivered(owing, post, fence, now)

    async def drop(self, owing: Owing, fence: Lease, now: datetime) -> None:
        with _fenced(fence):
            await super().drop(owing, fence, now)

    async def postpone(
        self, owing: Owing, until: datetime, why: str, fence: Lease, now: datetime, *, in_doubt: bool = True
    ) -> None:
        with _fenced(fence):
            await super().postpone(owing, until, why, fence, now, in_doubt=in_doubt)

    async def give_up(self, owing: Owing, why: str, fence: Lease, now: datetime, instead: Owed | None = None) -> None:
        with _fenced(fence):
            await super().give_up(owing, why, fence, now, instead)


class GatedLeases(SqlLeases):
    """The real thing; remembers which task took what."""

    def __init__(self, store: GatedStore) -> None:
        super().__init__(store)
        self._gated = store

    async def acquire(self, name: str, owner: str, now: datetime, until: datetime) -> Lease | None:
        before = self._gated.memory.one("SELECT owner, until FROM leases WHERE name = ?", name)
        lease = await super().acquire(name, owner, now, until)
        if lease is not None:
            HELD.set({**HELD.get({}), name: (lease, asyncio.get_running_loop().time())})
            if before is not None and before[1] != 0 and before[0] != owner:
                self._gated.process.trace(owner, f"takes {name} over from {before[0]}")
                self._gated.process.faults.struck["lease: ran out and was taken over"] += 1
        return lease


@contextmanager
def _fenced(fence: Lease | None) -> Iterator[None]:
    mark = FENCE.set(fence)
    try:
        yield
    finally:
        FENCE.reset(mark)


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of something that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise RuntimeError("it waits")


def _no_answer() -> Unavailable:
    return Unavailable("store.unavailable", "The database does not answer.")
