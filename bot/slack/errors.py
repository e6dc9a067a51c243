"""The one place that turns errors into words, where the person is."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import structlog
from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import BotError
from bot.slack import ids
from bot.slack.answering import Answer, window
from bot.slack.faults import code_of
from bot.slack.late import StillAtWork, is_late, note_failure
from bot.slack.render.form import option
from bot.slack.render.refused import sentence

TOO_LATE = ("expired_trigger_id", "exchanged_trigger_id")
KINDS = (
    "block_actions",
    "block_suggestion",
    "view_submission",
    "view_closed",
    "message_action",
    "shortcut",
    "event_callback",
)
SILENT = ("view_closed", "event_callback")
"""Nobody waits for an answer to these."""
ACK_IS_SEEN = 0.05
"""Seconds. Bolt looks for an acknowledgement every ten milliseconds, and forgets it as soon as an error was answered."""

log = structlog.get_logger(__name__)


def register(app: AsyncApp) -> None:
    """Answer every error that a listener lets out, and every request that no listener knows."""

    @app.error
    async def tell(
        error: Exception, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient, respond: AsyncRespond
    ) -> BoltResponse | None:
        kind = _kind(body)
        line = words_for(error, kind)
        answer = Answer(line, body, context, client, respond)
        if isinstance(error, StillAtWork):
            # Slack no longer looks at the answer itself. A typeahead is asked again with the next letter.
            if kind not in (*SILENT, "block_suggestion"):
                await answer.give()
            return None
        note_failure(context)
        if is_late(context):
            # A window in place of the form would be part of an answer that Slack has had.
            if kind != "block_suggestion":
                await answer.give()
            return None
        if context.ack.response is not None:
            await asyncio.sleep(ACK_IS_SEEN)
            await answer.give()
            return None
        if kind == "view_submission":
            return BoltResponse(status=200, body={"response_action": "update", "view": window(line).to_dict()})
        if kind == "block_suggestion":
            return BoltResponse(status=200, body={"options": [option(ids.NOTHING, line).to_dict()]})
        if not (isinstance(error, BoltUnhandledRequestError) and kind in SILENT):
            await answer.give()
        return BoltResponse(status=200, body="")


def note(error: BotError, kind: str) -> None:
    """A line in the log for what a person was refused; not where the audit log's line says it already.

    `kind` is what Slack sent: a payload's type, or "command".
    """
    if not error.on_record:
        log.info("A wish was refused", action="refused", code=error.code, kind=kind)


def words_for(error: Exception, kind: str) -> str:
    """A sentence for the person, escaped; an error that nobody foresaw gets a reference that is in the log too.

    `kind` is what Slack sent: a payload's type, or "command".
    """
    if isinstance(error, BotError):
        note(error, kind)
        return sentence(error)
    if isinstance(error, BoltUnhandledRequestError):
        log.warning("Slack sent what nobody listens to", action="unhandled", kind=kind)
        return "This belongs to another version of the bot. Nothing was done."
    if isinstance(error, StillAtWork):
        log.warning("A listener takes longer than Slack waits", action="listener_late", kind=kind)
        return "This takes longer than Slack waits, and I am still at it. Look at the request before you try again."
    reference = uuid4().hex[:8]
    log.error("A listener failed", action="listener_failed", reference=reference, kind=kind, exc_info=error)
    if isinstance(error, SlackApiError) and code_of(error) in TOO_LATE:
        return "That took too long for Slack to open a window. Please try again."
    return f"Something went wrong, and nothing was sent to the cloud by this click. The log has it as `{reference}`."


def _kind(body: Mapping[str, Any]) -> str:
    kind = body.get("type")
    return kind if kind in KINDS else "command"
