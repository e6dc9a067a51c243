"""The database as the rest of the program sees it."""

import asyncio

import structlog

from bot.domain.errors import BotError
from bot.store import lost, migrate
from bot.store.address import address, place, sqlite_file
from bot.store.audit import SqlAudit
from bot.store.drafts import SqlDrafts
from bot.store.engine import Observe, Store
from bot.store.figures import SqlFigures
from bot.store.file_lock import FileLock, Identity, identity, look_at
from bot.store.installations import SqlInstallations
from bot.store.leases import SqlLeases, TakenOver
from bot.store.outbox import SqlOutbox
from bot.store.replays import SqlReplays
from bot.store.requests import SqlRequests
from bot.workflow.observing import Witness

log = structlog.get_logger(__name__)


class Database:
    """The one thing that wiring opens. Its parts keep the ports of the same names."""

    def __init__(
        self,
        url: str,
        *,
        read_only: bool = False,
        witness: Witness | None = None,
        observe: Observe | None = None,
        taken_over: TakenOver | None = None,
    ) -> None:
        """Nothing is connected yet. A read-only database takes no lock, so it can be looked into while the bot runs; it
        changes nothing, not even the tables. `witness` is told of what was committed about requests, `observe` of every
        transaction, `taken_over` of leases that ran out. Raises Misconfigured `store.url`."""
        self._read_only = read_only
        target = address(url)
        self._file = sqlite_file(target)
        self._opened: Identity | None = None
        self._looking: asyncio.Task[BotError | None] | None = None
        self._lock = None if self._file is None or read_only else FileLock(self._file)
        self._store = Store(target, read_only=read_only, observe=observe)
        self.requests = SqlRequests(self._store, witness)
        self.drafts = SqlDrafts(self._store)
        self.outbox = SqlOutbox(self._store)
        self.leases = SqlLeases(self._store, taken_over)
        self.figures = SqlFigures(self._store)
        self.audit = SqlAudit(self._store)
        self.replays = SqlReplays(self._store)
        self.installations = SqlInstallations(self._store)

    async def open(self) -> None:
        """Lock an SQLite file, bring the tables up to date, look whether all is well.

        Raises Unavailable `store.unavailable`; Misconfigured `store.locked`, `store.unwritable`, `store.refused`,
        `store.not_a_database`, `store.lost`, `store.newer_schema` or (read-only) `store.missing`, `store.empty`,
        `store.older_schema`.
        """
        try:
            await self._open()
        except BaseException:
            await self.close()
            raise

    async def _open(self) -> None:
        if self._read_only:
            await self._look()
            return
        if self._lock is not None:
            self._lock.take()
        if self._file is not None:
            lost.refuse_remains(self._file)
        if await migrate.migrate(self._store):
            log.warning(
                "There was no database here, so an empty one was made",
                action="database_created",
                database=place(self._store.url),
                next_step=lost.IF_MADE,
            )
        if self._file is not None:
            self._opened = identity(self._file)
        if self._lock is not None:
            # We are alone on this file, so whoever held a lease is dead: nobody has to wait for it to run out.
            await self.leases.release_all()

    async def _look(self) -> None:
        if self._file is not None:
            lost.refuse_remains(self._file)
            if look_at(self._file) is None:
                raise lost.missing(self._file)
        await migrate.check(self._store)

    async def close(self) -> None:
        """Close all connections and give back the lock. May be called twice."""
        await self._store.close()
        if self._lock is not None:
            self._lock.give_back()

    async def ping(self) -> None:
        """Ask the database for a sign of life. Raises Unavailable or Misconfigured: `store.replaced` where the path no
        longer leads to the SQLite file that we hold open, which goes on answering to us and to nobody else."""
        if self._file is not None:
            await self._look_from_outside()
        await migrate.current(self._store)

    async def _look_from_outside(self) -> None:
        # A disk that hangs holds whoever looks at it: a thread, not the program, and one thread however many ask.
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(asyncio.to_thread(self._trouble))
        looking = self._looking
        await asyncio.wait({looking})
        trouble = looking.result()
        if trouble is not None:
            raise trouble

    def _trouble(self) -> BotError | None:
        """What is wrong with the SQLite file, seen from outside. Returned, because perhaps nobody waits for it any more."""
        try:
            if self._file is not None and self._opened is not None and identity(self._file) != self._opened:
                return lost.replaced(self._file)
            if self._lock is not None and self._lock.is_void():
                return lost.unlocked(self._lock.path)
        except BotError as error:
            return error
        return None
