"""Several workspaces: each has its own token, which OAuth brought and which may have to be renewed."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import structlog
from cachetools import TTLCache
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import Refused, Unavailable
from bot.domain.people import Person
from bot.slack.faults import NO_ANSWER
from bot.slack.workspaces import Workspace

REMEMBERED = 60
"""Seconds after which another replica's news of a workspace (removed, token renewed) is seen."""
RENEW_BEFORE = 120
"""Minutes before its end in which a token is renewed."""

log = structlog.get_logger(__name__)


class InstallationRows(Protocol):
    """The database's part."""

    @property
    def engine(self) -> object:
        """What slack_sdk's stores take: an AsyncEngine of SQLAlchemy."""
        ...

    def in_our_words(self) -> AbstractContextManager[None]:
        """Inside, faults of the database come out as BotError."""
        ...

    async def places(self, client_id: str) -> Sequence[tuple[str | None, str | None]]:
        """Enterprise and team of every installation of this app."""
        ...


class InstalledWorkspaces:
    """Those that OAuth has brought and that the operator allows."""

    def __init__(
        self,
        client_id: str,
        allowed: Collection[str],
        rows: InstallationRows,
        store: AsyncInstallationStore,
        rotator: AsyncTokenRotator,
        client_for: Callable[[str], AsyncWebClient],
    ) -> None:
        """`allowed` are ids of teams and enterprises; `client_for` makes a client for a token."""
        self._client_id = client_id
        self._allowed = frozenset(allowed)
        self._rows = rows
        self._store = store
        self._rotator = rotator
        self._client_for = client_for
        self._known: TTLCache[tuple[str, str], Workspace] = TTLCache(maxsize=1000, ttl=REMEMBERED)
        self._turn = asyncio.Lock()

    def allows(self, enterprise: str | None, team: str | None) -> bool:
        """Whether the operator wants the app there."""
        return bool(self._allowed & {enterprise, team})

    async def of(self, person: Person) -> Workspace:
        """See the port."""
        found = await self.find(person.enterprise, person.team)
        if found is None:
            raise Refused("not_installed", "The app is not installed in this workspace.")
        return found

    async def all(self) -> Sequence[Workspace]:
        """See the port."""
        with self._rows.in_our_words():
            places = await self._rows.places(self._client_id)
        found = [await self.find(enterprise or "", team or "") for enterprise, team in places]
        return [workspace for workspace in found if workspace is not None]

    async def as_stored(self) -> Sequence[Workspace]:
        """All of them with the tokens that are stored, which may have run out: nothing is renewed or written. Raises
        Unavailable or Misconfigured."""
        with self._rows.in_our_words():
            places = await self._rows.places(self._client_id)
        allowed = [place for place in places if self.allows(*place)]
        found = [await self._bot(enterprise or None, team or None) for enterprise, team in allowed]
        return [self._of_bot(bot) for bot in found if bot is not None]

    async def find(self, enterprise: str, team: str) -> Workspace | None:
        """The installation in the workspace, else the one for its whole organisation. Raises Unavailable."""
        if not self.allows(enterprise, team):
            return None
        async with self._turn:
            known = self._known.get((enterprise, team))
            if known is not None:
                return known
            bot = await self._bot(enterprise or None, team or None)
            if bot is None and enterprise and team:
                bot = await self._bot(enterprise, None)
            if bot is None:
                return None
            found = await self._workspace(bot)
            self._known[enterprise, team] = found
            return found

    def forget(self) -> None:
        """Read everything anew from now on: something was installed or removed."""
        self._known.clear()

    async def _bot(self, enterprise: str | None, team: str | None) -> Bot | None:
        with self._rows.in_our_words():
            return await self._store.async_find_bot(
                enterprise_id=enterprise, team_id=team, is_enterprise_install=team is None
            )

    async def _workspace(self, bot: Bot) -> Workspace:
        return self._of_bot(await self._renewed(bot))

    def _of_bot(self, bot: Bot) -> Workspace:
        return Workspace(
            client=self._client_for(str(bot.bot_token)),
            enterprise=bot.enterprise_id or "",
            team="" if bot.is_enterprise_install else bot.team_id or "",
            bot_user=bot.bot_user_id or "",
            bot_id=bot.bot_id or "",
        )

    async def _renewed(self, bot: Bot) -> Bot:
        """With a fresh token where the stored one ends soon."""
        if bot.bot_refresh_token is None:
            return bot
        try:
            fresh = await self._rotator.perform_bot_token_rotation(bot=bot, minutes_before_expiration=RENEW_BEFORE)
        except (SlackTokenRotationError, *NO_ANSWER) as error:
            return await self._still_good(bot, error)
        if fresh is None:
            return bot
        with self._rows.in_our_words():
            await self._store.async_save_bot(fresh)
        log.info("A token was renewed", action="token_renewed", team=bot.team_id, enterprise=bot.enterprise_id)
        return fresh

    async def _still_good(self, bot: Bot, error: Exception) -> Bot:
        """Another replica may have been faster; otherwise the old token serves to its end. Raises Unavailable."""
        stored = await self._bot(bot.enterprise_id, None if bot.is_enterprise_install else bot.team_id)
        if stored is not None and stored.bot_token != bot.bot_token:
            return stored
        log.warning("A token could not be renewed", action="token_not_renewed", team=bot.team_id, why=str(error))
        if bot.bot_token_expires_at is not None and bot.bot_token_expires_at <= time.time():
            raise Unavailable("slack.token", "Slack did not renew the token of this workspace.") from error
        return bot


class Authorize(AsyncAuthorize):
    """Gives Bolt the token of the workspace that a request comes from."""

    def __init__(self, workspaces: InstalledWorkspaces) -> None:
        self._workspaces = workspaces

    async def __call__(
        self, *, context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None, **others: object
    ) -> AuthorizeResult | None:
        """None where the app is not installed or not wanted: Bolt then tells the person."""
        del context, others
        found = await self._workspaces.find(enterprise_id or "", team_id or "")
        if found is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=found.bot_user,
            bot_id=found.bot_id,
            bot_token=found.client.token,
        )
