"""`check` as a process, against the local cloud and the local Slack: one healthy installation, and many broken ones."""

import json
import os
import sqlite3
import time
from dataclasses import replace

import aiohttp
import pytest

from bot.cli.check import NAMES
from bot.sandbox import scenario
from bot.sandbox.rds.server import RdsServer
from bot.sandbox.workspace.config import DEMO_SCOPES
from bot.sandbox.workspace.server import AppConfig, WorkspaceServer
from bot.store.database import Database
from tests.acceptance.forked import run_to_end
from tests.acceptance.world import World

POLICIES = """\
[[policies]]
targets = ["billing-*"]
channels = ["C0INC"]
approvers = ["S0DBA", "U0ALICE"]
approvals = 2

[[policies]]
approvers = ["S0DBA"]
"""
ALL = [name.replace("PROJECT", "prod") for name in NAMES]


class Checked:
    """What a run of `check --json` told."""

    def __init__(self, code, out, err):
        self.code, self.err = code, err
        self.report = json.loads(out)
        self.checks = {check["name"]: check for check in self.report["checks"]}

    def with_status(self, status):
        return [name for name, check in self.checks.items() if check["status"] == status]


async def checked(world, *arguments, **environment):
    values = {**os.environ, **world.environment, **environment}
    code, out, err = await run_to_end(("check", "--json", *arguments), values, world.folder)
    for secret in (scenario.BOT_TOKEN, scenario.APP_TOKEN, scenario.SECRET_KEY, "wrong-secret", scenario.SIGNING_SECRET):
        assert secret not in out + err
    assert "Traceback" not in err
    return Checked(code, out, err)


def configured(world, old, new):
    path = world.folder / "rds-restore.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


async def with_tables(world):
    """The tables of this program, made as `serve` makes them."""
    database = Database(world.environment["DATABASE_URL"])
    await database.open()
    await database.close()


@pytest.fixture
async def world(tmp_path):
    async with World(tmp_path, policies=POLICIES) as made:
        configured(made, "calls_per_minute = 6000", "calls_per_minute = 60")
        await with_tables(made)
        yield made


async def replaced_slack(world, **changed):
    """Another Slack, of an app that differs."""
    await world.slack.stop()
    now = changed.pop("now", time.time)
    world.slack = WorkspaceServer(scenario.demo_workspace(), app=replace(AppConfig(), **changed), now=now)
    await world.slack.start()
    world._stack.push_async_callback(world.slack.stop)


async def test_a_healthy_installation_has_only_good_lines_and_nothing_was_changed(world):
    jobs, backups = len(world.cloud.state.jobs), len(world.cloud.state.backups)
    found = await checked(world)
    assert found.with_status("OK") == ALL, found.report
    assert found.report["overall"] == "OK"
    assert found.code == 0
    assert all(set(check) == {"name", "status", "detail", "next_step", "seconds"} for check in found.report["checks"])
    assert all(check["next_step"] == "" for check in found.report["checks"])
    assert found.checks["cloud prod reachable"]["seconds"] > 0
    assert (len(world.cloud.state.jobs), len(world.cloud.state.backups)) == (jobs, backups)
    assert {call.method for call in world.slack.calls} <= {
        "auth.test", "apps.connections.open", "users.info", "usergroups.users.list", "conversations.info",
    }  # fmt: skip


async def test_for_people_there_is_a_line_each_and_the_policies_in_a_table(world):
    code, out, _ = await world.run("check", COLUMNS="200")
    assert code == 0
    lines = [line for line in out.splitlines() if line.startswith("OK  ")]
    assert [line.startswith(f"OK    {name}: ") for line, name in zip(lines, ALL, strict=True)] == [True] * len(ALL)
    assert "Policies: the first that matches decides" in out
    values = {**os.environ, **world.environment, "HUAWEICLOUD_SDK_SK": "wrong-secret"}
    code, out, _ = await run_to_end(("check",), values, world.folder)
    assert code == 1
    at = next(number for number, line in enumerate(out.splitlines()) if line.startswith("FAIL  cloud prod credentials"))
    assert out.splitlines()[at + 1].startswith("      → Set the project's keys anew")


async def test_it_runs_while_the_bot_runs(world):
    await world.start_bot()
    found = await checked(world)
    assert found.code == 0, found.report


