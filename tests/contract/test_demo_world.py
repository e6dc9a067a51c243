"""The demo's world has an example for every preflight rule, and the local RDS API agrees with each refusal."""

import ast
import inspect
from datetime import UTC, datetime, timedelta

import pytest

from bot.cloud.project import AkSk, Project
from bot.cloud.rds import HuaweiCloud
from bot.domain import rules_instances, rules_point
from bot.domain.facts import BackupPoint, TimePoint
from bot.domain.findings import Severity
from bot.domain.preflight import preflight
from bot.domain.request import InstanceRef, Wish
from bot.sandbox import scenario
from bot.sandbox.rds.evolution import restorable_ranges
from bot.sandbox.rds.server import RdsServer
from bot.workflow.look_up import named, read_facts
from bot.workflow.outcome import Accepted
from tests.fakes import FixedClock

NOW = 1_795_400_000.0
NOT_TOLD = {"disaster_recovery"}
"""Rules whose facts the API does not tell, so that no world can show them."""

DAILY, PARTIAL, FAILED, OTHERS = "daily", "incremental", "failed", "of another instance"
GAP, FUTURE, BEFORE_DROP = "in the gap", "tomorrow", "before the drop"

STOPPED = [
    ("same_engine", "orders-prod", "billing-staging", DAILY),
    ("version", "orders-prod", "orders-old", DAILY),
    ("version", "billing-prod", "analytics", DAILY),
    ("version", "crm-prod", "crm-2017", DAILY),
    ("storage", "orders-prod", "orders-small", DAILY),
    ("table_name_case", "orders-prod", "orders-reporting", DAILY),
    ("source_status", "shop-archive", "payments-prod", DAILY),
    ("target_status", "billing-prod", "warehouse", DAILY),
    ("target_status", "orders-prod", "payments-prod", DAILY),
    ("not_a_replica", "orders-prod", "orders-prod-replica", DAILY),
    ("middleware", "orders-prod", "orders-shard-1", DAILY),
    ("backup_usable", "orders-prod", "orders-staging", FAILED),
    ("backup_usable", "orders-prod", "orders-staging", PARTIAL),
    ("backup_usable", "orders-prod", "orders-staging", OTHERS),
    ("inside_a_window", "orders-prod", "orders-staging", GAP),
    ("inside_a_window", "crm-test", "crm-us", BEFORE_DROP),
    ("not_in_the_future", "orders-prod", "orders-staging", FUTURE),
]
WARNED = [
    ("version", "orders-prod", "orders-next"),
    ("time_zone", "crm-prod", "crm-us"),
    ("source_status", "warehouse", "warehouse-copy"),
    ("onto_itself", "billing-prod", "billing-prod"),
    ("same_network", "billing-prod", "billing-lab"),
    ("encryption", "payments-prod", "payments-vault"),
]


class World:
    """The demo's cloud as the bot sees it."""

    def __init__(self, state, cloud, clock):
        self.state, self.cloud, self.clock = state, cloud, clock

    def point(self, what, source):
        gap = self.state.named("orders-prod").ranges[0].end + 60
        moments = {GAP: gap, FUTURE: NOW + 86400, BEFORE_DROP: scenario.dropped_at(NOW) - 7}
        if what in moments:
            return TimePoint(datetime.fromtimestamp(moments[what], UTC))
        owner = self.state.named("orders-staging" if what == OTHERS else source)
        kind, outcome = {PARTIAL: (PARTIAL, "COMPLETED"), FAILED: ("auto", "FAILED")}.get(what, ("auto", "COMPLETED"))
        backup = next(b for b in self.state.backups_of(owner.id) if (b.type, b.outcome) == (kind, outcome))
        return BackupPoint(backup.id, backup.name, datetime.fromtimestamp(backup.begins_at, UTC))

    async def wish(self, source, target, what=DAILY, databases=None):
        start, end = [await named(self.cloud, "prod", name) for name in (source, target)]
        assert start is not None
        assert end is not None
        refs = InstanceRef(start.id, start.name), InstanceRef(end.id, end.name)
        return Wish("prod", refs[0], refs[1], self.point(what, source), "a test", databases=databases)

    async def findings(self, wish):
        facts = await read_facts(self.cloud, self.clock, "prod", wish.source.id, wish.target.id, wish.point)
        return {finding.rule: finding.severity for finding in preflight(wish, facts, self.clock.now())}


