"""`sandbox rds|slack`: the local servers, one by one, for trying other programs against them."""

import asyncio
import signal
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.cli.exits import exit_codes
from bot.cli.manifest import read
from bot.domain.errors import Misconfigured
from bot.sandbox import scenario
from bot.sandbox.rds.server import RdsServer
from bot.sandbox.workspace.config import installed
from bot.sandbox.workspace.server import AppConfig, WorkspaceServer

app = typer.Typer(no_args_is_help=True, help="Local servers to try things against. Not for production.")
Port = Annotated[int, typer.Option(help="Port; 0 takes a free one.")]


@app.command()
def rds(port: Port = 8081, job_seconds: Annotated[float, typer.Option(help="How long a restore takes.")] = 24.0) -> None:
    """A local RDS API with a seeded project."""
    asyncio.run(_rds(port, job_seconds))


@app.command()
def slack(
    port: Port = 8082,
    deliver_to: Annotated[str, typer.Option(help="Request URL for HTTP mode; Socket Mode without it.")] = "",
    manifest: Annotated[Path | None, typer.Option(help="The app's manifest; that of this bot without it.")] = None,
    rate_limits: Annotated[bool, typer.Option(help="Refuse too many calls, as Slack does.")] = True,
) -> None:
    """A local Slack with a web page."""
    with exit_codes():
        asyncio.run(_slack(port, deliver_to, _app(manifest), rate_limits=rate_limits))


async def until_signal() -> None:
    """Wait for SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await stopping.wait()


async def _rds(port: int, job_seconds: float) -> None:
    state = scenario.demo_cloud(time.time())
    state.job_seconds = job_seconds
    server = RdsServer(state, access_keys={scenario.ACCESS_KEY: scenario.SECRET_KEY})
    await server.start(port=port)
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"RDS and IAM: {server.url}")
    console.print(f"region {scenario.REGION}, project id {scenario.PROJECT_ID}")
    console.print(f"access key {scenario.ACCESS_KEY}, secret key {scenario.SECRET_KEY}")
    await until_signal()
    await server.stop()


def _app(manifest: Path | None) -> AppConfig:
    if manifest is None:
        return AppConfig()
    try:
        return installed(read(manifest))
    except ValueError as error:
        raise Misconfigured("manifest", f"--manifest: {manifest}: {error}.") from error


async def _slack(port: int, deliver_to: str, app: AppConfig, *, rate_limits: bool) -> None:
    server = WorkspaceServer(scenario.demo_workspace(), app=app, rate_limits=rate_limits)
    if deliver_to:
        server.enable_http(deliver_to)
    await server.start(port=port)
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"page: {server.url}/")
    console.print(f"SLACK_API_URL={server.api_url}")
    console.print(f"SLACK_BOT_TOKEN={scenario.BOT_TOKEN}")
    if deliver_to:
        console.print(f"SLACK_SIGNING_SECRET={scenario.SIGNING_SECRET}")
    else:
        console.print(f"SLACK_APP_TOKEN={scenario.APP_TOKEN}")
    await until_signal()
    await server.stop()
