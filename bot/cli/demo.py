"""`demo`: a local Slack with a web page, a local RDS API, and the unchanged bot as a process of its own."""

import asyncio
import os
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from rich.console import Console
from rich.panel import Panel

from bot.cli.sandbox import until_signal
from bot.domain.errors import Misconfigured, Unavailable
from bot.sandbox import scenario
from bot.sandbox.rds.server import RdsServer
from bot.sandbox.workspace.server import AppConfig, WorkspaceServer

READY_WITHIN = 60.0
"""Seconds that the bot may take to come up."""
STOP_WITHIN = 15.0

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


async def demo(port: int, data: Path | None, job_seconds: float) -> None:
    """Run all three until SIGTERM or SIGINT. Raises Misconfigured if the port is taken, Unavailable if the bot ends."""
    async with AsyncExitStack() as stack:
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rds-restore-demo-")))
        folder.mkdir(parents=True, exist_ok=True)
        cloud_state = scenario.demo_cloud(time.time())
        cloud_state.job_seconds = job_seconds
        cloud = RdsServer(cloud_state, access_keys={scenario.ACCESS_KEY: scenario.SECRET_KEY})
        await cloud.start()
        stack.push_async_callback(cloud.stop)
        workspace = WorkspaceServer(scenario.demo_workspace(), app=AppConfig(), rate_limits=True)
        await _start(workspace, port)
        stack.push_async_callback(workspace.stop)
        bot = await _bot(folder, cloud, workspace)
        stack.push_async_callback(_stop, bot)
        await _connected(workspace, bot)
        _welcome(workspace.url, cloud.url)
        stopped = asyncio.create_task(until_signal())
        ended = asyncio.create_task(bot.wait())
        await asyncio.wait({stopped, ended}, return_when=asyncio.FIRST_COMPLETED)
        if ended.done() and not stopped.done():
            stopped.cancel()
            raise Unavailable("demo.bot_ended", f"The bot ended by itself with exit code {bot.returncode}.")
        ended.cancel()


async def _start(workspace: WorkspaceServer, port: int) -> None:
    try:
        await workspace.start(port=port)
    except OSError as error:
        raise Misconfigured("settings", f"--port: cannot listen on port {port} ({error.strerror}).") from error


async def _bot(folder: Path, cloud: RdsServer, workspace: WorkspaceServer) -> asyncio.subprocess.Process:
    config = folder / "rds-restore.toml"
    config.write_text(
        CONFIGURATION.format(region=scenario.REGION, project_id=scenario.PROJECT_ID, url=cloud.url), encoding="utf-8"
    )
    environment = {
        **os.environ,
        "SLACK_BOT_TOKEN": scenario.BOT_TOKEN,
        "SLACK_APP_TOKEN": scenario.APP_TOKEN,
        "SLACK_API_URL": workspace.api_url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'rds-restore-bot.db'}",
        "RDS_RESTORE_CONFIG": str(config),
        "HUAWEICLOUD_SDK_AK": scenario.ACCESS_KEY,
        "HUAWEICLOUD_SDK_SK": scenario.SECRET_KEY,
        "HOST": "127.0.0.1",
        "PORT": "0",
        "LOG_FORMAT": "console",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", env=environment, start_new_session=True
    )


async def _connected(workspace: WorkspaceServer, bot: asyncio.subprocess.Process) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not workspace.bot_connected:
        if bot.returncode is not None or time.monotonic() > deadline:
            raise Unavailable("demo.bot_not_ready", "The bot did not come up; its log above says why.")
        await asyncio.sleep(0.05)


async def _stop(bot: asyncio.subprocess.Process) -> None:
    if bot.returncode is not None:
        return
    bot.terminate()
    try:
        async with asyncio.timeout(STOP_WITHIN):
            await bot.wait()
    except TimeoutError:
        bot.kill()
        await bot.wait()


def _welcome(page: str, cloud: str) -> None:
    lines = (
        f"Open [bold]{page}/[/]\n\n"
        "1. You are Alice. In #inc-2026-11-orders type [bold]/rds-restore orders-prod to orders-staging[/]\n"
        "2. Fill the form, check it, ask for approval\n"
        "3. Switch to Bob, approve\n"
        "4. Watch the thread until the database is back\n\n"
        f"[dim]The local RDS API is at {cloud}. Press Ctrl+C to stop.[/]"
    )
    Console(highlight=False).print(Panel(lines, title="RDS restore bot", expand=False))
