"""What `serve` looks at as soon as it works: what would else be found only when somebody wants to approve."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from bot.cli.checks.policies import groups_of, named_by
from bot.domain.errors import BotError
from bot.domain.people import Unread
from bot.domain.policy import Policy
from bot.slack.directory import BUSY, SlackDirectory
from bot.slack.inspection import unreadable
from bot.slack.workspaces import Workspaces

log = structlog.get_logger(__name__)


PAUSE = 6.0
"""Seconds between two groups: half of the 20 calls a minute that Slack allows stay with the decisions (source: Slack's
rate limits, tier 2)."""
AGAIN = 60.0
"""Seconds until a group is asked for again after Slack has asked to wait; it counts calls by the minute."""


async def look_at_groups(
    policies: Sequence[Policy], workspaces: Workspaces, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Warn of each user group of the policies that Slack does not know, or whose members it does not tell.

    One after the other and without haste, for as long as it takes: Slack allows few of these calls a minute, and they belong
    to the decisions. A group is not warned of because Slack asks to wait; it is asked for again.
    """
    try:
        if not await workspaces.all():
            # Several workspaces, none of which has installed the app yet: nobody knows any group.
            return
    except BotError:
        return  # the database is silent, or Slack has not said where we are, which others tell of
    directory = SlackDirectory(workspaces)
    for number, group in enumerate(groups_of(policies)):
        if number:
            await sleep(PAUSE)
        while (members := await directory.members(group)) == BUSY:
            await sleep(AGAIN)
        if isinstance(members, Unread):
            log.warning(
                "A user group of the policies cannot be read",
                action="group_unreadable",
                group=group,
                named_by=named_by(policies, group),
                why=members.why,
                next_step=unreadable(group, members).next_step,
            )
