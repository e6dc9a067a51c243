"""The whole bot in this process, joined as in `serve`, between a local Slack and a local RDS API."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from bot.configuration import Configuration, ProjectSettings, SlackSettings, WorkerSettings
from bot.ops.watching import Pace
from bot.policy_settings import PolicySettings
from bot.sandbox import scenario
from bot.sandbox.rds.server import RdsServer
from bot.sandbox.rds.state import Project
from bot.sandbox.workspace.server import AppConfig, WorkspaceServer
from bot.settings import Credentials, Environment, Settings
from bot.wiring import Running, running


@dataclass(frozen=True)
class InSlack:
    slack: WorkspaceServer
    rds: RdsServer
    program: Running
    http: aiohttp.ClientSession


@asynccontextmanager
async def in_slack(
    folder: Path,
    *,
    http_mode: bool,
    working: bool = False,
    projects: tuple[str, ...] = ("prod",),
    policies: tuple[PolicySettings, ...] = (PolicySettings(approvers=("S0DBA",)),),
    workflow_step: bool = False,
    pace: Pace | None = None,
    cloud_secret: str = scenario.SECRET_KEY,
    **environment: Any,
) -> AsyncIterator[InSlack]:
    """`environment`: settings that differ. `cloud_secret`: the one that the cloud knows. The worker runs only where it is
    `working`; each project has its own cloud project, the first one that of the demo."""
    state = scenario.demo_cloud(time.time())
    state.job_seconds, state.job_visible_after, state.restoring_after = 0.5, 0.1, 0.1
    for name in projects[1:]:
        state.projects.append(Project(cloud_id(name), scenario.REGION))
    rds = RdsServer(state, access_keys={scenario.ACCESS_KEY: cloud_secret})
    slack = WorkspaceServer(scenario.demo_workspace(), app=AppConfig())
    await rds.start()
    await slack.start()
    try:
        configuration = Configuration(
            projects=tuple(_project(name, rds) for name in projects),
            policies=policies,
            slack=SlackSettings(workflow_step=workflow_step),
            worker=WorkerSettings.model_validate({"poll_every": "1s"}),
        )
        wanted = settings(folder, slack, rds, http_mode=http_mode, configuration=configuration, **environment)
        async with running(wanted, pace) as program, _at_work(program, working), aiohttp.ClientSession() as http:
            if http_mode:
                slack.enable_http(f"{program.url}/slack/events")
            await slack.wait_for(lambda _: slack.bot_connected)
            yield InSlack(slack, rds, program, http)
        assert slack.problems == [], "the bot sent something that Slack would not take"
        assert without_text(slack) == []
    finally:
        await slack.stop()
        await rds.stop()


@asynccontextmanager
async def _at_work(program: Running, working: bool) -> AsyncIterator[None]:
    task = asyncio.create_task(program.worker.run()) if working else None
    try:
        yield
    finally:
        if task is not None:
            program.worker.stop()
            await task


def without_text(slack: WorkspaceServer) -> list[str]:
    """Messages that a notification or a screen reader could not tell."""
    said = {"chat.postMessage", "chat.update", "chat.postEphemeral"}
    return [call.method for call in slack.calls if call.method in said and not str(call.arguments.get("text") or "").strip()]


def cloud_id(project: str) -> str:
    return scenario.PROJECT_ID if project == "prod" else hashlib.sha256(project.encode()).hexdigest()[:32]


def _project(name: str, rds: RdsServer) -> ProjectSettings:
    return ProjectSettings(
        name=name,
        region=scenario.REGION,
        project_id=cloud_id(name),
        endpoint=rds.url,
        iam_endpoint=rds.url,
        calls_per_minute=6000,
    )


def settings(
    folder: Path,
    slack: WorkspaceServer,
    rds: RdsServer,
    *,
    http_mode: bool,
    configuration: Configuration | None = None,
    **environment: Any,
) -> Settings:
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
    found = configuration or Configuration(
        projects=(_project("prod", rds),), policies=(PolicySettings(approvers=("S0DBA",)),)
    )
    keys = Credentials(access_key=SecretStr(scenario.ACCESS_KEY), secret_key=SecretStr(scenario.SECRET_KEY))
    return Settings(
        environment=Environment(**(values | environment)),
        configuration=found,
        credentials={project.name: keys for project in found.projects},
    )
