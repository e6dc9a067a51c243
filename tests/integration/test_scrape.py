"""A scrape, over HTTP, from a database with ten thousand requests, and from one that does not answer.

The limit is generous: how long it takes exactly is for the benchmark to say, on a machine that does nothing else.
"""

import platform
import statistics
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import create_async_engine

from bot.domain.request import InstanceRef, request_id
from bot.domain.states import State
from bot.ops.figures import Refresh
from bot.ops.health import Health
from bot.ops.metrics import Metrics
from bot.store import rows
from bot.store.database import Database
from bot.store.schema import outbox, requests
from tests.fakes import NOON
from tests.unit import requests as make

MANY = 10_000
LIMIT = 0.5
"""Seconds."""


def many():
    """Half of them restoring, which is more than any cloud would run; the others have ended."""
    for number in range(MANY):
        made = make.request(State.RESTORING if number % 2 else State.SUCCEEDED)
        target = InstanceRef(f"target-{number}", f"target-{number}")
        yield replace(made, id=request_id(number * 7919), wish=replace(made.wish, target=target), act_at=NOON)


async def fill(url):
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(insert(requests), [rows.request_row(each) for each in many()])
        owed = {
            "request_id": request_id(0), "note": "card", "data": "{}", "created_at": 1, "due_at": 1, "attempts": 0,
        }  # fmt: skip
        await connection.execute(insert(outbox), [owed] * 100)
    await engine.dispose()


@asynccontextmanager
async def scraping(read):
    metrics = Metrics("1.2.3", ["prod"])

    async def nearby():
        return

    refresh = Refresh(metrics, read, nearby)
    application = web.Application()
    application.add_routes(Health({}, metrics, refresh).routes())
    async with TestServer(application) as server, aiohttp.ClientSession() as session:

        async def scrape():
            async with session.get(server.make_url("/metrics")) as answer:
                assert answer.status == 200
                assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
                text = await answer.text()
            families = text_string_to_metric_families(text)
            return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}

        yield scrape
    await refresh.close()


async def test_ten_thousand_requests_make_no_slow_scrape(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
    database = Database(url)
    await database.open()
    await fill(url)
    took = []
    async with scraping(database.figures.read) as scrape:
        for _ in range(20):
            began = time.perf_counter()
            found = await scrape()
            took.append(time.perf_counter() - began)
    await database.close()
    assert found["rds_restore_requests", "restoring"] == MANY / 2
    assert found["rds_restore_requests", "unknown"] == 0
    assert found["rds_restore_jobs_running", "prod"] == MANY / 2
    assert found["rds_restore_outbox_messages",] == 100
    assert found["rds_restore_worker_lag_seconds",] > 0
    assert statistics.median(took) < LIMIT, took


async def test_a_database_that_does_not_answer_does_not_hold_the_scrape(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    await database.open()
    await database.close()
    (tmp_path / "bot.db").unlink()
    (tmp_path / "bot.db").mkdir()
    async with scraping(database.figures.read) as scrape:
        found = await scrape()
    assert found["rds_restore_figures_failures_total",] == 1
    assert found["rds_restore_build_info", platform.python_version(), "1.2.3"] == 1
    await database.close()
