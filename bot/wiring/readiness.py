"""What is watched outside, and what `/readyz` says about each part."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.cloud.rds import HuaweiCloud
from bot.domain.errors import BotError
from bot.ops.health import Check
from bot.ops.watching import Pace, Watch
from bot.slack.connection import Slack
from bot.slack.socket_mode import SocketMode
from bot.store.database import Database
from bot.wiring.observed import Observers
from bot.workflow.ports import Clock

SLACK_AGAIN = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds between the tries while Slack is away: people wait for it to be back."""
MOMENT = 1.0
"""Seconds that a probe waits for the very first look, right after the start."""


@dataclass(frozen=True, slots=True)
class Watches:
    """What is known of Slack and of each project of the cloud."""

    slack: Watch
    cloud: Mapping[str, Watch]


def watches(
    slack: Slack, cloud: HuaweiCloud, projects: Sequence[str], clock: Clock, observers: Observers, pace: Pace
) -> Watches:
    """One for each thing outside. They look at nothing until they are kept."""
    of_slack = Pace(pace.quiet, pace.grace, SLACK_AGAIN, pace.refused)
    return Watches(
        Watch(slack.ask, clock, observers.slack_turned, pace=of_slack),
        {
            name: Watch(
                partial(cloud.check, name, persistent=False),
                clock,
                partial(observers.cloud_turned, name),
                seen=partial(cloud.last_seen, name),
                pace=pace,
            )
            for name in projects
        },
    )


def checks(database: Database, outside: Watches, line: SocketMode | None) -> dict[str, Check]:
    """For `/readyz`. Only the database is asked at that moment; of the others it is known."""

    async def database_answers() -> str | None:
        try:
            await database.ping()
        except BotError as error:
            return error.message
        return None

    async def slack_is_connected() -> str | None:
        await outside.slack.first(MOMENT)
        trouble = outside.slack.trouble()
        return trouble if trouble is not None or line is None else await line.trouble()

    async def cloud_was_seen() -> str | None:
        await asyncio.gather(*(watch.first(MOMENT) for watch in outside.cloud.values()))
        told = {name: watch.trouble() for name, watch in outside.cloud.items()}
        return " ".join(f"{name}: {trouble}" for name, trouble in told.items() if trouble is not None) or None

    return {"database": database_answers, "slack": slack_is_connected, "cloud": cloud_was_seen}


def keep(stack: AsyncExitStack, what: Coroutine[Any, Any, None], name: str) -> None:
    """Run it in the background until the program closes."""
    task = asyncio.create_task(what, name=name)

    async def end() -> None:
        task.cancel()
        await asyncio.wait({task})

    stack.push_async_callback(end)
