"""How to reach Slack, and the clients for it."""

import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import Unavailable
from bot.domain.people import Person
from bot.slack.faults import NO_ANSWER, refusal
from bot.slack.installations import InstallationRows
from bot.slack.oauth import Installing, OAuthAccess, installing
from bot.slack.workspaces import Workspace, Workspaces

TIMEOUT = 10
"""Seconds for one Web API call."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SlackAccess:
    """How to reach Slack. Secrets are plain here and never logged."""

    bot_token: str | None
    """None with `oauth`."""
    oauth: OAuthAccess | None
    app_token: str | None
    signing_secrets: tuple[str, ...]
    api_url: str

    @property
    def socket_mode(self) -> bool:
        """With an app token the bot calls Slack; without one Slack calls the bot."""
        return self.app_token is not None


@dataclass(frozen=True, slots=True)
class Slack:
    """One workspace by its token, or several that OAuth brings."""

    client: AsyncWebClient
    """For what is no workspace's: the app's own calls. Has the token where there is one workspace."""
    workspaces: Workspaces
    installing: Installing | None
    ask: Callable[[], Awaitable[None]]
    """One cheap question: does Slack answer, and know us? Raises Misconfigured if Slack refuses the token, Unavailable if it
    does not answer."""


class WorkspaceOfToken:
    """The one that the bot token belongs to. Which one that is, Slack has to say first; until then nobody is known."""

    def __init__(self, client: AsyncWebClient, access: SlackAccess) -> None:
        self._client = client
        self._access = access
        self._known: Workspace | None = None

    async def ask(self) -> None:
        """auth.test. Raises Misconfigured if Slack refuses the token, Unavailable if it does not answer."""
        answer = await _reach(self._client.auth_test(), self._access)
        whole = answer.get("is_enterprise_install") in (True, "true")
        team = "" if whole else str(answer.get("team_id") or "")
        if self._known is None:
            log.info("Slack knows us", action="slack_authenticated", team=answer.get("team"), bot=answer.get("user_id"))
        self._known = Workspace(self._client, str(answer.get("enterprise_id") or ""), team)

    async def of(self, person: Person) -> Workspace:
        """Always the same: nobody else's requests come with our token. Raises Unavailable until Slack has said which."""
        del person
        return (await self.all())[0]

    async def all(self) -> Sequence[Workspace]:
        """It alone. Raises Unavailable until Slack has said which."""
        if self._known is None:
            raise Unavailable("slack.down", "Slack has not told the bot yet where it is. Please try again in a minute.")
        return (self._known,)


def clients(access: SlackAccess, session: aiohttp.ClientSession) -> Callable[[str | None], AsyncWebClient]:
    """Makes a client for a token; all of them share the session."""
    context = ssl.create_default_context() if access.api_url.startswith("https") else None

    def client_for(token: str | None) -> AsyncWebClient:
        return AsyncWebClient(
            token=token,
            base_url=access.api_url,
            timeout=TIMEOUT,
            session=session,
            ssl=context,
            retry_handlers=[AsyncConnectionErrorRetryHandler(max_retry_count=1)],
        )

    return client_for


def slack_of(access: SlackAccess, session: aiohttp.ClientSession, rows: InstallationRows) -> Slack:
    """All clients share one HTTP session. Nothing is asked of Slack yet."""
    client_for = clients(access, session)
    if access.oauth is None:
        client = client_for(access.bot_token)
        one = WorkspaceOfToken(client, access)
        return Slack(client, one, None, one.ask)
    client = client_for(None)
    several = installing(access.oauth, rows, client, client_for)

    async def ask() -> None:
        # The tokens are the workspaces' own: one that is revoked keeps the others from nothing.
        await _reach(client.api_test(), access)

    return Slack(client, several.workspaces, several, ask)


async def _reach(call: Awaitable[AsyncSlackResponse], access: SlackAccess) -> dict[str, Any]:
    try:
        return dict((await call).data)  # type: ignore[arg-type]
    except SlackApiError as error:
        raise refusal("SLACK_BOT_TOKEN", error) from error
    except NO_ANSWER as error:
        raise Unavailable("slack.down", f"Slack does not answer at {access.api_url}.") from error
