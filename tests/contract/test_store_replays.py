"""The front door's memory, on both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from bot.store.database import Database
from bot.store.schema import replays
from tests.fakes import NOON

UNTIL = NOON + timedelta(minutes=6)


async def count(database):
    return await database._store.read(lambda connection: connection.scalar(select(func.count()).select_from(replays)))


async def test_a_signature_is_new_once(database):
    assert await database.replays.first_time("v0=aa", UNTIL, NOON)
    assert not await database.replays.first_time("v0=aa", UNTIL, NOON)
    assert await database.replays.first_time("v0=bb", UNTIL, NOON)


async def test_of_many_at_once_one_is_the_first(database):
    answers = await asyncio.gather(*(database.replays.first_time("v0=aa", UNTIL, NOON) for _ in range(30)))
    assert sorted(answers) == [False] * 29 + [True]


async def test_it_outlives_the_process(database, database_url):
    await database.replays.first_time("v0=aa", UNTIL, NOON)
    await database.close()
    again = Database(database_url)
    await again.open()
    try:
        assert not await again.replays.first_time("v0=aa", UNTIL, NOON)
    finally:
        await again.close()


async def test_what_is_too_old_is_swept_out(database):
    for number in range(3):
        await database.replays.first_time(f"v0={number}", UNTIL, NOON)
    assert await database.replays.first_time("v0=new", UNTIL + timedelta(minutes=6), UNTIL + timedelta(seconds=1))
    assert await count(database) == 1


async def test_only_what_may_be_lost_does_not_wait_for_the_disk(database):
    if not database._store.is_sqlite:
        pytest.skip("PostgreSQL has one setting for all")
    asked = [text("PRAGMA synchronous"), text("PRAGMA journal_mode")]
    for lasting, level in ((True, 2), (False, 1), (True, 2)):
        said = await database._store.write(lambda connection: [connection.scalar(each) for each in asked], lasting=lasting)
        assert said == [level, "wal"]
