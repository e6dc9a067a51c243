"""The one writer of an SQLite file: transactions that wait together share a commit, and nothing else."""

import asyncio
import sqlite3
import sys
import threading

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import IntegrityError

from bot.domain.errors import Unavailable
from bot.domain.events import Event, Kind
from bot.domain.people import SYSTEM
from bot.store.database import Database
from bot.store.writer import Writer
from tests.fakes import NOON

MANY = 20


class Plain:
    """A writer with a table, its commits counted; and another connection that sees what is committed."""

    def __init__(self, file):
        self.engine = create_engine(f"sqlite:///{file}")
        event.listen(self.engine, "connect", self._connected)
        event.listen(self.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
        self.commits = 0
        event.listen(self.engine, "commit", self._committed)
        self.writer = Writer(self.engine)
        self.outside = sqlite3.connect(file, isolation_level=None)
        self.outside.execute("PRAGMA journal_mode=WAL")
        self.outside.execute("CREATE TABLE kept (n INTEGER PRIMARY KEY)")

    def _connected(self, connection, _):
        connection.isolation_level = None

    def _committed(self, _):
        self.commits += 1

    def keep(self, number, then=None):
        def work(connection):
            connection.execute(text("INSERT INTO kept VALUES (:n)"), {"n": number})
            if then is not None:
                then(connection)
            return number

        return self.writer.run(work, lasting=True)

    @property
    def kept(self):
        return [number for (number,) in self.outside.execute("SELECT n FROM kept ORDER BY n")]


@pytest.fixture
async def plain(tmp_path):
    made = Plain(tmp_path / "bot.db")
    yield made
    await made.writer.close()
    made.outside.close()


async def behind(plain, *those):
    """Let the transactions wait for one that is under way, so that they come to the writer together."""
    go, begun = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def held(_):
        loop.call_soon_threadsafe(begun.set)
        go.wait(10)

    first = asyncio.create_task(plain.keep(0, held))
    await begun.wait()
    tasks = [asyncio.create_task(each) for each in those]
    await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)
    go.set()
    await first
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_those_that_wait_together_share_one_commit(plain):
    assert await behind(plain, *(plain.keep(number) for number in range(1, MANY))) == list(range(1, MANY))
    assert plain.kept == list(range(MANY))
    assert plain.commits == 2


async def test_one_that_fails_takes_back_its_own_and_leaves_the_others(plain):
    def refuse(_):
        raise LookupError("no")

    answers = await behind(plain, plain.keep(1), plain.keep(2, refuse), plain.keep(3), plain.keep(1), plain.keep(4))
    assert [type(each) for each in answers] == [int, LookupError, int, IntegrityError, int]
    assert plain.kept == [0, 1, 3, 4]


async def test_alone_it_is_rolled_back_too(plain):
    def refuse(_):
        raise LookupError("no")

    with pytest.raises(LookupError):
        await plain.keep(1, refuse)
    assert plain.kept == []
    assert await plain.keep(1) == 1


async def test_where_sqlite_gives_up_the_whole_transaction_all_are_told_the_cause(plain):
    plain.outside.execute(
        "CREATE TRIGGER full BEFORE INSERT ON kept WHEN NEW.n = 2 BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END"
    )
    answers = await behind(plain, plain.keep(1), plain.keep(2), plain.keep(3))
    assert ["disk full" in str(each) for each in answers] == [True] * 3
    assert plain.kept == [0]
    assert await plain.keep(4) == 4


async def test_a_full_disk_is_a_database_that_is_unavailable_to_all_who_share_a_commit(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    await database.open()

    def full(connection):
        pages = connection.scalar(text("PRAGMA page_count"))
        connection.execute(text(f"PRAGMA max_page_count={pages}"))

    await database._store.write(full)
    big = Event(Kind.REFUSED, SYSTEM, NOON, {"why": "x" * 100_000})
    answers = await asyncio.gather(*(database.requests.record("R-2345A", big) for _ in range(8)), return_exceptions=True)
    assert [getattr(each, "code", each) for each in answers] == ["store.unavailable"] * 8
    await database.close()


async def test_the_end_of_the_program_hangs_on_nobody(tmp_path):
    """Everything that runs is cancelled, and what is cancelled writes once more."""
    script = f"""
import asyncio, time
from sqlalchemy import create_engine
from bot.store.writer import Writer

writer = Writer(create_engine("sqlite:///{tmp_path / "bot.db"}"))

async def caller():
    try:
        await writer.run(lambda _: time.sleep(0.2), lasting=True)
    finally:
        await writer.run(lambda _: print("released", flush=True), lasting=False)

async def main():
    tasks = [asyncio.create_task(caller()) for _ in range(3)]
    await asyncio.sleep(0.1)

asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(30):
        said, _ = await process.communicate()
    assert said.split() == [b"released"] * 3


async def test_after_its_end_it_writes_nothing(plain):
    await plain.writer.close()
    with pytest.raises(Unavailable):
        await plain.keep(1)
    assert plain.kept == []


async def test_what_was_given_up_before_its_turn_is_not_carried_out(plain):
    async def given_up():
        async with asyncio.timeout(0):
            await plain.keep(1)

    gone, kept = await behind(plain, given_up(), plain.keep(2))
    assert (type(gone), kept) == (TimeoutError, 2)
    assert plain.kept == [0, 2]


async def test_closing_waits_for_what_was_begun(plain):
    waiting = [asyncio.create_task(plain.keep(number)) for number in range(3)]
    await asyncio.sleep(0)
    await plain.writer.close()
    assert await asyncio.gather(*waiting) == [0, 1, 2]
    assert plain.kept == [0, 1, 2]