BY_SETTINGS = [
    ({"SLACK_BOT_TOKEN": "xoxb-wrong-secret"}, "slack token", "Install the app in the workspace again"),
    ({"SLACK_APP_TOKEN": "xapp-wrong-secret"}, "slack connection", "connections:write"),
    ({"HUAWEICLOUD_SDK_SK": "wrong-secret"}, "cloud prod credentials", "Set the project's keys anew"),
    ({"DATABASE_URL": "postgresql://bot:wrong-secret@127.0.0.1:1/bot"}, "database", "See that the database runs"),
]


@pytest.mark.parametrize(("environment", "line", "step"), BY_SETTINGS, ids=[each[1] for each in BY_SETTINGS])
async def test_a_wrong_setting_fails_its_line_and_no_other(world, environment, line, step):
    found = await checked(world, **environment)
    assert found.with_status("FAIL") == [line], found.report
    assert step in found.checks[line]["next_step"]
    assert found.code == 1
    assert list(found.checks) == ALL


BY_POLICY = [
    ('"S0DBA", "U0ALICE"', '"S0NONE", "U0ALICE"', "slack groups", "FAIL", "Correct the id S0NONE"),
    ('"S0DBA", "U0ALICE"', '"S0DBA", "U0NONE"', "slack people", "FAIL", "Take U0NONE out of the policies"),
    ('"S0DBA", "U0ALICE"', '"S0DBA", "U0ALICE", "U0GIL"', "slack people", "WARN", "Take U0GIL out of the policies"),
    ('"C0INC"', '"C0DBA"', "slack channels", "FAIL", "/invite"),
    ('"C0INC"', '"C0OLD"', "slack channels", "FAIL", "Take C0OLD out of the policies"),
    ('"C0INC"', '"C0EXT"', "slack channels", "FAIL", "Take C0EXT out of the policies"),
    ("approvals = 2", "approvals = 4", "approvers", "FAIL", "Add approvers to policy 1"),
    ("approvals = 2", "approvals = 3", "approvers", "WARN", "nobody approves what they asked for"),
    ('"S0DBA", "U0ALICE"', '"U0BOB"', "policies", "FAIL", "lower `approvals`"),
    ('targets = ["billing-*"]', 'projects = ["nowhere"]', "policies", "WARN", "Correct `projects` of policy 1"),
    ('targets = ["billing-*"]', 'targets = ["biling-*"]', "policy targets", "WARN", "Correct `targets` of policy 1"),
    ('targets = ["billing-*"]', 'targets = ["*"]', "policy targets", "WARN", "Move policy 2 up"),
]


@pytest.mark.parametrize(("old", "new", "line", "status", "step"), BY_POLICY)
async def test_a_policy_that_cannot_work(world, old, new, line, status, step):
    configured(world, old, new)
    found = await checked(world)
    assert found.checks[line]["status"] == status, found.report
    assert step in found.checks[line]["next_step"]
    assert found.code == (1 if status == "FAIL" else 0)
    assert list(found.checks) == ALL


@pytest.mark.parametrize("broken", ["configuration", "environment"])
async def test_a_broken_configuration_ends_with_2_and_the_rest_is_asked(world, broken):
    if broken == "configuration":
        configured(world, "calls_per_minute", "calls_per_hour")
        found = await checked(world)
        assert "calls_per_hour" in found.checks["configuration"]["detail"]
        assert found.checks["slack token"]["status"] == "OK"
    else:
        found = await checked(world, PORT="many")
        assert "PORT" in found.checks["configuration"]["detail"]
        assert found.checks["slack token"]["status"] == "WARN"
    assert found.code == 2
    assert found.with_status("FAIL") == ["configuration"]
    assert found.checks["configuration"]["next_step"] == "Correct what is named, then run `check` again."
    assert found.checks["database"]["status"] == "OK"
    assert list(found.checks) == [name for name in ALL if not name.startswith("cloud")]


@pytest.mark.parametrize(
    "url", ["mysql://bot:wrong-secret@x/y", "postgresql://bot:wrong-secret@x:port/y", "wrong-secret", "sqlite://"]
)
async def test_an_address_of_no_database_is_wrong_configuration(world, url):
    found = await checked(world, DATABASE_URL=url)
    assert found.code == 2
    assert found.with_status("FAIL") == ["configuration"]
    assert "DATABASE_URL" in found.checks["configuration"]["detail"]
    assert found.checks["configuration"]["next_step"] == "Correct what is named, then run `check` again."
    assert found.checks["database"]["detail"] == "Not asked, because of `configuration`."
    assert found.checks["slack groups"]["status"] == found.checks["policies"]["status"] == "OK"
    assert list(found.checks) == ALL


