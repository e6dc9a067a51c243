"""Who people are and which groups they are in, read from Slack at the moment of a decision."""

import asyncio
from dataclasses import dataclass

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import Refused, Unavailable
from bot.domain.people import Person, Profile, Unread
from bot.slack.faults import NO_ANSWER, code_of

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


@dataclass(frozen=True, slots=True)
class SlackDirectory:
    """Reads users.info and usergroups.users.list; keeps nothing."""

    client: AsyncWebClient

    async def profile(self, person: Person) -> Profile:
        """Raises Refused `no_such_person`, Unavailable `slack.slow`."""
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self.client.users_info(user=person.user)
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
            outside=bool(user.get("is_stranger")) or _elsewhere(person, home),
        )

    async def members(self, group_id: str) -> frozenset[str] | Unread:
        """Where Slack does not tell, why: no permission, no paid plan, no such group, no answer."""
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self.client.usergroups_users_list(usergroup=group_id)
        except SlackApiError as error:
            code = code_of(error)
            return Unread(GROUP_FAULTS.get(code, f"Slack says {code}."))
        except NO_ANSWER:
            return Unread("Slack does not answer. Try again in a minute.")
        return frozenset(str(user) for user in answer.get("users") or ())


def _elsewhere(person: Person, home: str) -> bool:
    """Outside Enterprise Grid everybody of ours has the workspace's own team id."""
    return not person.enterprise and bool(home) and bool(person.team) and home != person.team


def _unavailable() -> Unavailable:
    return Unavailable("slack.slow", "Slack did not say in time who you are. Nothing was done; please try again.")
