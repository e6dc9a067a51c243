"""The two databases, and all that differs between them while the program runs.

A transaction is a plain function of a connection: it runs in one go, and what it returns comes back when it has ended.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.domain.errors import Misconfigured, Unavailable
from bot.store.faults import in_our_words
from bot.store.writer import Result, Work, Writer

BUSY_MS = 5000
"""How long SQLite waits for a program that looks into the file from outside."""
CONNECT_SECONDS = 5
MIGRATION_LOCK = 7_264_311
"""The advisory lock under which replicas that start together migrate one after the other."""
SQLITE_SETTINGS = (f"PRAGMA busy_timeout={BUSY_MS}", "PRAGMA foreign_keys=ON")
SQLITE_WRITER_SETTINGS = (*SQLITE_SETTINGS, "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL")
SQLITE_READER_SETTINGS = (*SQLITE_SETTINGS, "PRAGMA query_only=ON")
POSTGRESQL_SETTINGS = (
    # A replica that froze inside a transaction must not hold the others for longer than this.
    "SET idle_in_transaction_session_timeout = '30s'",
    "SET lock_timeout = '15s'",
)

Observe = Callable[[str, str, float], None]
"""Told of every transaction: "read" or "write"; "ok", "rolled_back" or "failed" (the database did not answer); seconds."""


class Store:
    """Reading and writing transactions. Faults of the driver come out as Unavailable or Misconfigured."""

    def __init__(self, url: URL, *, read_only: bool = False, observe: Observe | None = None) -> None:
        """Nothing is connected yet. `observe` is told of every transaction that ended."""
        self.url = url
        self._observe = observe
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._thread: Writer | None = None
        if self.is_sqlite:
            settings = SQLITE_READER_SETTINGS if read_only else SQLITE_WRITER_SETTINGS
            self._engine = _sqlite(url, settings)
            # A connection that may not write is refused the writer's lock too.
            self._thread = Writer(_sqlite_writer(url, settings, "BEGIN" if read_only else "BEGIN IMMEDIATE"))
        else:
            self._engine = _postgresql(url, read_only=read_only)
        # A reading transaction sees one moment, however many statements it has.
        snapshot: dict[str, Any] = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reader = self._engine.execution_options(**snapshot)
        # A single statement sees one moment anyway; on SQLite it is spared a transaction around it.
        self._single_reader = _sqlite_autocommit(url, SQLITE_READER_SETTINGS) if self.is_sqlite else self._reader
        self._writer = self._engine.execution_options(writes=not read_only)

    async def read(self, work: Work[Result], *, single: bool = False) -> Result:
        """A transaction that sees one moment of the database and changes nothing; `single` where it is one statement."""
        reader = self._single_reader if single else self._reader
        with self._observed("read"), in_our_words(self.url):
            async with reader.connect() as connection:
                return await connection.run_sync(work)

    async def write(self, work: Work[Result], *, lasting: bool = True) -> Result:
        """A transaction that is committed at the end, rolled back where an error comes out.

        One that is not `lasting` may be lost in a power failure, until a lasting one follows: for what means nothing to a
        process that starts anew. It spares the wait for the disk on SQLite, and makes no difference on PostgreSQL.

        Where the caller is cancelled, it may be committed all the same, on SQLite also a moment later.
        """
        with self._observed("write"), in_our_words(self.url):
            if self._thread is not None:
                return await self._thread.run(work, lasting=lasting)
            async with self._writer.begin() as connection:
                return await connection.run_sync(work)

    async def migrate(self, work: Work[None]) -> None:
        """A writing transaction in which nobody else migrates."""

        def alone(connection: Connection) -> None:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            work(connection)

        await self.write(alone)

    @property
    def writer(self) -> AsyncEngine:
        """For a library that brings its own SQL; each transaction takes the writer's lock from its start."""
        return self._writer

    async def close(self) -> None:
        """Close all connections, once the transactions under way have ended."""
        if self._thread is not None:
            await self._thread.close()
        await self._engine.dispose()
        await self._single_reader.dispose()

    @contextmanager
    def _observed(self, kind: str) -> Iterator[None]:
        """Measures from the wish for a transaction to its end, so waiting for one's turn counts."""
        if self._observe is None:
            yield
            return
        began, outcome = perf_counter(), "ok"
        try:
            yield
        except BaseException as error:
            # A conflict is an answer of the database, and no fault of it.
            outcome = "failed" if isinstance(error, Unavailable | Misconfigured) else "rolled_back"
            raise
        finally:
            self._observe(kind, outcome, perf_counter() - began)


def _sqlite(url: URL, settings: tuple[str, ...]) -> AsyncEngine:
    engine = create_async_engine(url, hide_parameters=True)
    _prepare(engine.sync_engine, settings)

    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine.sync_engine, "begin", begin)
    return engine


def _sqlite_autocommit(url: URL, settings: tuple[str, ...]) -> AsyncEngine:
    """For single statements: there is no transaction that would have to be begun or rolled back."""
    engine = create_async_engine(url, hide_parameters=True, skip_autocommit_rollback=True)
    _prepare(engine.sync_engine, settings)
    return engine


def _sqlite_writer(url: URL, settings: tuple[str, ...], begin: str) -> Engine:
    engine = create_engine(url.set(drivername="sqlite"), hide_parameters=True)
    _prepare(engine, settings)

    def begun(connection: Connection) -> None:
        # This belongs to the connection, and may not be changed inside a transaction.
        lasting = connection.get_execution_options().get("lasting", True)
        connection.exec_driver_sql("PRAGMA synchronous=FULL" if lasting else "PRAGMA synchronous=NORMAL")
        connection.exec_driver_sql(begin)

    event.listen(engine, "begin", begun)
    return engine


def _prepare(engine: Engine, settings: tuple[str, ...]) -> None:
    def connected(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: it would begin them late and only for some statements.
        connection.isolation_level = None
        _run(connection, settings)

    event.listen(engine, "connect", connected)


def _postgresql(url: URL, *, read_only: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        pool_size=10,
        pool_timeout=10,
        connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "rds-restore-bot"},
    )
    settings = (*POSTGRESQL_SETTINGS, "SET default_transaction_read_only = on") if read_only else POSTGRESQL_SETTINGS

    def connected(connection: Any, _record: Any) -> None:
        _run(connection, settings)
        connection.commit()

    event.listen(engine.sync_engine, "connect", connected)
    return engine


def _run(connection: Any, statements: tuple[str, ...]) -> None:
    cursor = connection.cursor()
    for statement in statements:
        cursor.execute(statement)
    cursor.close()
