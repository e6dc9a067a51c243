"""What `/readyz` and `rds_restore_ready` say of an idle bot when something outside changes, and what a probe makes of it."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.ops.health import Health
from bot.ops.metrics import Metrics
from bot.ops.watching import Pace
from tests.integration.in_slack import in_slack

QUICK = Pace(quiet=0.3, grace=0.2, again=(0.1,), refused=(0.1,))


async def readyz(inside, query=""):
    async with inside.http.get(f"{inside.program.url}/readyz{query}") as answer:
        return answer.status, await answer.json()


async def becomes(inside, status, query=""):
    async with asyncio.timeout(20):
        while (found := await readyz(inside, query))[0] != status:  # noqa: ASYNC110 - nothing tells when it changes
            await asyncio.sleep(0.02)
    return found[1]


AWAY = ({"unavailable": True}, "trouble of its own")
REFUSES = ({"denied_actions": ["rds:instance:list"]}, "may not")


@pytest.mark.parametrize(("fault", "words"), [AWAY, REFUSES])
async def test_an_idle_bot_sees_that_the_cloud_is_away_or_refuses_it_and_that_it_is_back(tmp_path, fault, words):
    async with in_slack(tmp_path, http_mode=False, pace=QUICK) as inside:
        assert (await readyz(inside))[0] == 200
        inside.rds.faults.change(fault)
        parts = await becomes(inside, 503)
        assert parts["slack"] == parts["database"] == "ok"
        assert parts["cloud"].startswith("prod: ")
        assert words in parts["cloud"]
        assert "It last answered at " in parts["cloud"]
        # A pod goes on answering people.
        status, parts = await readyz(inside, "?once=slack,cloud")
        assert status == 200
        assert words in parts["cloud"]
        inside.rds.faults.clear()
        assert (await becomes(inside, 200))["cloud"] == "ok"


async def test_what_the_cloud_answers_to_people_shows_that_it_is_back(tmp_path):
    seldom = Pace(quiet=0.3, grace=0.1, again=(600.0,), refused=(600.0,))
    async with in_slack(tmp_path, http_mode=False, pace=seldom) as inside:
        inside.rds.faults.unavailable = True
        await becomes(inside, 503)
        inside.rds.faults.clear()
        await inside.slack.actor("U0ALICE").command("C0INC", "/rds-restore orders-prod to orders-staging")
        await becomes(inside, 200)


@pytest.mark.parametrize("http_mode", [True, False])
async def test_an_idle_bot_sees_that_slack_refuses_its_token(tmp_path, http_mode):
    async with in_slack(tmp_path, http_mode=http_mode, pace=QUICK) as inside:
        assert (await readyz(inside))[0] == 200
        inside.slack.faults.errors = {"auth.test": "account_inactive"}
        assert "account_inactive" in (await becomes(inside, 503))["slack"]
        inside.slack.faults.errors = {}
        await becomes(inside, 200)


async def test_in_http_mode_a_slack_that_is_away_is_seen(tmp_path):
    async with in_slack(tmp_path, http_mode=True, pace=QUICK) as inside:
        await readyz(inside)
        inside.slack.faults.down = True
        assert "Slack does not" in (await becomes(inside, 503))["slack"]
        inside.slack.faults.down = False
        await becomes(inside, 200)


async def test_each_project_is_asked_seldom_and_however_often_somebody_probes(tmp_path):
    async with in_slack(tmp_path, http_mode=True, projects=("prod", "test")) as inside:
        for _ in range(20):
            assert (await readyz(inside))[0] == 200
        assert len(inside.rds.calls) == 2
        assert [call.method for call in inside.slack.calls].count("auth.test") == 1


async def test_a_wrong_key_that_many_projects_share_is_shown_to_the_cloud_once(tmp_path):
    names = tuple(f"region-{number}" for number in range(8))
    async with in_slack(tmp_path, http_mode=True, projects=names, cloud_secret="another") as inside:
        status, parts = await readyz(inside)
        assert status == 503
        assert all(f"{name}: The cloud did not accept the bot's credentials" in parts["cloud"] for name in names)
        assert [call.status for call in inside.rds.calls] == [401]


@asynccontextmanager
async def probed(checks, metrics=None):
    metrics = metrics or Metrics("1.2.3")

    async def nothing():
        return

    health = Health(checks, metrics, nothing)
    application = web.Application()
    application.add_routes(health.routes())
    async with TestServer(application) as server, aiohttp.ClientSession() as session:

        async def probe(query=""):
            async with session.get(server.make_url(f"/readyz{query}")) as answer:
                return answer.status, await answer.json()

        yield health, probe


async def test_a_part_that_may_be_away_later_must_have_been_well_once():
    trouble = {"database": None, "slack": None, "cloud": "no key"}

    def check(name):
        async def found():
            return trouble[name]

        return found

    async with probed({name: check(name) for name in trouble}) as (_, probe):
        assert (await probe("?once=slack,cloud"))[0] == 503
        trouble["cloud"] = None
        assert (await probe("?once=slack,cloud"))[0] == 200
        trouble["cloud"] = "away"
        assert await probe("?once=slack,cloud") == (200, {"database": "ok", "slack": "ok", "cloud": "away"})
        assert (await probe("?once=slack"))[0] == 503
        assert (await probe())[0] == 503
        trouble["database"] = "away"
        assert (await probe("?once=slack,cloud"))[0] == 503
        status, said = await probe("?once=slak")
        assert status == 400
        assert said["error"] == "once: there is no part slak; there are database, slack, cloud."


async def test_a_check_that_breaks_is_not_well_and_the_probe_is_answered():
    async def broken():
        raise ZeroDivisionError

    async with probed({"cloud": broken}) as (_, probe):
        assert await probe() == (503, {"cloud": "could not be looked at; see the log"})


async def test_the_figure_is_kept_where_nobody_probes():
    metrics = Metrics("1.2.3")
    trouble: list[str | None] = [None]

    async def check():
        return trouble[-1]

    def ready():
        return metrics.registry.get_sample_value("rds_restore_ready", {"part": "cloud"})

    async with probed({"cloud": check}, metrics) as (health, _), asyncio.timeout(10):
        keeping = asyncio.create_task(health.keep(every=0.01))
        for found, figure in ((None, 1), ("away", 0), (None, 1)):
            trouble.append(found)
            while ready() != figure:  # noqa: ASYNC110 - nothing tells when it changes
                await asyncio.sleep(0.01)
        keeping.cancel()
