"""How to reach Slack, and the clients for it."""

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.domain.errors import Unavailable
from bot.slack.faults import NO_ANSWER, refusal
from bot.slack.installations import InstallationRows
from bot.slack.oauth import Installing, OAuthAccess, installing
from bot.slack.workspaces import OneWorkspace, Workspace, Workspaces

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
class Connected:
    """Slack, reached: one workspace by its token, or several that OAuth brings."""

    client: AsyncWebClient
    """For what is no workspace's: the app's own calls. Has the token where there is one workspace."""
    workspaces: Workspaces
    installing: Installing | None


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


async def connect(access: SlackAccess, session: aiohttp.ClientSession, rows: InstallationRows) -> Connected:
    """All clients share one HTTP session. The bot token is checked with auth.test.

    Raises Misconfigured if Slack refuses the token, Unavailable if it does not answer.
    """
    client_for = clients(access, session)
    if access.oauth is not None:
        client = client_for(None)
        await _reach(client.api_test(), access)
        several = installing(access.oauth, rows, client, client_for)
        return Connected(client, several.workspaces, several)
    client = client_for(access.bot_token)
    answer = await _reach(client.auth_test(), access)
    log.info("Slack knows us", action="slack_authenticated", team=answer.get("team"), bot=answer.get("user_id"))
    whole = answer.get("is_enterprise_install") in (True, "true")
    team = "" if whole else str(answer.get("team_id") or "")
    return Connected(client, OneWorkspace(Workspace(client, str(answer.get("enterprise_id") or ""), team)), None)


async def _reach(call: Awaitable[AsyncSlackResponse], access: SlackAccess) -> dict[str, Any]:
    try:
        return dict((await call).data)  # type: ignore[arg-type]
    except SlackApiError as error:
        raise refusal("SLACK_BOT_TOKEN", error) from error
    except NO_ANSWER as error:
        raise Unavailable("slack.down", f"Slack does not answer at {access.api_url}.") from error
