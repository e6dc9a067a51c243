"""How to reach Slack, and the Web API client."""

import ssl
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import Unavailable
from bot.slack.faults import NO_ANSWER, refusal

TIMEOUT = 10
"""Seconds for one Web API call."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SlackAccess:
    """How to reach Slack. Secrets are plain here and never logged."""

    bot_token: str
    app_token: str | None
    signing_secrets: tuple[str, ...]
    api_url: str

    @property
    def socket_mode(self) -> bool:
        """With an app token the bot calls Slack; without one Slack calls the bot."""
        return self.app_token is not None


async def web_client(access: SlackAccess, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A client that shares one HTTP session for all calls, checked with auth.test.

    Raises Misconfigured if Slack refuses the token, Unavailable if it does not answer.
    """
    client = AsyncWebClient(
        token=access.bot_token,
        base_url=access.api_url,
        timeout=TIMEOUT,
        session=session,
        ssl=ssl.create_default_context() if access.api_url.startswith("https") else None,
        retry_handlers=[AsyncConnectionErrorRetryHandler(max_retry_count=1)],
    )
    try:
        answer: dict[str, Any] = dict((await client.auth_test()).data)  # type: ignore[arg-type]
    except SlackApiError as error:
        raise refusal("SLACK_BOT_TOKEN", error) from error
    except NO_ANSWER as error:
        raise Unavailable("slack.down", f"Slack does not answer at {access.api_url} (auth.test).") from error
    log.info("Slack knows us", action="slack_authenticated", team=answer.get("team"), bot=answer.get("user_id"))
    return client