async def test_all_that_is_wrong_with_the_configuration_is_said_at_once(world):
    configured(world, "calls_per_minute", "calls_per_hour")
    found = await checked(world, DATABASE_URL="mysql://x/y")
    assert "calls_per_hour" in found.checks["configuration"]["detail"]
    assert "DATABASE_URL" in found.checks["configuration"]["detail"]
    assert found.code == 2


@pytest.mark.parametrize(
    ("revision", "status", "step"), [("9999", "FAIL", "Install the version"), (None, "WARN", "do not start `serve`")]
)
async def test_a_schema_that_is_not_ours(world, revision, status, step):
    with sqlite3.connect(world.folder / "bot.db") as file:
        if revision is None:
            file.execute("DROP TABLE alembic_version")
        else:
            file.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    file.close()
    found = await checked(world)
    assert found.with_status(status) == ["database"], found.report
    assert step in found.checks["database"]["next_step"]
    assert found.code == (1 if status == "FAIL" else 0)


async def test_a_database_that_is_not_there_yet_is_not_made(world):
    found = await checked(world, DATABASE_URL=f"sqlite+aiosqlite:///{world.folder}/new.db")
    assert found.with_status("WARN") == ["database"]
    assert not (world.folder / "new.db").exists()
    found = await checked(world, DATABASE_URL=f"sqlite+aiosqlite:///{world.folder}/nowhere/new.db")
    assert found.with_status("FAIL") == ["database"]
    assert f"Create {world.folder}/nowhere" in found.checks["database"]["next_step"]


async def test_a_token_that_was_revoked(world):
    world.slack.faults.errors = {"auth.test": "token_revoked"}
    found = await checked(world)
    assert found.with_status("FAIL") == ["slack token"]
    assert "token_revoked" in found.checks["slack token"]["detail"]
    assert "slack groups" in found.with_status("WARN")
    assert "cloud prod credentials" in found.with_status("OK")
    world.slack.faults.errors = {"auth.test": "internal_error"}
    found = await checked(world)
    assert found.with_status("FAIL") == ["slack token"]
    assert "again in a minute" in found.checks["slack token"]["next_step"]


async def test_scopes_that_are_missing_and_in_excess(world):
    await replaced_slack(world, scopes=DEMO_SCOPES - {"usergroups:read", "im:history"})
    found = await checked(world)
    assert found.with_status("FAIL") == ["slack scopes", "slack groups"]
    assert found.checks["slack scopes"]["detail"] == "The token of Northwind lacks usergroups:read."
    assert "install the app again" in found.checks["slack scopes"]["next_step"]
    assert found.code == 1
    await replaced_slack(world, scopes=DEMO_SCOPES | {"files:write"})
    found = await checked(world)
    assert found.with_status("WARN") == ["slack scopes"]
    assert "files:write" in found.checks["slack scopes"]["detail"]
    assert found.code == 0


@pytest.mark.parametrize("action", [name.removeprefix("cloud prod ") for name in ALL if name.startswith("cloud prod rds:")])
async def test_an_iam_action_that_is_missing(world, action):
    world.cloud.faults.change({"denied_actions": [action]})
    found = await checked(world)
    name = f"cloud prod {action}"
    optional = action in ("rds:param:list", "rds:database:list")
    assert found.with_status("FAIL") == ([] if optional else [name]), found.report
    assert found.checks[name]["status"] == ("WARN" if optional else "FAIL")
    assert f"{action} is missing" in found.checks[name]["detail"]
    assert f"Grant {action}" in found.checks[name]["next_step"]
    assert list(found.checks) == ALL


@pytest.mark.parametrize(
    ("seconds", "slack", "cloud"), [(-60, "WARN", "WARN"), (600, "FAIL", "WARN"), (1200, "FAIL", "FAIL")]
)
async def test_a_clock_that_is_wrong(world, seconds, slack, cloud):
    await replaced_slack(world, now=lambda: time.time() + seconds)
    world.cloud._now = lambda: time.time() + seconds
    found = await checked(world)
    assert found.checks["slack clock"]["status"] == slack
    assert found.checks["cloud prod clock"]["status"] == cloud
    assert "time server" in found.checks["cloud prod clock"]["next_step"]
    assert ("behind" if seconds > 0 else "ahead") in found.checks["slack clock"]["detail"]
    # Past 15 minutes the cloud does not take the signature either.
    assert found.checks["cloud prod credentials"]["status"] == ("FAIL" if cloud == "FAIL" else "OK")


