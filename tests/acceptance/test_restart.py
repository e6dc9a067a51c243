"""A restart with ten thousand open requests: the program is soon at work again.

The limit is generous: how long it takes exactly is for the benchmark to say, on a machine that does nothing else.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import create_async_engine

from bot.domain.request import InstanceRef, request_id
from bot.domain.states import State
from bot.store import rows
from bot.store.database import Database
from bot.store.schema import requests
from tests.acceptance.world import World, until
from tests.unit import requests as make

OPEN = 10_000
LIMIT = 30.0
"""Seconds."""


def open_requests(now):
    """Mostly waiting for an approval; some run, some are due at this moment."""
    later = now + timedelta(hours=2)
    for number in range(OPEN):
        made = make.request(State.RESTORING if number % 100 == 0 else State.PENDING)
        act_at = now - timedelta(seconds=1) if made.state is State.RESTORING else None
        yield replace(
            made,
            id=request_id(number * 7919),
            wish=replace(made.wish, target=InstanceRef(f"target-{number}", f"target-{number}")),
            opened_at=now,
            expires_at=now - timedelta(seconds=1) if number == 1 else later,
            remind_at=later,
            act_at=act_at,
            submitted_at=now if act_at else None,
            progress_at=now if act_at else None,
        )


async def fill(url, now):
    database = Database(url)
    await database.open()
    await database.close()
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(insert(requests), [rows.request_row(each) for each in open_requests(now)])
    await engine.dispose()


async def test_ten_thousand_open_requests_do_not_keep_it_from_work(tmp_path):
    async with World(tmp_path) as world:
        await fill(world.environment["DATABASE_URL"], datetime.now(UTC))
        await world.start_bot()
        # What was overdue is done: its card is posted.
        await until(lambda: any("Expired" in message.text for message in world.slack.workspace.messages_in("C0INC")), LIMIT)
