"""The demo's three processes in one hand: the local Slack, the local cloud, and the bot."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.cli.demo_bot import DemoBot
from bot.cli.demo_requests import DemoRequests
from bot.domain.errors import Misconfigured, Unavailable
from bot.domain.states import TRANSITIONS, State
from bot.sandbox import scenario
from bot.sandbox.backstage.server import Backstage
from bot.sandbox.backstage.switches import Stage
from bot.sandbox.rds.server import RdsServer
from bot.sandbox.workspace.server import AppConfig, WorkspaceServer
from bot.settings import variables

READY_WITHIN = 60.0
"""Seconds that the bot may take to come up."""
PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"})
CONFIGURATION = """\
[[projects]]
name = "prod"
region = "{region}"
project_id = "{project_id}"
endpoint = "{url}"
iam_endpoint = "{url}"
api_version = "v3.1"
calls_per_minute = 600

[[policies]]
projects = ["prod"]
targets = ["billing-*"]
approvers = ["S0DBA"]
approvals = 2
notify = ["S0DBA"]

[[policies]]
projects = ["prod"]
targets = ["*"]
approvers = ["S0DBA"]
approvals = 1
notify = ["S0DBA"]

[worker]
poll_every = "2s"
"""


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """What runs. `environment` is the bot's own, for other commands of the program."""

    slack: WorkspaceServer
    cloud: RdsServer
    bot: DemoBot
    requests: DemoRequests
    backstage: Backstage
    environment: Mapping[str, str]

    async def until_ended(self) -> None:
        """Wait for the bot to end by itself. Raises Unavailable then."""
        code = await self.bot.ended()
        raise Unavailable("demo.bot_ended", f"The bot ended by itself with exit code {code}. {self._log()}")

    async def connected(self) -> None:
        """Wait until the bot has reached the local Slack. Raises Unavailable."""
        deadline = time.monotonic() + READY_WITHIN
        while not self.slack.bot_connected:
            if not self.bot.running or time.monotonic() > deadline:
                raise Unavailable("demo.bot_not_ready", f"The bot did not come up. {self._log()}")
            await asyncio.sleep(0.05)

    def _log(self) -> str:
        return f"The end of its log:\n{self.bot.last_words()}"


@asynccontextmanager
async def demo_world(
    inherited: Mapping[str, str], port: int, data: Path | None, job_seconds: float
) -> AsyncIterator[DemoWorld]:
    """All three, ready. Of the environment `inherited` the bot gets what means nothing to it.

    Raises Misconfigured if the port is taken, Unavailable if the bot does not come up.
    """
    async with AsyncExitStack() as stack:
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rds-restore-demo-")))
        folder.mkdir(parents=True, exist_ok=True)
        state = scenario.demo_cloud(time.time())
        state.job_seconds = job_seconds
        cloud = RdsServer(state, access_keys={scenario.ACCESS_KEY: scenario.SECRET_KEY})
        await cloud.start()
        stack.push_async_callback(cloud.stop)
        slack = WorkspaceServer(scenario.demo_workspace(), app=AppConfig(), rate_limits=True)
        # Somebody may have the settings of a real installation in their shell. A proxy does not lead to this machine.
        kept_back = variables() | PROXIES
        environment = {name: value for name, value in inherited.items() if name.upper() not in kept_back}
        bot = DemoBot(lambda: environment, folder / "rds-restore-bot.log")
        requests = DemoRequests(_database(folder))
        stack.push_async_callback(requests.close)
        backstage = Backstage(Stage(slack, cloud), bot, requests, _states())
        await _listen(slack, port)
        stack.push_async_callback(slack.stop)
        environment |= _environment(folder, cloud, slack)
        await bot.start()
        stack.push_async_callback(bot.stop)
        world = DemoWorld(slack, cloud, bot, requests, backstage, environment)
        await world.connected()
        await requests.open()
        await backstage.start()
        stack.push_async_callback(backstage.stop)
        yield world


async def _listen(slack: WorkspaceServer, port: int) -> None:
    try:
        await slack.start(port=port)
    except OSError as error:
        raise Misconfigured("settings", f"--port: cannot listen on port {port} ({error.strerror}).") from error


def _states() -> dict[str, list[str]]:
    """The table of states, in its order, as plain words."""
    return {state.value: [each.value for each in State if each in TRANSITIONS[state]] for state in State}


def _database(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'rds-restore-bot.db'}"


def _environment(folder: Path, cloud: RdsServer, slack: WorkspaceServer) -> dict[str, str]:
    config = folder / "rds-restore.toml"
    config.write_text(
        CONFIGURATION.format(region=scenario.REGION, project_id=scenario.PROJECT_ID, url=cloud.url), encoding="utf-8"
    )
    return {
        "SLACK_BOT_TOKEN": scenario.BOT_TOKEN,
        "SLACK_APP_TOKEN": scenario.APP_TOKEN,
        "SLACK_API_URL": slack.api_url,
        "DATABASE_URL": _database(folder),
        "RDS_RESTORE_CONFIG": str(config),
        "HUAWEICLOUD_SDK_AK": scenario.ACCESS_KEY,
        "HUAWEICLOUD_SDK_SK": scenario.SECRET_KEY,
        "HOST": "127.0.0.1",
        "PORT": "0",
        "LOG_FORMAT": "console",
    }
