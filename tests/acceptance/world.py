"""The whole world of a test: both local servers in this process, and the real program as processes that can be killed."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from bot.sandbox import scenario
from bot.sandbox.rds.api import Call
from bot.sandbox.rds.server import RdsServer
from bot.sandbox.workspace.server import AppConfig, WorkspaceServer
from tests.acceptance.forked import RUN_WITHIN, Forked

READY = re.compile(r'"action": "ready"|action=ready')
INCIDENT = "C0INC"
START_WITHIN = 60.0
"""Seconds. Importing everything takes a while on a machine with other things to do."""
CONFIGURATION = """\
[[projects]]
name = "prod"
region = "{region}"
project_id = "{project_id}"
endpoint = "{url}"
iam_endpoint = "{url}"
api_version = "{api_version}"
calls_per_minute = 6000

[worker]
poll_every = "1s"
lease_for = "{lease_for}"

"""
POLICIES = """\
[[policies]]
targets = ["billing-*"]
approvers = ["S0DBA"]
approvals = 2

[[policies]]
targets = ["crm-*"]
approvers = ["S0DBA"]
safety_backup = "required"
confirm = "button"

[[policies]]
approvers = ["S0DBA"]
"""


Bot = asyncio.subprocess.Process | Forked


@dataclass
class World:
    """Servers that live as long as the test; bots that come and go."""

    folder: Path
    api_version: str = "v3"
    http_mode: bool = False
    lease_for: str = "5s"
    database_url: str | None = None
    """A file in `folder` where it is None."""
    crashing: bool = False
    """Run the program with points at which it can die (see `crashing`)."""
    policies: str = POLICIES
    job_seconds: float = 2.0
    cloud: RdsServer = field(init=False)
    slack: WorkspaceServer = field(init=False)
    bots: list[Bot] = field(default_factory=list)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        state = scenario.demo_cloud(time.time())
        state.job_seconds = self.job_seconds
        state.backup_seconds = 0.5
        state.job_visible_after = 0.2
        state.restoring_after = 0.1
        state.backing_up_after_seconds = 0.2
        self.cloud = RdsServer(state, access_keys={scenario.ACCESS_KEY: scenario.SECRET_KEY})
        await self.cloud.start()
        self._stack.push_async_callback(self.cloud.stop)
        self.slack = WorkspaceServer(scenario.demo_workspace(), app=AppConfig())
        await self.slack.start()
        self._stack.push_async_callback(self.slack.stop)
        (self.folder / "rds-restore.toml").write_text(
            CONFIGURATION.format(
                region=scenario.REGION,
                project_id=scenario.PROJECT_ID,
                url=self.cloud.url,
                api_version=self.api_version,
                lease_for=self.lease_for,
            )
            + self.policies
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        for bot in self.bots:
            if bot.returncode is None:
                bot.kill()
            await bot.wait()
        await self._stack.aclose()
        assert self.slack.problems == [], "the bot sent something that Slack would not take"

    @property
    def environment(self) -> dict[str, str]:
        values = {
            "SLACK_BOT_TOKEN": scenario.BOT_TOKEN,
            "SLACK_API_URL": self.slack.api_url,
            "DATABASE_URL": self.database_url or f"sqlite+aiosqlite:///{self.folder / 'bot.db'}",
            "RDS_RESTORE_CONFIG": str(self.folder / "rds-restore.toml"),
            "HUAWEICLOUD_SDK_AK": scenario.ACCESS_KEY,
            "HUAWEICLOUD_SDK_SK": scenario.SECRET_KEY,
            "PORT": "0",
            "LOG_FORMAT": "json",
        }
        if self.http_mode:
            values["SLACK_SIGNING_SECRET"] = scenario.SIGNING_SECRET
        else:
            values["SLACK_APP_TOKEN"] = scenario.APP_TOKEN
        return values

    async def run(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """Run a command of the program to its end: exit code, output, errors."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            env={**os.environ, **self.environment, **environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), RUN_WITHIN)
        return process.returncode or 0, out.decode(), err.decode()

    async def start_bot(self, **environment: str) -> Bot:
        """Start the program and wait until it says that it is ready."""
        self._log.touch()
        before = self._log.stat().st_size
        bot = await self.begin_bot(**environment)
        await until(lambda: READY.search(self.log(before)) or bot.returncode is not None, START_WITHIN)
        assert bot.returncode is None, self.log(before)
        return bot

    async def begin_bot(self, **environment: str) -> Bot:
        """Start the program and wait for nothing."""
        values = {**os.environ, **self.environment, **environment}
        bot = Forked(("serve",), values, self._log) if self.crashing else await _subprocess(values, self._log)
        self.bots.append(bot)
        return bot

    async def kill(self, bot: Bot) -> None:
        """No chance to tidy up."""
        bot.send_signal(signal.SIGKILL)
        await bot.wait()

    def log(self, start: int = 0) -> str:
        return self._log.read_bytes()[start:].decode()

    @property
    def _log(self) -> Path:
        return self.folder / "bot.log"

    def recovery_calls(self) -> list[Call]:
        return [call for call in self.cloud.calls if call.method == "POST" and call.path.endswith("/instances/recovery")]


async def _subprocess(environment: dict[str, str], log: Path) -> asyncio.subprocess.Process:
    with log.open("ab") as written:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", env=environment, stdout=written, stderr=written
        )


async def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something that happens in another process."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)
