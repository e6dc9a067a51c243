"""`check`: is this installation right? Asks, and changes nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

import typer

from bot import settings as program_settings
from bot.cli.checks import cloud, report, slack
from bot.cli.checks.policies import POLICIES, TARGETS, policies, targets
from bot.cli.checks.report import CORRECT_IT, Result
from bot.cli.exits import CHECK_FAILED, WRONG, exit_codes
from bot.cli.policy_table import policy_table
from bot.cloud.rds import HuaweiCloud
from bot.domain.condition import Condition, Status, not_asked, together, wrong
from bot.domain.errors import BotError, Misconfigured
from bot.domain.policy import Policy, SafetyBackup
from bot.ops import logs
from bot.settings import Environment, Settings
from bot.store.address import address as read_address
from bot.store.condition import condition
from bot.wiring import SystemClock, cloud_projects

CONFIGURATION, DATABASE = "configuration", "database"
NAMES = (CONFIGURATION, POLICIES, DATABASE, *slack.NAMES, *(f"cloud PROJECT {name}" for name in cloud.NAMES), TARGETS)
"""Every check, in the order in which they are printed; those of the cloud come for each project."""


def command(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
    public_url: Annotated[str, typer.Option(help="HTTP mode: the public address (https://…) that Slack calls.")] = "",
) -> None:
    """Check settings, database, Slack and cloud: a line each, with the next step."""
    with exit_codes():
        code = asyncio.run(check(as_json=as_json, public_url=public_url))
        if code:
            raise typer.Exit(code)


async def check(*, as_json: bool, public_url: str) -> int:
    """Ask everything, print it, and return the exit code: 0, 1 where a check failed, 2 where the settings are wrong."""
    settings, environment, trouble = _settings()
    read = settings or environment
    # What was found is printed; of the way there only what went wrong is for people.
    logs.configure("console", logging.WARNING, secrets=() if read is None else read.secrets())
    address = _address()
    right = f"{environment and environment.rds_restore_config} is right."
    configured = Result(CONFIGURATION, together([each for each in (trouble, address) if each is not None], right))
    all_policies = None if settings is None else [policy.policy() for policy in settings.configuration.policies]
    database = _unasked if address is not None else _database
    results = [configured, *await _everything(settings, environment, all_policies, database, public_url)]
    if as_json:
        report.print_json(results)
    else:
        report.print_lines(results, policy_table(all_policies) if all_policies is not None else None)
    if configured.condition.status is Status.FAIL:
        return WRONG
    return CHECK_FAILED if report.overall(results) is Status.FAIL else 0


def _settings() -> tuple[Settings | None, Environment | None, Condition | None]:
    """As much as can be read, and what is wrong with the rest."""
    environment: Environment | None = None
    try:
        environment = program_settings.environment_only()
        return program_settings.load(), environment, None
    except Misconfigured as error:
        return None, environment, wrong(error.message, CORRECT_IT)


def _address() -> Condition | None:
    """What is wrong with the database's address as such: only the store can read it, so the settings do not tell."""
    try:
        read_address(program_settings.database_url())
    except Misconfigured as error:
        return wrong(error.message, CORRECT_IT)
    return None


async def _everything(
    settings: Settings | None,
    environment: Environment | None,
    all_policies: Sequence[Policy] | None,
    database: Callable[[], Awaitable[Condition]],
    public_url: str,
) -> list[Result]:
    in_database, in_slack, (in_cloud, on_targets) = await asyncio.gather(
        report.run(DATABASE, database), _slack(environment, all_policies, public_url), _cloud(settings, all_policies)
    )
    if settings is None or all_policies is None:
        of_policies = Result(POLICIES, not_asked(f"`{CONFIGURATION}`"))
    else:
        of_policies = Result(POLICIES, policies(all_policies, [each.name for each in settings.configuration.projects]))
    return [of_policies, in_database, *in_slack, *in_cloud, on_targets]


async def _database() -> Condition:
    return await condition(program_settings.database_url())


async def _unasked() -> Condition:
    return not_asked(f"`{CONFIGURATION}`")


async def _slack(
    environment: Environment | None, all_policies: Sequence[Policy] | None, public_url: str
) -> Sequence[Result]:
    if environment is None:
        return report.skipped(slack.NAMES, f"`{CONFIGURATION}`")
    try:
        return await slack.ask_slack(environment, all_policies, public_url)
    except BotError:  # the address of the database, where the tokens of several workspaces are
        return report.skipped(slack.NAMES, f"`{CONFIGURATION}`")


async def _cloud(settings: Settings | None, all_policies: Sequence[Policy] | None) -> tuple[list[Result], Result]:
    if settings is None or all_policies is None:
        return [], Result(TARGETS, not_asked(f"`{CONFIGURATION}`"))
    names = [project.name for project in settings.configuration.projects]
    backs_up = any(policy.safety_backup is not SafetyBackup.OFF for policy in all_policies)
    try:
        async with HuaweiCloud(cloud_projects(settings), SystemClock()) as reached:
            asked = await asyncio.gather(*(cloud.ask_cloud(reached, name, backs_up=backs_up) for name in names))
    except Misconfigured as error:
        asked = [cloud.unable(name, error) for name in names]
    results = [result for each in asked for result in each.results]
    silent = [each.project for each in asked if each.instances is None]
    if silent:
        return results, Result(TARGETS, not_asked(f"`cloud {silent[0]}`"))
    instances = {each.project: each.instances or () for each in asked}
    return results, Result(TARGETS, targets(all_policies, instances))
