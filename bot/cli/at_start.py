"""What `serve` looks at as soon as it works: what would else be found only when somebody wants to approve."""

from collections.abc import Sequence

import structlog

from bot.cli.checks.policies import groups_of, named_by
from bot.domain.errors import BotError
from bot.domain.people import Unread
from bot.domain.policy import Policy
from bot.slack.directory import SlackDirectory
from bot.slack.inspection import unreadable
from bot.slack.workspaces import Workspaces

log = structlog.get_logger(__name__)


async def look_at_groups(policies: Sequence[Policy], workspaces: Workspaces) -> None:
    """Warn of each user group of the policies that Slack does not know, or whose members it does not tell.

    One after the other: Slack allows few of these calls a minute, and they belong to the decisions.
    """
    try:
        if not await workspaces.all():
            # Several workspaces, none of which has installed the app yet: nobody knows any group.
            return
    except BotError:
        return  # the database is silent, or Slack has not said where we are, which others tell of
    directory = SlackDirectory(workspaces)
    for group in groups_of(policies):
        members = await directory.members(group)
        if isinstance(members, Unread):
            log.warning(
                "A user group of the policies cannot be read",
                action="group_unreadable",
                group=group,
                named_by=named_by(policies, group),
                why=members.why,
                next_step=unreadable(group, members).next_step,
            )
