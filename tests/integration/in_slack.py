"""The whole bot in this process, joined as in `serve`, between a local Slack and a local RDS API."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from bot.policy_settings import PolicySettings
from bot.sandbox import scenario
from bot.sandbox.rds.server import RdsServer
from bot.sandbox.workspace.server import AppConfig, WorkspaceServer
from bot.settings import Configuration, Credentials, Environment, ProjectSettings, Settings
from bot.wiring import Running, running


@dataclass(frozen=True)
class InSlack:
    slack: WorkspaceServer
    rds: RdsServer
    program: Running
    http: aiohttp.ClientSession


@asynccontextmanager
async def in_slack(folder: Path, *, http_mode: bool, **environment: Any) -> AsyncIterator[InSlack]:
    """`environment`: settings that differ. The worker does not run."""
    rds = RdsServer(scenario.demo_cloud(1_795_400_000.0), access_keys={scenario.ACCESS_KEY: scenario.SECRET_KEY})
    slack = WorkspaceServer(scenario.demo_workspace(), app=AppConfig())
    await rds.start()
    await slack.start()
    try:
        async with running(settings(folder, slack, rds, http_mode=http_mode, **environment)) as program:
            if http_mode:
                slack.enable_http(f"{program.url}/slack/events")
            await slack.wait_for(lambda _: slack.bot_connected)
            async with aiohttp.ClientSession() as http:
                yield InSlack(slack, rds, program, http)
    finally:
        await slack.stop()
        await rds.stop()


def settings(folder: Path, slack: WorkspaceServer, rds: RdsServer, *, http_mode: bool, **environment: Any) -> Settings:
    values: dict[str, Any] = {
        "slack_bot_token": SecretStr(scenario.BOT_TOKEN),
        "slack_api_url": slack.api_url,
        "database_url": SecretStr(f"sqlite+aiosqlite:///{folder / 'bot.db'}"),
        "port": 0,
    }
    if http_mode:
        values["slack_signing_secret"] = SecretStr(scenario.SIGNING_SECRET)
    else:
        values["slack_app_token"] = SecretStr(scenario.APP_TOKEN)
    project = ProjectSettings(
        name="prod", region=scenario.REGION, project_id=scenario.PROJECT_ID, endpoint=rds.url, iam_endpoint=rds.url
    )
    return Settings(
        environment=Environment(**(values | environment)),
        configuration=Configuration(projects=(project,), policies=(PolicySettings(approvers=("S0DBA",)),)),
        credentials={
            "prod": Credentials(access_key=SecretStr(scenario.ACCESS_KEY), secret_key=SecretStr(scenario.SECRET_KEY))
        },
    )
