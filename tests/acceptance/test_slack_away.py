"""The program is started while Slack is away: restores are followed, and everything is said when Slack is back."""

import asyncio
import json
import signal
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aiohttp
import pytest

from bot.sandbox import scenario
from tests.acceptance.journey import approve, ask, cards, headline, thread
from tests.acceptance.world import World, until


def lines(world, start=0):
    return [json.loads(line) for line in world.log(start).splitlines() if line.startswith("{")]


def actions(world, start):
    return [line.get("action") for line in lines(world, start)]


async def get(world, path):
    url = [line["url"] for line in lines(world) if line.get("action") == "ready"][-1]
    async with aiohttp.ClientSession() as session, session.get(url + path) as answer:
        return answer.status, json.loads(await answer.text())


async def becomes(world, path, status):
    async with asyncio.timeout(30):
        while (found := await get(world, path))[0] != status:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    return found[1]


@asynccontextmanager
async def away(world, *, gone):
    """Slack is not there at all, or there and answers with 503."""
    if not gone:
        world.slack.faults.down = True
        world.slack.break_sockets()
        yield
        world.slack.faults.down = False
        return
    port = urlsplit(world.slack.url).port
    await world.slack.stop()
    yield
    await world.slack.start(port=port)


async def state(world, request):
    _, said, _ = await world.run("requests", "show", request)
    return next(line.split()[1] for line in said.splitlines() if line.startswith("state"))


@pytest.mark.parametrize(("gone", "http_mode"), [(True, False), (False, False), (False, True)])
async def test_a_restore_is_followed_to_its_end_and_told_when_slack_is_back(tmp_path, gone, http_mode):
    async with World(tmp_path, job_seconds=6.0, http_mode=http_mode) as world:
        bot = await world.start_bot()
        if http_mode:
            world.slack.enable_http(f"{lines(world)[-1]['url']}/slack/events")
        request = await ask(world)
        await approve(world)
        await headline(world, "Restoring")
        await world.kill(bot)
        start = len(world.log().encode())
        async with away(world, gone=gone):
            await world.start_bot()
            assert await get(world, "/healthz") == (200, {"status": "ok"})
            status, parts = await get(world, "/readyz")
            assert status == 503
            assert parts["slack"].endswith("It has not answered since this process began.")
            assert (parts["database"], parts["cloud"]) == ("ok", "ok")
            async with asyncio.timeout(30):
                while await state(world, request) != "succeeded":  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.1)
            assert "slack_back" not in actions(world, start)
        await headline(world, "Restored", seconds=60)
        await world.slack.wait_for(lambda _: "final:outcome" in thread(world), timeout=30)
        assert (await becomes(world, "/readyz", 200))["slack"] == "ok"
        assert len(cards(world)) == 1
        assert thread(world).count("final:outcome") == 1
        assert len(world.recovery_calls()) == 1
        said = actions(world, start)
        assert [said.count(each) for each in ("slack_away", "slack_back", "slack_authenticated")] == [1, 1, 1]


async def test_people_are_answered_and_groups_are_looked_at_when_slack_is_back(tmp_path):
    async with World(tmp_path, policies='[[policies]]\napprovers = ["S0DBA", "S0GONE"]\n') as world:
        async with away(world, gone=False):
            bot = await world.start_bot()
            assert (await get(world, "/readyz"))[0] == 503
            assert "group_unreadable" not in world.log()
        await becomes(world, "/readyz", 200)
        assert "socket_opened" in actions(world, 0)
        await ask(world)
        await until(lambda: "group_unreadable" in world.log())
        bot.send_signal(signal.SIGTERM)
        assert await bot.wait() == 0


async def test_a_bot_that_waits_for_slack_ends_when_it_is_told(world):
    async with away(world, gone=False):
        bot = await world.start_bot()
        bot.send_signal(signal.SIGTERM)
        assert await bot.wait() == 0


async def test_a_bot_token_that_turns_out_to_be_refused_is_an_error_and_restores_are_still_followed(world):
    world.slack.faults.errors = {"auth.test": "token_revoked"}
    async with away(world, gone=False):
        bot = await world.start_bot()
    await until(lambda: "slack_refuses" in world.log())
    (line,) = (each for each in lines(world) if each.get("action") == "slack_refuses")
    assert line["level"] == "error"
    assert line["why"] == "SLACK_BOT_TOKEN: Slack refuses it (token_revoked)."
    status, parts = await get(world, "/readyz")
    assert status == 503
    assert "token_revoked" in parts["slack"]
    assert bot.returncode is None


async def test_an_app_token_that_turns_out_to_be_refused_ends_the_program(world):
    world.slack.faults.errors = {"apps.connections.open": "invalid_auth"}
    async with away(world, gone=False):
        bot = await world.start_bot()
    async with asyncio.timeout(30):
        assert await bot.wait() == 2
    assert "slack_shut_out" in actions(world, 0)
    assert "rds-restore-bot: SLACK_APP_TOKEN: Slack refuses it (invalid_auth)." in world.log()


async def test_a_wrong_key_of_the_cloud_is_one_warning_at_the_start(world):
    await world.start_bot(HUAWEICLOUD_SDK_SK="wrong" + scenario.SECRET_KEY)
    await until(lambda: "cloud_refuses" in world.log())
    (line,) = (each for each in lines(world) if each.get("action") == "cloud_refuses")
    assert (line["level"], line["project"], line["code"]) == ("warning", "prod", "cloud.credentials")
    assert line["next_step"].startswith("Run `check`")
    status, parts = await get(world, "/readyz")
    assert status == 503
    assert parts["cloud"].startswith("prod: ")
    assert (await get(world, "/readyz?once=slack,cloud"))[0] == 503