async def test_a_region_without_the_version(world):
    configured(world, 'api_version = "v3"', 'api_version = "v3.1"')
    world.cloud.state.v31 = False
    found = await checked(world)
    assert found.with_status("FAIL") == ["cloud prod api_version"]
    assert 'api_version = "v3"' in found.checks["cloud prod api_version"]["next_step"]
    assert found.code == 1


async def test_a_cloud_that_is_down_and_one_that_is_not_there(world):
    world.cloud.faults.change({"unavailable": True})
    found = await checked(world)
    assert found.with_status("FAIL") == ["cloud prod reachable"]
    assert list(found.checks) == ALL
    await world.cloud.stop()
    found = await checked(world)
    assert found.with_status("FAIL") == ["cloud prod reachable"]
    assert "HTTPS_PROXY" in found.checks["cloud prod reachable"]["next_step"]
    assert "cloud prod rds:backup:list" in found.with_status("WARN")


async def test_for_people_all_that_was_not_asked_for_one_reason_is_one_line(world):
    world.cloud.faults.change({"unavailable": True})
    code, out, _ = await run_to_end(("check",), {**os.environ, **world.environment}, world.folder)
    assert code == 1
    lines = out.splitlines()
    at = next(number for number, line in enumerate(lines) if "not asked because of `cloud prod reachable`" in line)
    assert lines[at].startswith("WARN  not asked because of `cloud prod reachable`: credentials, api_version, ")
    assert "rds:backup:list" in lines[at]
    assert lines[at + 1] == "      → Mend `cloud prod reachable` first, then run `check` again."
    assert [out.count(words) for words in ("`cloud prod reachable` first", "Not asked", "unreachable cloud")] == [1, 0, 0]
    assert "WARN  not asked because of `cloud prod`: policy targets" in lines


async def test_slack_that_is_down(world):
    await world.slack.stop()
    found = await checked(world)
    assert found.with_status("FAIL") == ["slack token", "slack connection"]
    assert "may reach Slack" in found.checks["slack token"]["next_step"]
    assert "cloud prod credentials" in found.with_status("OK")


async def test_a_region_without_a_task_list_is_worth_a_word(world):
    world.cloud.faults.change({"tasklist_missing": True})
    found = await checked(world)
    assert found.with_status("WARN") == ["cloud prod rds:task:list"]
    assert found.code == 0


async def test_over_http_the_public_address_is_asked(world):
    world.http_mode = True
    found = await checked(world)
    assert found.with_status("WARN") == ["slack connection"]
    assert "--public-url" in found.checks["slack connection"]["next_step"]
    found = await checked(world, "--public-url", "http://127.0.0.1:1")
    assert found.with_status("FAIL") == ["slack connection"]
    for address in ("http://bot.example.org", "bot.example.org"):
        found = await checked(world, "--public-url", address)
        assert found.with_status("FAIL") == ["slack connection"]
        assert f"{address} does not begin with https://" in found.checks["slack connection"]["detail"]
    found = await checked(world, "--public-url", world.cloud.url)
    assert found.with_status("FAIL") == ["slack connection"]
    assert "/healthz" in found.checks["slack connection"]["detail"]
    await world.start_bot()
    url = next(json.loads(line)["url"] for line in world.log().splitlines() if '"ready"' in line)
    async with aiohttp.ClientSession() as session, session.get(url + "/healthz") as answer:
        assert answer.status == 200
    found = await checked(world, "--public-url", url)
    assert found.with_status("OK") == ALL, found.report


async def test_another_cloud_with_other_credentials_by_token(world):
    """With a user and a password, the log-in is asked too."""
    state = scenario.demo_cloud(time.time())
    cloud = RdsServer(state, access_keys={})
    await cloud.start()
    world._stack.push_async_callback(cloud.stop)
    configured(world, world.cloud.url, cloud.url)
    user = scenario.IAM_USER
    token = f'auth = "token"\nusername = "{user.name}"\ndomain = "{user.domain}"\npassword_env = "IAM_PASSWORD"\n'
    configured(world, "calls_per_minute = 60\n", "calls_per_minute = 60\n" + token)
    found = await checked(world, IAM_PASSWORD=user.password)
    assert found.with_status("OK") == ALL, found.report
    found = await checked(world, IAM_PASSWORD="wrong-secret")
    assert found.with_status("FAIL") == ["cloud prod credentials"]
