"""What `check` asks Slack, all of it harmless. Tokens are used as they are stored, and never renewed."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.domain.condition import Condition, clock, doubtful, fine, together, wrong
from bot.domain.errors import BotError, Refused, Unavailable
from bot.domain.people import Person, Profile, Unread
from bot.slack.connection import SlackAccess, clients
from bot.slack.directory import BUSY, SILENCE, SlackDirectory
from bot.slack.faults import NO_ANSWER, code_of, refusal
from bot.slack.installations import InstallationRows
from bot.slack.oauth import INSTALL, OPTIONAL_SCOPES, SCOPES, installing
from bot.slack.places import check_place
from bot.slack.workspaces import OneWorkspace, Workspace

CLOCK_LIMIT = 5 * 60
"""Seconds past which a signed request of Slack's counts as old."""
AT_ONCE = 4
"""Calls under way at the same time; Slack's limits are per minute and shared with the running bot."""
AGAIN = "Install the app in the workspace again and set SLACK_BOT_TOKEN to the new token."
WAIT = "Run `check` again in a minute; if it stays so, see `slack scopes` and https://slack-status.com."
INVITE = "Type `/invite @RDS Restore` in the channel; a private channel is invisible until then. Or correct the id."


@dataclass(frozen=True, slots=True)
class _Found:
    """A workspace that took the token, and what its answer told beside."""

    workspace: Workspace
    name: str
    scopes: frozenset[str] | None
    """None where no header told them."""
    skew: float | None


