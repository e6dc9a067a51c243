"""`check`: is this installation right?"""

import asyncio
from collections.abc import Awaitable

import aiohttp
import typer
from rich.console import Console
from rich.markup import escape

from bot import settings as program_settings
from bot.cli.exits import CHECK_FAILED, exit_codes
from bot.cli.policy_table import policy_table
from bot.cloud.rds import HuaweiCloud
from bot.domain.errors import BotError
from bot.settings import Settings
from bot.slack.connection import connect
from bot.store.database import Database
from bot.wiring import SystemClock, cloud_projects, slack_access


def command() -> None:
    """Check the settings, the database, Slack and the cloud, one line each."""
    with exit_codes():
        settings = program_settings.load()
        if not asyncio.run(check(settings)):
            raise typer.Exit(CHECK_FAILED)


async def check(settings: Settings) -> bool:
    """Print a line for each part; True if all are well."""
    console = Console(highlight=False)
    results = [_say(console, "configuration", None)]
    console.print(policy_table([policy.policy() for policy in settings.configuration.policies]))
    results.append(await _part(console, "database", _database(settings)))
    results.append(await _part(console, "slack", _slack(settings)))
    async with HuaweiCloud(cloud_projects(settings), SystemClock()) as cloud:
        names = [project.name for project in settings.configuration.projects]
        for name in names:
            results.append(await _part(console, f"cloud {name}", cloud.check(name)))
            results.append(await _part(console, f"recovery call {name}", cloud.check_version(name)))
    return all(results)


async def _database(settings: Settings) -> None:
    database = Database(settings.environment.database_url.get_secret_value())
    await database.open()
    try:
        await database.ping()
    finally:
        await database.close()


async def _slack(settings: Settings) -> None:
    async with aiohttp.ClientSession() as session:
        database = Database(settings.environment.database_url.get_secret_value(), read_only=True)
        try:
            await connect(slack_access(settings), session, database.installations)
        finally:
            await database.close()


async def _part(console: Console, name: str, work: Awaitable[None]) -> bool:
    try:
        await work
    except BotError as error:
        return _say(console, name, error.message)
    return _say(console, name, None)


def _say(console: Console, name: str, trouble: str | None) -> bool:
    console.print(f"[green]OK[/]    {name}" if trouble is None else f"[red]FAIL[/]  {name}: {escape(trouble)}")
    return trouble is None
