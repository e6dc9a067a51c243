"""Everything that the program writes, of restores that go well and of all that goes wrong: no secret is in it, and each
change of a request's state is one line."""

import json
import re
from collections import Counter
from contextlib import ExitStack
from urllib.parse import urlsplit

import aiohttp
import psycopg
import pytest

from bot.sandbox import scenario
from bot.sandbox.rds.state import User
from tests.acceptance.journey import ALICE, approve, ask, card, headline, thread, told
from tests.acceptance.world import INCIDENT, POLICIES, World, until
from tests.databases import empty_postgresql

DATABASE_PASSWORD = "p%40ss-of-the-database"
IAM_PASSWORD = "iam-p4ssword-of-the-bot"
BY_PASSWORD = """\
[[projects]]
name = "by-password"
region = "{region}"
project_id = "{project_id}"
endpoint = "{url}"
iam_endpoint = "{url}"
auth = "token"
username = "bot"
password_env = "IAM_PASSWORD"
domain = "company"
calls_per_minute = 6000

"""


class Told(World):
    """A world with every kind of secret in it."""

    async def __aenter__(self):
        made = await super().__aenter__()
        self.cloud.state.users.append(User("bot", IAM_PASSWORD, "company"))
        path = self.folder / "rds-restore.toml"
        project = BY_PASSWORD.format(region=scenario.REGION, project_id=scenario.PROJECT_ID, url=self.cloud.url)
        before, worker, after = path.read_text().partition("[worker]")
        path.write_text(before + project + worker + after)
        return made

    @property
    def environment(self):
        return super().environment | {"IAM_PASSWORD": IAM_PASSWORD}

    @property
    def url(self):
        return re.findall(r"http://127\.0\.0\.1:\d+", self.log())[-1]

    def secrets(self):
        """Each of them, and that they were really in use."""
        tokens = list(self.cloud._api._authentication._tokens)
        responses = list(self.slack.platform.responses._passes)
        return {
            "bot token": scenario.BOT_TOKEN,
            "app token": scenario.APP_TOKEN,
            "signing secret": scenario.SIGNING_SECRET,
            "secret key": scenario.SECRET_KEY,
            "database password": DATABASE_PASSWORD,
            "database password, decoded": "p@ss-of-the-database",
            "IAM password": IAM_PASSWORD,
            **{f"IAM token {number}": token for number, token in enumerate(tokens)},
            **{f"response URL {number}": name for number, name in enumerate(responses)},
        }

    def leaks(self, *texts):
        everything = "\n".join((self.log(), *texts))
        assert len(everything) > 200
        return [name for name, secret in self.secrets().items() if secret in everything]


@pytest.fixture
def database_url(postgres):
    with ExitStack() as stack:
        url = stack.enter_context(empty_postgresql(postgres))
        yield url.replace("postgres@/", f"postgres:{DATABASE_PASSWORD}@/")


def lines(world, action):
    entries = [json.loads(line) for line in world.log().splitlines() if line.startswith("{")]
    return [entry for entry in entries if entry.get("action") == action]


async def get(url):
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def a_restore(world):
    request = await ask(world)
    actor = world.slack.actor(ALICE)
    await actor.click(INCIDENT, card(world).ts, "approve")
    await told(world, ALICE, "somebody else must decide")
    await world.slack.actor(ALICE).command(INCIDENT, "/rds-restore status R-22222")
    await approve(world)
    await headline(world, "Restored")
    await world.slack.wait_for(lambda _: "final:outcome" in thread(world))
    return request


@pytest.mark.parametrize(("http_mode", "log_format"), [(False, "json"), (True, "console")])
async def test_a_whole_restore_writes_no_secret(tmp_path, database_url, http_mode, log_format):
    async with Told(tmp_path, http_mode=http_mode, database_url=database_url) as world:
        bot = await world.start_bot(LOG_FORMAT=log_format)
        if http_mode:
            world.slack.enable_http(f"{world.url}/slack/events")
            await refused_at_the_door(world)
        status, ready = await get(f"{world.url}/readyz")
        assert status == 200, ready
        await a_restore(world)
        _, metrics = await get(f"{world.url}/metrics")
        await broken_down(world, bot)
        assert any(name.startswith("IAM token") for name in world.secrets())
        assert any(name.startswith("response URL") for name in world.secrets())
        assert "Traceback" in world.log()
        assert world.leaks(metrics, ready) == []


