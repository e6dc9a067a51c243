"""The server behind the panel of the demo: the two local servers are real, the bot and its requests are the test's."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from bot.domain.states import TRANSITIONS
from bot.sandbox import scenario
from bot.sandbox.backstage.ports import CannotDo, RequestSeen
from bot.sandbox.backstage.server import Backstage
from bot.sandbox.backstage.switches import SWITCHES, Stage
from bot.sandbox.rds.server import RdsServer
from bot.sandbox.workspace.page_api import FOLDER
from bot.sandbox.workspace.server import AppConfig, WorkspaceServer
from tests.acceptance.world import until
from tests.browser.stage import STATE

NOW = 1_795_435_200.0
PROJECT = f"/v3/{scenario.PROJECT_ID}"


@dataclass
class Puppet:
    """A bot that is no process, and requests that are on no record."""

    running: bool = True
    restarts: int = 0
    requests: list[RequestSeen] = field(default_factory=list)
    broken: Exception | None = None
    """What asking for the requests ends with."""
    asked: int = 0

    async def kill(self) -> None:
        if not self.running:
            raise CannotDo("The bot is not running.")
        self.running = False

    async def start(self) -> None:
        self.running, self.restarts = True, self.restarts + 1

    async def newest(self) -> list[RequestSeen]:
        self.asked += 1
        if self.broken is not None:
            raise self.broken
        return self.requests


class Panel:
    """What the page does."""

    def __init__(self, stage: Stage, puppet: Puppet, backstage: Backstage, http: aiohttp.ClientSession) -> None:
        self.slack, self.cloud, self.puppet, self.backstage, self.http = stage.slack, stage.cloud, puppet, backstage, http
        self.moment = NOW

    async def state(self):
        async with self.http.get(f"{self.slack.url}/_control/state") as answer:
            return await answer.json()

    async def post(self, what: str, **body):
        async with self.http.post(f"{self.slack.url}/_control/{what}", json=body) as answer:
            return await answer.json()

    async def cloud_get(self, path: str) -> int:
        async with self.http.get(f"{self.cloud.url}{PROJECT}{path}") as answer:
            return answer.status

    async def restore(self) -> int:
        """The recovery call; raises where no answer comes."""
        state = self.cloud.state
        source, target = state.named("orders-prod"), state.named("orders-staging")
        backup = next(each for each in state.backups_of(source.id) if each.type == "auto" and each.outcome == "COMPLETED")
        body = {
            "source": {"instance_id": source.id, "type": "backup", "backup_id": backup.id},
            "target": {"instance_id": target.id},
        }
        async with self.http.post(f"{self.cloud.url}{PROJECT}/instances/recovery", json=body) as answer:
            return answer.status

    async def done(self) -> set[str]:
        return {step["id"] for step in (await self.state())["tour"] if step["done"]}

    async def goes(self, name: str, *path: str) -> None:
        """A request has come this far."""
        others = [each for each in self.puppet.requests if each.id != name]
        self.puppet.requests = [*others, RequestSeen(name, "orders-staging", path[-1], path)]
        await self.state()


@pytest.fixture
async def panel() -> AsyncIterator[Panel]:
    cloud = RdsServer(scenario.demo_cloud(NOW), now=lambda: made.moment)
    slack = WorkspaceServer(scenario.demo_workspace(), app=AppConfig())
    stage, puppet = Stage(slack, cloud), Puppet()
    states = {str(state): sorted(map(str, after)) for state, after in TRANSITIONS.items()}
    backstage = Backstage(stage, puppet, puppet, states)
    await cloud.start()
    await slack.start()
    await backstage.start()
    async with aiohttp.ClientSession() as http:
        made = Panel(stage, puppet, backstage, http)
        yield made
    await backstage.stop()
    await slack.stop()
    await cloud.stop()


async def test_the_state_has_the_shape_that_the_page_is_tested_with(panel):
    panel.puppet.requests = [RequestSeen("R-7KQ2M", "orders-staging", "restoring", ("pending", "approved", "restoring"), 40)]
    await panel.cloud_get("/instances")
    state = await panel.state()
    assert state.keys() == STATE.keys()
    for part in ("faults", "tour", "actions"):
        assert {frozenset(each) for each in state[part]} == {frozenset(each) for each in STATE[part]}
    assert state["states"] == STATE["states"]
    assert {each["id"] for each in STATE["actions"]} == {each["id"] for each in state["actions"]}
    assert state["requests"][0]["path"] == ["pending", "approved", "restoring"]
    assert state["requests"][0]["percent"] == 40
    looks = (FOLDER / "tour.js").read_text(encoding="utf-8").partition("const LOOKS")[2].partition("};")[0]
    assert {step["look"] for step in state["tour"]} <= set(re.findall(r"(\w+): ", looks))


async def test_the_same_read_in_a_row_is_one_line_and_a_change_never(panel):
    for _ in range(3):
        await panel.cloud_get("/instances")
    await panel.cloud_get("/tasklist?limit=5")
    await panel.cloud_get("/instances")
    assert await panel.restore() == 200
    assert await panel.restore() == 409
    told = [(line["operation"], line["status"], line["count"], line["changes"]) for line in (await panel.state())["calls"]]
    assert told == [
        ("List instances", 200, 3, False),
        ("List the tasks", 200, 1, False),
        ("List instances", 200, 1, False),
        ("Restore onto an existing instance", 200, 1, True),
        ("Restore onto an existing instance", 409, 1, True),
    ]
    assert (await panel.state())["recovery_calls"] == 2


async def test_a_lost_answer_is_shown_as_lost_and_counted(panel):
    await panel.post("fault", id="lose_recovery_answer", on=True)
    for number in (1, 2):
        with pytest.raises(aiohttp.ClientError):
            await panel.restore()
        state = await panel.state()
        # Were it sent twice, the panel would show two.
        assert [(line["status"], line["count"]) for line in state["calls"]] == [(None, 1)] * number
        assert state["recovery_calls"] == number
    assert len(panel.cloud.state.jobs) == 1


@pytest.mark.parametrize("switch", [each.id for each in SWITCHES])
async def test_every_switch_is_turned_on_and_off(panel, switch):
    def is_on(state):
        return [each["id"] for each in state["faults"] if each["on"]]

    assert await panel.post("fault", id=switch, on=True) == {"ok": True}
    assert is_on(await panel.state()) == [switch]
    await panel.post("fault", id=switch, on=False)
    assert is_on(await panel.state()) == []


@pytest.mark.parametrize(("switch", "status"), [("cloud_down", 503), ("throttled", 429)])
async def test_the_cloud_turns_calls_away_until_it_is_switched_back(panel, switch, status):
    await panel.post("fault", id=switch, on=True)
    assert [await panel.cloud_get("/instances") for _ in range(3)] == [status] * 3
    await panel.post("fault", id=switch, on=False)
    assert await panel.cloud_get("/instances") == 200


async def test_while_slack_is_down_for_the_bot_people_go_on(panel):
    await panel.post("fault", id="slack_down", on=True)
    async with panel.http.post(f"{panel.slack.api_url}auth.test") as answer:
        assert answer.status == 503
    said = {"user": "U0ALICE", "channel": "C0INC", "text": "Is somebody there?"}
    async with panel.http.post(f"{panel.slack.url}/_page/message", json=said) as answer:
        assert (await answer.json())["ok"]


async def test_a_restore_hangs_until_it_is_switched_off_and_fails_once(panel):
    await panel.post("fault", id="job_hangs", on=True)
    await panel.restore()
    panel.moment += 3600
    job = next(iter(panel.cloud.state.jobs.values()))
    assert job.hangs
    assert [each["on"] for each in (await panel.state())["faults"] if each["id"] == "job_hangs"] == [True]
    await panel.post("fault", id="job_hangs", on=False)
    assert not job.hangs
    await panel.post("fault", id="job_fails", on=True)
    await panel.restore()
    assert list(panel.cloud.state.jobs.values())[-1].fail_reason
    assert [each["on"] for each in (await panel.state())["faults"] if each["id"] == "job_fails"] == [False]


async def test_speed_and_the_bot(panel):
    assert await panel.post("speed", job_seconds=120) == {"ok": True}
    assert panel.cloud.state.job_seconds == 120.0
    assert (await panel.state())["speeds"] == {"job_seconds": 120, "choices": [6, 24, 120]}
    assert not (await panel.post("speed", job_seconds=-1))["ok"]
    await panel.post("action", id="kill_bot")
    state = await panel.state()
    assert state["bot"] == {"running": False, "restarts": 0}
    assert [each["possible"] for each in state["actions"]] == [False, True]
    assert await panel.post("action", id="kill_bot") == {"ok": False, "error": "The bot is not running."}
    await panel.post("action", id="start_bot")
    assert (await panel.state())["bot"] == {"running": True, "restarts": 1}


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("fault", {"id": "nothing", "on": True}),
        ("fault", {"id": "cloud_down"}),
        ("speed", {"job_seconds": "fast"}),
        ("action", {"id": "rm"}),
        ("tour", {"id": "become"}),
        ("tour", {"id": "confirm"}),
    ],
)
async def test_what_is_not_possible_is_refused_in_words(panel, what, body):
    answer = await panel.post(what, **body)
    assert answer["ok"] is False
    assert answer["error"]


async def test_pages_of_other_origins_cannot_switch_anything(panel):
    text = {"data": '{"id": "kill_bot"}', "headers": {"Content-Type": "text/plain"}}
    async with panel.http.post(f"{panel.slack.url}/_control/action", **text) as answer:
        assert answer.status == 415
    async with panel.http.post(f"{panel.slack.url}/_control/action", json=["kill_bot"]) as answer:
        assert answer.status == 400
    assert panel.puppet.running


async def test_the_page_is_told_what_changes(panel):
    async with panel.http.ws_connect(f"{panel.slack.url}/_control/live") as live:
        assert (await live.receive_json())["recovery_calls"] == 0
        await panel.cloud_get("/instances")
        async with asyncio.timeout(5):
            while not (await live.receive_json())["calls"]:
                pass


async def test_a_look_that_fails_is_said_once_and_is_not_the_last_one(panel, caplog):
    async with panel.http.ws_connect(f"{panel.slack.url}/_control/live") as live, asyncio.timeout(10):
        await live.receive_json()
        panel.puppet.broken, asked = ZeroDivisionError("nobody foresaw it"), panel.puppet.asked
        await until(lambda: panel.puppet.asked > asked + 2)
        panel.puppet.broken = None
        await panel.cloud_get("/instances")
        while not (await live.receive_json())["calls"]:
            pass
    said = [record for record in caplog.records if "could not be brought up to date" in record.message]
    assert len(said) == 1
    assert "nobody foresaw it" in caplog.text


async def test_the_tour_is_done_by_what_happens_and_its_second_part_only_by_new_requests(panel):
    assert await panel.done() == set()
    await panel.goes("R-1", "pending")
    assert await panel.done() == {"ask", "fill", "confirm"}
    async with panel.http.ws_connect(f"{panel.slack.url}/_page/live?user=U0DANA"):
        assert "become" in await panel.done()
    await panel.goes("R-1", "pending", "approved", "submitting", "restoring", "succeeded")
    first = await panel.done()
    assert "restored" in first
    assert "lose" not in first

    await panel.post("action", id="kill_bot")
    await panel.post("action", id="start_bot")
    await panel.post("tour", id="lose")
    assert await panel.done() == first | {"lose"}
    await panel.goes("R-2", "pending", "approved", "submitting")
    with pytest.raises(aiohttp.ClientError):
        await panel.restore()
    assert await panel.done() == first | {"lose", "again", "lost"}
    await panel.goes("R-2", "pending", "approved", "submitting", "restoring")
    assert "kill" not in await panel.done()
    await panel.post("action", id="kill_bot")
    await panel.post("action", id="start_bot")
    assert "kill" in await panel.done()
    await panel.goes("R-2", "pending", "approved", "submitting", "restoring", "succeeded")
    assert len(await panel.done()) == 15


def test_every_switch_is_documented():
    text = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
    assert [each.id for each in SWITCHES if each.id not in text or each.label not in text] == []
