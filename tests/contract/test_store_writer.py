"""The one writer of an SQLite file: transactions that wait together share a commit, and nothing else."""

import asyncio
import sqlite3
import threading

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot.store.writer import Writer

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


async def test_where_sqlite_gives_up_the_whole_transaction_nobody_is_told_that_it_was_kept(plain):
    plain.outside.execute(
        "CREATE TRIGGER full BEFORE INSERT ON kept WHEN NEW.n = 2 BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END"
    )
    answers = await behind(plain, plain.keep(1), plain.keep(2), plain.keep(3))
    assert all(isinstance(each, DBAPIError) for each in answers)
    assert plain.kept == [0]
    assert await plain.keep(4) == 4


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
