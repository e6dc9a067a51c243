"""The one place that turns errors into words, where the person is."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import structlog
from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import BotError
from bot.slack.faults import NO_ANSWER
from bot.slack.render import text
from bot.slack.render.form import notice

log = structlog.get_logger(__name__)


def register(app: AsyncApp) -> None:
    """Answer every error that a listener lets out."""

    @app.error
    async def answer(
        error: Exception, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient, respond: AsyncRespond
    ) -> BoltResponse:
        line = words_for(error, body)
        if body.get("type") == "view_submission":
            view = notice("That did not work", f"⛔ {line}").to_dict()
            return BoltResponse(status=200, body={"response_action": "update", "view": view})
        await _say(line, context, client, respond)
        return BoltResponse(status=200, body="")


def words_for(error: Exception, body: Mapping[str, Any]) -> str:
    """A sentence for the person, escaped; an error that nobody foresaw gets a reference that is in the log too."""
    if isinstance(error, BotError):
        log.info("A wish was refused", action="refused", code=error.code, kind=str(body.get("type", "command")))
        return text.said(error.message)
    reference = uuid4().hex[:8]
    log.error("A listener failed", action="listener_failed", reference=reference, exc_info=error)
    if isinstance(error, SlackApiError) and error.response.get("error") in ("expired_trigger_id", "exchanged_trigger_id"):
        return "That took too long for Slack to open a window. Please try again."
    return f"Something went wrong, and nothing was sent to the cloud by this click. The log has it as `{reference}`."


async def _say(line: str, context: AsyncBoltContext, client: AsyncWebClient, respond: AsyncRespond) -> None:
    """By the response_url where there is one, else as an ephemeral message, else in private."""
    try:
        if context.response_url is not None:
            await respond(text=line, response_type="ephemeral", replace_original=False)
        elif context.channel_id is not None and context.user_id is not None:
            await client.chat_postEphemeral(channel=context.channel_id, user=context.user_id, text=line)
        elif context.user_id is not None:
            opened = await client.conversations_open(users=context.user_id)
            await client.chat_postMessage(channel=opened["channel"]["id"], text=line)
    except NO_ANSWER as error:
        log.warning("An answer could not be given", action="answer_lost", user=context.user_id, exc_info=error)
