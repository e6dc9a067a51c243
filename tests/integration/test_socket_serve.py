"""The whole program when Slack shuts the line: it ends with words and exit code 2, and /readyz tells of lesser trouble."""

import asyncio
import json

import aiohttp
import pytest

from tests.acceptance.world import World


@pytest.fixture
async def world(tmp_path):
    async with World(tmp_path) as made:
        yield made


async def test_a_revoked_token_ends_the_program(world):
    bot = await world.start_bot()
    world.slack.faults.errors = {"apps.connections.open": "token_revoked"}
    await world.slack.disconnect_sockets("refresh_requested")
    async with asyncio.timeout(20):
        assert await bot.wait() == 2
    assert "rds-restore-bot: SLACK_APP_TOKEN: Slack refuses it (token_revoked)." in world.log()


async def test_readiness_says_why_there_is_no_socket(world):
    await world.start_bot()
    url = next(entry["url"] for entry in map(json.loads, world.log().splitlines()) if entry.get("action") == "ready")
    world.slack.faults.errors = {"apps.connections.open": "internal_error"}
    world.slack.break_sockets()
    async with aiohttp.ClientSession() as http, asyncio.timeout(20):
        while True:
            async with http.get(f"{url}/readyz") as answer:
                said = (await answer.json())["slack"]
            if "internal_error" in said:
                break
            await asyncio.sleep(0.05)
        assert answer.status == 503
        world.slack.faults.errors = {}
        while answer.status != 200:
            await asyncio.sleep(0.05)
            async with http.get(f"{url}/readyz") as answer:
                assert answer.status in (200, 503)
