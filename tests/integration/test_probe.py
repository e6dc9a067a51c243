"""The image's health check, as the image calls it."""

import asyncio
import sys
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot.ops.health import Health
from bot.ops.metrics import Metrics


@asynccontextmanager
async def listening(host, routes):
    application = web.Application()
    application.add_routes(routes)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, host, 0).start()
    try:
        yield str(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def as_they_are():
    """Figures that nothing brings up to date."""


async def probed(*arguments):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.ops.probe", *arguments, stderr=asyncio.subprocess.PIPE
    )
    _, errors = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode, errors.decode()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
async def test_a_bot_that_answers_is_well(host):
    async with listening(host, Health({}, Metrics("1"), as_they_are).routes()) as port:
        assert await probed(host, port) == (0, "")


async def test_it_asks_the_address_that_is_listened_on():
    async with listening("127.0.0.2", Health({}, Metrics("1"), as_they_are).routes()) as port:
        assert (await probed("127.0.0.2", port))[0] == 0
        assert (await probed("0.0.0.0", port))[0] == 1


async def test_another_program_on_the_port_is_not_the_bot():
    async with listening("127.0.0.1", []) as port:
        code, errors = await probed("127.0.0.1", port)
    assert code == 1
    assert "answers with 404" in errors


async def test_nobody_there_is_a_failure_and_a_wrong_call_another():
    async with listening("127.0.0.1", []) as port:
        pass
    code, errors = await probed("127.0.0.1", port)
    assert (code, errors.startswith(f"no answer from 127.0.0.1:{port}")) == (1, True)
    assert (await probed("127.0.0.1"))[0] == 2
