"""The program is told to stop while it starts: it ends soon, whatever it waits for, and never says that it is ready."""

import asyncio
import signal
import time
from contextlib import asynccontextmanager

import pytest

from tests.acceptance.test_slack_away import actions
from tests.acceptance.world import START_WITHIN, until

SOON = 5.0
"""Seconds; an orchestrator kills after ten."""


@asynccontextmanager
async def mute():
    """The address of a server that takes every connection and never answers; what is set when it has taken one."""
    taken = asyncio.Event()

    async def listen(reader, writer):
        taken.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/", taken


async def ends_soon(world, bot, by=signal.SIGTERM):
    began = time.monotonic()
    bot.send_signal(by)
    async with asyncio.timeout(30):
        assert await bot.wait() == 0
    assert time.monotonic() - began < SOON
    assert "ready" not in actions(world, 0)
    assert actions(world, 0)[-1] == "stopped"


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
async def test_a_slack_that_takes_connections_and_does_not_answer_holds_up_no_end(world, by):
    async with mute() as (url, taken):
        bot = await world.begin_bot(SLACK_API_URL=url)
        async with asyncio.timeout(START_WITHIN):
            await taken.wait()
        await ends_soon(world, bot, by)


async def test_a_line_that_does_not_open_holds_up_no_end(world):
    world.slack.faults.change({"delay": 60.0, "methods": ["apps.connections.open"]})
    bot = await world.begin_bot()
    await until(lambda: world.slack.calls, START_WITHIN)
    await until(lambda: "slack_authenticated" in world.log())
    await ends_soon(world, bot)


async def test_a_slow_slack_holds_up_the_start_once(world):
    # Slower than half of what the start waits for: both looks together take longer than that.
    world.slack.faults.change({"delay": 7.0, "methods": ["auth.test", "apps.connections.open"]})
    bot = await world.begin_bot()
    await until(lambda: "slack_authenticated" in world.log(), START_WITHIN)
    known = time.monotonic()
    await until(lambda: "ready" in actions(world, 0))
    assert time.monotonic() - known < 5.0
    assert "socket_opened" not in actions(world, 0)
    bot.send_signal(signal.SIGTERM)
    assert await bot.wait() == 0
