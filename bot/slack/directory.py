"""Who people are and which groups they are in, read from Slack at the moment of a decision."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.domain.errors import BotError, Refused, Unavailable
from bot.domain.people import Person, Profile
from bot.slack.faults import NO_ANSWER, code_of
from bot.slack.workspaces import Workspace, Workspaces

PATIENCE = 2.0
"""Seconds. A decision is made inside the three seconds that Slack grants; a slow answer counts as none."""


@dataclass(frozen=True, slots=True)
class SlackDirectory:
    """Reads users.info and usergroups.users.list; keeps nothing."""

    workspaces: Workspaces

    async def profile(self, person: Person) -> Profile:
        """Raises Refused `no_such_person` or `not_installed`, Unavailable `slack.slow`."""
        try:
            async with asyncio.timeout(PATIENCE):
                workspace = await self.workspaces.of(person)
                answer = await workspace.client.users_info(user=person.user)
        except SlackApiError as error:
            code = code_of(error)
            if code in ("user_not_found", "user_not_visible"):
                raise Refused("no_such_person", "Slack does not know this person.") from error
            raise _unavailable() from error
        except NO_ANSWER as error:
            raise _unavailable() from error
        user = answer["user"]
        home = str(user.get("team_id") or "")
        return Profile(
            user=str(user["id"]),
            team=home,
            name=str(user.get("real_name") or user.get("name") or user["id"]),
            time_zone=str(user.get("tz") or "UTC"),
            is_bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
            deactivated=bool(user.get("deleted")),
            guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
            outside=bool(user.get("is_stranger")) or _elsewhere(workspace, user),
        )

    async def members(self, group_id: str) -> frozenset[str] | None:
        """None where Slack does not tell: no permission, no paid plan, no such group, no answer.

        Ids of groups are Slack-wide, so the workspace that knows the group is the right one.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                asked = [_members(workspace, group_id) for workspace in await self.workspaces.all()]
                found = await asyncio.gather(*asked)
        except (BotError, *NO_ANSWER):
            return None
        return next((members for members in found if members is not None), None)


async def _members(workspace: Workspace, group_id: str) -> frozenset[str] | None:
    try:
        # With an organisation's token Slack wants to be told the workspace.
        answer = await workspace.client.usergroups_users_list(usergroup=group_id, team_id=workspace.team or None)
    except NO_ANSWER:
        return None
    return frozenset(str(user) for user in answer.get("users") or ())


def _elsewhere(workspace: Workspace, user: Mapping[str, Any]) -> bool:
    """Whether this account belongs to another company that shares a channel with us."""
    home, organisation = user.get("team_id"), user.get("enterprise_user")
    if workspace.enterprise and isinstance(organisation, Mapping):
        return organisation.get("enterprise_id") != workspace.enterprise
    return bool(workspace.enterprise and not workspace.team) or (bool(home) and home != workspace.team)


def _unavailable() -> Unavailable:
    return Unavailable("slack.slow", "Slack did not say in time who you are. Nothing was done; please try again.")
