"""What the log says when the program has started, of what would else be found only by the first approver."""

import json

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from structlog.testing import capture_logs

from bot.cli.at_start import look_at_groups
from bot.domain.errors import Refused
from bot.domain.policy import Policy
from bot.sandbox import scenario
from bot.slack.workspaces import OneWorkspace, Workspace
from tests.acceptance.world import World, until

POLICIES = """\
[[policies]]
targets = ["billing-*"]
approvers = ["S0DBA", "S0GONE"]
notify = ["S0GONE"]

[[policies]]
approvers = ["S0DBA"]
escalate_to = ["S0GONE"]
"""


@pytest.fixture
async def world(tmp_path):
    async with World(tmp_path, policies=POLICIES) as made:
        yield made


def said(world):
    return [json.loads(line) for line in world.log().splitlines() if line.startswith("{")]


async def test_a_group_that_is_not_there_is_named_once_with_its_policies_and_what_to_do(world):
    await world.start_bot()
    await until(lambda: "group_unreadable" in world.log())
    (line,) = (each for each in said(world) if each.get("action") == "group_unreadable")
    assert line["level"] == "warning"
    assert line["group"] == "S0GONE"
    assert line["named_by"] == ["policy 1 (approvers, notify)", "policy 2 (escalate_to)"]
    assert line["why"] == "there is no such group. The operator must correct the policy."
    assert line["next_step"].startswith("Correct the id S0GONE in the policies")


async def test_a_slack_that_does_not_tell_of_groups_keeps_nobody_from_working(world):
    world.slack.faults.change({"delay": 60.0, "methods": ["usergroups.users.list"]})
    bot = await world.start_bot()
    bot.terminate()
    assert await bot.wait() == 0
    assert [each["action"] for each in said(world)][-1] == "stopped"


class Looking:
    """The look at groups in this process; time passes only while it sleeps, and `meanwhile` happens then."""

    def __init__(self, world):
        client = AsyncWebClient(token=scenario.BOT_TOKEN, base_url=world.slack.api_url)
        self.slack = world.slack
        self.workspaces = OneWorkspace(Workspace(client, "", ""))
        self.slept = []
        self.meanwhile = lambda: None

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.meanwhile()

    async def at(self, *groups):
        """What was warned of."""
        with capture_logs() as lines:
            await look_at_groups([Policy(approvers=groups)], self.workspaces, sleep=self.sleep)
        return lines

    def calls(self):
        return [call.method for call in self.slack.calls].count("usergroups.users.list")


async def test_silence_is_not_blamed_on_the_policies(world):
    world.slack.faults.down = True
    (line,) = await Looking(world).at("S0DBA")
    assert line["next_step"].startswith("Run `check` again in a minute")


async def test_a_group_is_not_warned_of_because_slack_asks_to_wait(world):
    looking = Looking(world)
    world.slack.faults.change({"errors": {"usergroups.users.list": "ratelimited"}})
    looking.meanwhile = lambda: world.slack.faults.errors.clear() if len(looking.slept) == 2 else None
    assert await looking.at("S0DBA") == []
    assert looking.slept == [60.0, 60.0]
    assert looking.calls() == 3


async def test_many_groups_leave_half_of_the_calls_that_slack_allows_to_the_decisions(world):
    looking = Looking(world)
    lines = await looking.at(*(f"S0GONE{number}" for number in range(25)))
    assert len(lines) == looking.calls() == 25
    assert sum(looking.slept) >= 24 * 60.0 / (20 / 2)


async def test_where_the_app_is_not_installed_yet_no_group_is_missed():
    class Nowhere:
        async def of(self, person):
            raise Refused("not_installed", "Nobody has installed the app.")

        async def all(self):
            return ()

    with capture_logs() as lines:
        await look_at_groups([Policy(approvers=("S0DBA",))], Nowhere())
    assert lines == []