@pytest.fixture
async def world():
    clock = FixedClock(datetime.fromtimestamp(NOW, UTC))
    state = scenario.demo_cloud(NOW)
    server = RdsServer(state, access_keys={scenario.ACCESS_KEY: scenario.SECRET_KEY}, now=lambda: clock.now().timestamp())
    await server.start()
    keys = AkSk(scenario.ACCESS_KEY, scenario.SECRET_KEY)
    project = Project("prod", scenario.REGION, server.url, server.url, scenario.PROJECT_ID, "v3.1", keys, 60_000)
    async with HuaweiCloud([project], clock, cache_seconds=0) as cloud:
        yield World(state, cloud, clock)
    await server.stop()


@pytest.mark.parametrize(("rule", "source", "target", "what"), STOPPED)
async def test_the_world_shows_each_refusal_and_the_cloud_agrees(world, rule, source, target, what):
    wish = await world.wish(source, target, what)
    findings = await world.findings(wish)
    assert findings[rule] is Severity.BLOCKER
    assert not isinstance(await world.cloud.recover("prod", wish), Accepted)


@pytest.mark.parametrize(("rule", "source", "target"), WARNED)
async def test_the_world_shows_each_warning(world, rule, source, target):
    findings = await world.findings(await world.wish(source, target))
    assert findings[rule] is Severity.WARNING
    assert Severity.BLOCKER not in findings.values()


async def test_a_restore_that_runs_and_a_name_that_is_taken(world):
    """`not_busy` needs a restore, `databases` a name: both can be made in the demo within a minute."""
    wish = await world.wish("crm-prod", "crm-test", databases={"crm_audit": "crm"})
    assert (await world.findings(wish))["databases"] is Severity.BLOCKER
    wish = await world.wish("orders-prod", "orders-staging")
    assert isinstance(await world.cloud.recover("prod", wish), Accepted)
    world.clock.forward(seconds=3)
    assert (await world.findings(wish))["not_busy"] is Severity.BLOCKER


def test_no_rule_is_without_an_example():
    shown = {rule for rule, *_ in STOPPED} | {"not_busy", "databases"}
    assert _rules_that("_stop", "BLOCKER") == shown | NOT_TOLD


@pytest.mark.parametrize("target", ["orders-staging", "orders-prod"])
async def test_the_story_can_be_restored(world, target):
    findings = await world.findings(await world.wish("orders-prod", target, BEFORE_DROP))
    assert set(findings.values()) == {Severity.OK}


@pytest.mark.parametrize(("source", "target"), [("billing-prod", "billing-staging"), ("crm-prod", "crm-test")])
async def test_each_engine_has_a_pair_that_goes_together(world, source, target):
    assert set((await world.findings(await world.wish(source, target))).values()) == {Severity.OK}


def test_the_story_names_a_moment_that_can_be_restored():
    state = scenario.demo_cloud(NOW)
    dropped = scenario.dropped_at(NOW)
    spans = restorable_ranges(state, state.named("orders-prod"), NOW)
    assert any(start < dropped * 1000 < end for start, end in spans)
    at = datetime.fromtimestamp(dropped, UTC)
    workspace = scenario.demo_workspace(NOW)
    said = [message for message in workspace.messages_in(scenario.INCIDENT) if f"{at:%H:%M:%S} UTC" in message.text]
    assert len(said) == 2
    assert all(timedelta(0) < datetime.fromtimestamp(float(each.ts), UTC) - at < timedelta(minutes=6) for each in said)
    assert f"{at:%H:%M:%S} UTC" in workspace.channels[scenario.INCIDENT].topic
    assert "{" not in "".join(channel.topic for channel in workspace.channels.values())


def test_who_is_in_the_world():
    workspace = scenario.demo_workspace(NOW)
    people = workspace.people
    assert people["U0GIL"].is_guest
    seen = [channel.id for channel in workspace.channels.values() if channel.visible_to(people["U0EVE"])]
    assert seen == ["C0EXT"]
    engines = [instance.engine for instance in scenario.demo_cloud(NOW).instances.values()]
    assert len(set(engines)) == 3
    assert len(engines) >= 12


def _rules_that(helper, severity):
    """Names of the rules that give such a finding, read from the rules themselves."""
    names = set()
    for module in (rules_instances, rules_point):
        for call in ast.walk(ast.parse(inspect.getsource(module))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            said = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
            graded = [arg.attr for arg in call.args if isinstance(arg, ast.Attribute)]
            if call.func.id == helper or (call.func.id == "_found" and severity in graded):
                names.add(said[0])
    return names
