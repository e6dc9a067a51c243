"""From every schema that was ever released to the newest one, with what is in it; and old programs beside new ones."""

import asyncio
import sys
from datetime import timedelta

import pytest
from alembic import command
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.domain.condition import Status
from bot.domain.errors import Unavailable
from bot.domain.events import CARD, Event, Kind
from bot.store import migrate, rows
from bot.store.condition import condition
from bot.store.database import Database
from tests.databases import empty_postgresql
from tests.fakes import NOON
from tests.unit import requests as make

RELEASED = ("0001", "0002", "0003", "0004", "0005")
OUTBOX_0001 = """
    INSERT INTO outbox (request_id, note, data, created_at, due_at, attempts)
    VALUES ('R-7KQ2M', 'card', '{}', 1795435200000000, 1795435200000000, 0)
"""


async def at_revision(url, revision):
    """Make the tables of a released version, as that version made them."""
    engine = create_async_engine(url)

    def upgrade(connection):
        config = migrate._config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    await engine.dispose()


async def run(url, statement, **values):
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text(statement), values)
    await engine.dispose()


async def store_request_of_0001(url):
    """A request as the first version wrote it: all its columns, named one by one."""
    row = rows.request_row(make.request())
    names = ", ".join(row)
    places = ", ".join(f":{name}" for name in row)
    await run(url, f"INSERT INTO requests ({names}) VALUES ({places})", **row)


@pytest.mark.parametrize("revision", RELEASED)
async def test_what_an_older_version_stored_is_still_there(database_url, revision):
    await at_revision(database_url, revision)
    await store_request_of_0001(database_url)
    await run(database_url, OUTBOX_0001)
    database = Database(database_url)
    await database.open()
    try:
        request = make.request()
        assert await database.requests.get(request.id) == request
        (owing,) = await database.outbox.waiting(NOON + timedelta(days=1), 9)
        assert owing.owed == CARD
        assert not owing.in_doubt
        await database.requests.record(request.id, Event(Kind.REFUSED, make.BOB, NOON))
        assert await database.audit.verify() is None
    finally:
        await database.close()


async def test_a_replica_of_the_version_before_goes_on_during_the_upgrade(database_url):
    """It knows nothing of the new columns, so they have defaults."""
    database = Database(database_url)
    await database.open()
    try:
        await store_request_of_0001(database_url)
        await run(database_url, OUTBOX_0001)
        (owing,) = await database.outbox.waiting(NOON + timedelta(days=1), 9)
        assert owing.owed == CARD
    finally:
        await database.close()


async def test_every_revision_is_in_the_list_of_released_ones(database_url):
    database = Database(database_url)
    await database.open()
    await database.close()
    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        current = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    await engine.dispose()
    assert current == RELEASED[-1] == migrate.newest()


async def test_the_condition_of_a_database_tells_whose_turn_it_is(database_url):
    """A missing SQLite file and an empty PostgreSQL are both waited for; nothing is made or migrated by looking."""
    assert (await condition(database_url)).status is Status.WARN
    await at_revision(database_url, RELEASED[0])
    found = await condition(database_url)
    assert (found.status, "older schema 0001" in found.detail) == (Status.WARN, True)
    await at_revision(database_url, "head")
    assert (await condition(database_url)).status is Status.OK
    await run(database_url, "UPDATE alembic_version SET version_num = '9999'")
    found = await condition(database_url)
    assert (found.status, "older than the database" in found.detail) == (Status.FAIL, True)


OPEN = """
import asyncio, sys
from bot.store.database import Database

async def main():
    database = Database(sys.argv[1])
    sys.stdin.readline()
    await database.open()
    await database.close()

asyncio.run(main())
"""


async def test_replicas_that_start_together_on_an_empty_database_do_not_disturb_each_other(postgres):
    with empty_postgresql(postgres) as url:
        processes = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-c", OPEN, url, stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
            )
            for _ in range(3)
        ]
        ends = await asyncio.wait_for(asyncio.gather(*(process.communicate(b"go\n") for process in processes)), 60)
        assert [process.returncode for process in processes] == [0, 0, 0], ends
        database = Database(url, read_only=True)
        await database.open()
        await database.close()


async def test_the_encryption_that_the_address_asks_for_is_asked_of_the_server():
    """A server that offers none is refused: the bot does not go on in the clear."""
    first: asyncio.Queue[bytes] = asyncio.Queue()

    async def answer(reader, writer):
        first.put_nowait(await reader.readexactly(8))
        writer.write(b"N")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        database = Database(f"postgresql+psycopg://bot:secret@127.0.0.1:{port}/bot?sslmode=require")
        with pytest.raises(Unavailable) as raised:
            await database.open()
    asks_for_encryption = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
    assert first.get_nowait() == asks_for_encryption
    assert "secret" not in raised.value.message
