"""Who people are and which groups they are in, read from Slack at the moment of a decision."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.domain.errors import BotError, Refused, Unavailable
from bot.domain.people import Person, Profile, Unread
from bot.slack.faults import NO_ANSWER, NO_JSON, code_of
from bot.slack.workspaces import Workspace, Workspaces

PATIENCE = 2.0
"""Seconds. A decision is made inside the three seconds that Slack grants; a slow answer counts as none."""
GROUP_FAULTS = {
    "missing_scope": "the app lacks the scope usergroups:read. Its operator must install it again.",
    "no_such_subteam": "there is no such group. The operator must correct the policy.",
    "subteam_disabled": "the group is disabled. The operator must correct the policy.",
    "paid_teams_only": "user groups need a paid plan of Slack. The policy must list people by their ids instead.",
    "plan_upgrade_required": "user groups need a paid plan of Slack. The policy must list people by their ids instead.",
    "permission_denied": "the workspace does not let the app read user groups. The operator must allow it or list people.",
    "ratelimited": "Slack asks to wait. Try again in a minute.",
}
"""Slack's errors of usergroups.users.list, in words that say who must do what."""
BUSY = Unread(GROUP_FAULTS["ratelimited"])
SILENCE = Unread("Slack does not answer. Try again in a minute.")


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

    async def members(self, group_id: str) -> frozenset[str] | Unread:
        """Where Slack does not tell, why: no permission, no paid plan, no such group, no answer.

        Ids of groups are Slack-wide, so the workspace that knows the group is the right one.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                asked = [_members(workspace, group_id) for workspace in await self.workspaces.all()]
                found = await asyncio.gather(*asked)
        except BotError as error:
            return Unread(error.message)
        except TimeoutError:
            return SILENCE
        known = next((members for members in found if isinstance(members, frozenset)), None)
        return known if known is not None else _worst(found)


async def _members(workspace: Workspace, group_id: str) -> frozenset[str] | Unread:
    try:
        # With an organisation's token Slack wants to be told the workspace.
        answer = await workspace.client.usergroups_users_list(usergroup=group_id, team_id=workspace.team or None)
    except SlackApiError as error:
        code = code_of(error)
        # No word of Slack's: it is down, or a proxy answered in its place.
        return SILENCE if code == NO_JSON else Unread(GROUP_FAULTS.get(code, f"Slack says {code}."))
    except NO_ANSWER:
        return SILENCE
    return frozenset(str(user) for user in answer.get("users") or ())


def _worst(found: Sequence[frozenset[str] | Unread]) -> Unread:
    """Of several reasons one that may be mended: other workspaces rightly do not know the group."""
    reasons = [each for each in found if isinstance(each, Unread)]
    unknown = Unread(GROUP_FAULTS["no_such_subteam"])
    return next((reason for reason in reasons if reason != unknown), unknown)


def _elsewhere(workspace: Workspace, user: Mapping[str, Any]) -> bool:
    """Whether this account belongs to another company that shares a channel with us."""
    home, organisation = user.get("team_id"), user.get("enterprise_user")
    if workspace.enterprise and isinstance(organisation, Mapping):
        return organisation.get("enterprise_id") != workspace.enterprise
    return bool(workspace.enterprise and not workspace.team) or (bool(home) and home != workspace.team)


def _unavailable() -> Unavailable:
    return Unavailable("slack.slow", "Slack did not say in time who you are. Nothing was done; please try again.")