async def refused_at_the_door(world):
    body = f"token={scenario.BOT_TOKEN}&response_url=https://hooks.slack.com/actions/T1/2/{scenario.SIGNING_SECRET}"
    headers = {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=" + "0" * 64}
    address = f"{world.url}/slack/events"
    async with aiohttp.ClientSession() as session, session.post(address, data=body, headers=headers) as answer:
        assert answer.status == 401
    await until(lambda: "front_door_refused" in world.log())


async def broken_down(world, bot):
    """Slack and the cloud fail, then a table is gone, which nobody foresees: the program ends with a traceback."""
    world.cloud.faults.unavailable = True
    world.slack.faults.down = True
    await get(f"{world.url}/readyz")
    world.slack.faults.clear()
    world.cloud.faults.clear()
    parts = urlsplit(world.database_url)
    socket = parts.query.partition("=")[2]
    with psycopg.connect(f"host={socket} user=postgres dbname={parts.path[1:]}", autocommit=True) as server:
        server.execute("ALTER TABLE requests RENAME TO gone")
    assert await bot.wait() != 0


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-" + "wrong-and-secret"}, 2),
        ({"SLACK_APP_TOKEN": "xapp-" + "wrong-and-secret"}, 2),
        ({"DATABASE_URL": "postgresql+psycopg://bot:wrong-and-secret@127.0.0.1:1/bot"}, 1),
        ({"DATABASE_URL": "nonsense://bot:wrong-and-secret@127.0.0.1:1/bot"}, 2),
        ({"DATABASE_URL": "postgresql+psycopg://bot:wrong-and-secret@[/bot"}, 1),
        ({"PORT": "wrong-and-secret", "SLACK_BOT_TOKEN": "xoxb-" + "wrong-and-secret"}, 2),
    ],
)
async def test_a_start_that_fails_writes_no_secret(tmp_path, environment, code):
    async with Told(tmp_path) as world:
        ended, out, err = await world.run("serve", **environment)
        said = out + err
        assert ended == code, said
        assert said
        secrets = [*world.secrets().values(), "wrong-and-secret"]
        # A port is no secret, and its value is not shown either.
        assert [secret for secret in secrets if secret in said] == []


async def test_each_change_of_state_is_one_line_with_all_that_belongs_to_it(tmp_path):
    async with World(tmp_path, policies=POLICIES) as world:
        await world.start_bot()
        request = await a_restore(world)
        opened = lines(world, "request_opened")
        moved = lines(world, "state_changed")
        steps = [(line["from"], line["to"]) for line in (*opened, *moved) if line["request"] == request]
        assert steps == [
            (None, "pending"),
            ("pending", "approved"),
            ("approved", "submitting"),
            ("submitting", "restoring"),
            ("restoring", "succeeded"),
        ]
        assert {line["project"] for line in moved} == {"prod"}
        assert {line["target"] for line in moved} == {"orders-staging"}
        assert [line["actor"] for line in moved] == ["T0DEMO:U0BOB", "system", "system", "system"]
        # What came from Slack is found by Slack's own ids.
        assert {"envelope", "trigger", "interaction"} <= opened[0].keys()
        assert lines(world, "approval_given")[0]["trigger"] == moved[0]["trigger"]
        refused = lines(world, "click_refused")
        assert [(line["verb"], line["actor"], line["request"]) for line in refused] == [
            ("approve", "T0DEMO:U0ALICE", request)
        ]
        # The click that is on record has one line; the command about nothing, which is not, has one of its own.
        assert Counter(line["code"] for line in lines(world, "refused")) == {"no_such_request": 1}
        assert refused[0]["trigger"]
        code, exported, _ = await world.run("audit", "export")
        assert code == 0
        recorded = [json.loads(line) for line in exported.splitlines()]
        assert [entry["kind"] for entry in recorded].count("state") == len(moved)