class SlackInspection:
    """`token` comes first; the others ask in the workspaces that it found."""

    def __init__(self, access: SlackAccess, session: aiohttp.ClientSession, rows: InstallationRows | None) -> None:
        """`rows` hold the tokens of several workspaces; None where there is one token."""
        self._access = access
        self._rows = rows
        self._client_for = clients(access, session)
        self._found: list[_Found] = []
        self._turns = asyncio.Semaphore(AT_ONCE)

    @property
    def is_shut_out(self) -> bool:
        """No workspace took the token, so that nothing more can be asked."""
        return not self._found

    async def token(self) -> Condition:
        """auth.test, in each workspace."""
        workspaces = await self._workspaces()
        if not workspaces:
            return doubtful("The app is not installed in any workspace yet.", f"Open {INSTALL} of the running bot.")
        found = [await self._greet(workspace) for workspace in workspaces]
        names = ", ".join(each.name for each in self._found)
        return together(found, f"Slack knows the bot in {names}.")

    def scopes(self) -> Condition:
        """What the token may do, against what the bot needs."""
        return together([self._scopes(each) for each in self._found], "The token has the scopes that the bot needs.")

    def clock(self) -> Condition:
        """Our clock against the Date header of Slack's answers."""
        told = [each.skew for each in self._found if each.skew is not None]
        return clock(max(told, key=abs, default=None), "Slack", CLOCK_LIMIT)

    async def socket(self) -> Condition:
        """Whether Slack gives an address for Socket Mode; it is not used, so the running bot loses no connection."""
        try:
            await self._client_for(None).apps_connections_open(app_token=str(self._access.app_token))
        except SlackApiError as error:
            return _refused(
                refusal("SLACK_APP_TOKEN", error),
                "Create an app-level token with the scope connections:write for the same app, set SLACK_APP_TOKEN to it, "
                "and see that Socket Mode is on in the app's settings.",
            )
        except NO_ANSWER:
            return self._silence()
        return fine("Slack opens Socket Mode for the app token.")

    async def people(self, ids: Sequence[str]) -> tuple[Condition, Mapping[str, Profile]]:
        """Whether these people exist and may take part, and those who may."""
        found = await asyncio.gather(*(self._person(user) for user in ids))
        able = {user: profile for user, profile in zip(ids, found, strict=True) if isinstance(profile, Profile)}
        bad = [each for each in found if isinstance(each, Condition)]
        return together(
            bad, f"{len(able)} people of the policies are known." if ids else "The policies name no people."
        ), able

    async def groups(self, ids: Sequence[str]) -> tuple[Condition, Mapping[str, frozenset[str]]]:
        """Whether these user groups can be read, and their members."""
        found = await asyncio.gather(*(self._group(group) for group in ids))
        members = {group: each for group, each in zip(ids, found, strict=True) if isinstance(each, frozenset)}
        bad = [each for each in found if isinstance(each, Condition)]
        told = ", ".join(f"{group} ({len(each)})" for group, each in members.items())
        return together(bad, f"Readable, with members: {told}." if ids else "The policies name no user groups."), members

    async def channels(self, ids: Sequence[str]) -> Condition:
        """Whether the bot may post there."""
        found = await asyncio.gather(*(self._channel(channel) for channel in ids))
        said = f"The bot is in {', '.join(ids)}." if ids else "The policies name no single channel."
        return together(found, said)

    async def _workspaces(self) -> Sequence[Workspace]:
        if self._access.oauth is None or self._rows is None:
            return (Workspace(self._client_for(self._access.bot_token), "", ""),)
        several = installing(self._access.oauth, self._rows, self._client_for(None), self._client_for)
        return await several.workspaces.as_stored()

    async def _greet(self, workspace: Workspace) -> Condition:
        sent_at = time.time()
        try:
            answer = await workspace.client.auth_test()
        except SlackApiError as error:
            if self._access.oauth is not None and code_of(error) == "token_expired":
                return doubtful(f"The token of {workspace.team} has run out.", "`serve` renews it; nothing to do.")
            step = AGAIN if self._access.oauth is None else f"Install the app in {workspace.team} again at {INSTALL}."
            return _refused(refusal("SLACK_BOT_TOKEN", error), step)
        except NO_ANSWER:
            return self._silence()
        headers = {str(name).lower(): str(value) for name, value in answer.headers.items()}
        whole = answer.get("is_enterprise_install") in (True, "true")
        team = "" if whole else str(answer.get("team_id") or "")
        known = Workspace(workspace.client, str(answer.get("enterprise_id") or ""), team)
        told = headers.get("x-oauth-scopes")
        scopes = None if told is None else frozenset(part.strip() for part in told.split(",") if part.strip())
        skew = _skew(headers.get("date", ""), (sent_at + time.time()) / 2)
        self._found.append(_Found(known, str(answer.get("team") or team), scopes, skew))
        return fine("")

    def _scopes(self, found: _Found) -> Condition:
        if found.scopes is None:
            return doubtful("Slack did not tell the token's scopes.", "Compare the app's scopes with those of the manifest.")
        missing = sorted(set(SCOPES) - found.scopes)
        excess = sorted(found.scopes - {*SCOPES, *OPTIONAL_SCOPES})
        if missing:
            return wrong(
                f"The token of {found.name} lacks {', '.join(missing)}.",
                "Add the scopes in the app's settings (the command `manifest` prints all) and install the app again.",
            )
        if excess:
            return doubtful(
                f"The token of {found.name} may do more than the bot needs: {', '.join(excess)}.",
                "Take these scopes out in the app's settings, and install the app again with a new token.",
            )
        return fine("")

    async def _person(self, user: str) -> Profile | Condition:
        step = f"Take {user} out of the policies, or correct the id."
        error: BotError | None = None
        for each in self._found:
            workspace = each.workspace
            try:
                async with self._turns:
                    person = Person(workspace.enterprise, workspace.team, user)
                    profile = await SlackDirectory(OneWorkspace(workspace)).profile(person)
            except BotError as refused:
                error = refused
                continue
            kinds = {"deactivated": profile.deactivated, "a bot": profile.is_bot, "a guest": profile.guest}
            kinds["of another workspace"] = profile.outside
            what = [kind for kind, holds in kinds.items() if holds]
            return doubtful(f"{user} ({profile.name}) is {' and '.join(what)}.", step) if what else profile
        if isinstance(error, Refused):
            return wrong(f"Slack knows no {user}.", step)
        return doubtful(f"Slack did not tell who {user} is.", WAIT)

    async def _group(self, group: str) -> frozenset[str] | Condition:
        unread = Unread("")
        for each in self._found:
            async with self._turns:
                members = await SlackDirectory(OneWorkspace(each.workspace)).members(group)
            if not isinstance(members, Unread):
                return members
            unread = members
        return unreadable(group, unread)

    async def _channel(self, channel: str) -> Condition:
        error: BotError | None = None
        for each in self._found:
            try:
                async with self._turns:
                    await check_place(each.workspace.client, channel)
            except BotError as refused:
                error = refused
            else:
                return fine("")
        if not isinstance(error, Refused):
            return doubtful(f"Slack did not tell about {channel}.", WAIT)
        if error.code == "place.not_a_member":
            return wrong(f"The bot is not in {channel}, or there is no such channel.", INVITE)
        return wrong(f"{channel}: {error.message}", f"Take {channel} out of the policies, or make it an ordinary channel.")

    def _silence(self) -> Condition:
        return wrong(
            f"Slack does not answer at {self._access.api_url}.",
            "Check that this machine may reach Slack (firewall; where a proxy leads out, HTTPS_PROXY names it, with http:// "
            "before its host), and https://slack-status.com.",
        )


def unreadable(group: str, unread: Unread) -> Condition:
    """A user group whose members Slack does not tell."""
    step = f"Correct the id {group} in the policies, enable the group, or grant the app usergroups:read."
    return wrong(f"The user group {group} cannot be read: {unread.why}", WAIT if unread in (SILENCE, BUSY) else step)


def _refused(error: BotError, step: str) -> Condition:
    """What may pass (too many calls, trouble of Slack's own) needs another step than a token that is wrong."""
    return wrong(error.message, WAIT if isinstance(error, Unavailable) else step)


def _skew(date: str, at: float) -> float | None:
    try:
        return at - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
