"""The one place that turns errors into words, where the person is."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
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
from bot.slack.faults import NO_ANSWER, code_of
from bot.slack.late import StillAtWork
from bot.slack.render.form import notice, option
from bot.slack.render.lists import line as line_of
from bot.slack.render.refused import sentence

TITLE = "That did not work"
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
    async def answer(
        error: Exception, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient, respond: AsyncRespond
    ) -> BoltResponse | None:
        kind = _kind(body)
        line = words_for(error, kind)
        if isinstance(error, StillAtWork):
            # Slack no longer looks at the answer itself. A typeahead is asked again with the next letter.
            if kind not in (*SILENT, "block_suggestion"):
                await _say(line, body, context, client, respond)
            return None
        if context.ack.response is not None:
            await asyncio.sleep(ACK_IS_SEEN)
            await _say(line, body, context, client, respond)
            return None
        if kind == "view_submission":
            view = notice(TITLE, f"⛔ {line}").to_dict()
            return BoltResponse(status=200, body={"response_action": "update", "view": view})
        if kind == "block_suggestion":
            return BoltResponse(status=200, body={"options": [option(ids.NOTHING, line).to_dict()]})
        if not (isinstance(error, BoltUnhandledRequestError) and kind in SILENT):
            await _say(line, body, context, client, respond)
        return BoltResponse(status=200, body="")


def words_for(error: Exception, kind: str) -> str:
    """A sentence for the person, escaped; an error that nobody foresaw gets a reference that is in the log too.

    `kind` is what Slack sent: a payload's type, or "command".
    """
    if isinstance(error, BotError):
        if not error.on_record:
            # Else the audit log's line says it already.
            log.info("A wish was refused", action="refused", code=error.code, kind=kind)
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


async def _say(
    line: str, body: Mapping[str, Any], context: AsyncBoltContext, client: AsyncWebClient, respond: AsyncRespond
) -> None:
    """On the screen that the person looks at; where that fails, a little further away."""
    for way in _ways(line, body, context, client, respond):
        try:
            if await way():
                return
        except (*NO_ANSWER, TypeError, ValueError) as error:
            # The last two: an address in the payload is none.
            log.info("An answer took another way", action="answer_detour", user=context.user_id, why=type(error).__name__)
    log.warning("An answer could not be given", action="answer_lost", user=context.user_id)


def _ways(
    line: str, body: Mapping[str, Any], context: AsyncBoltContext, client: AsyncWebClient, respond: AsyncRespond
) -> list[Callable[[], Awaitable[bool]]]:
    user, channel, trigger = context.user_id, context.channel_id, body.get("trigger_id")
    step = _step(body)
    # In blocks, because in a bare text Slack would make links of addresses.
    said = line_of(line)
    where = body.get("view")
    in_modal = isinstance(where, Mapping) and where.get("type") == "modal"
    # What a submission leaves open is not known here.
    opens = bool(trigger) and not context.response_url and body.get("type") != "view_submission"

    async def by_response_url() -> bool:
        # Under the card's thread if the button is there: Slack would show it in the channel.
        answer = await respond(
            text=said.text,
            blocks=said.blocks,
            response_type="ephemeral",
            replace_original=False,
            thread_ts=_thread(body),
        )
        return answer.status_code == 200

    async def in_a_window() -> bool:
        show = client.views_push if in_modal else client.views_open
        await show(trigger_id=str(trigger), view=notice(TITLE, f"⛔ {line}"))
        return True

    async def in_the_channel() -> bool:
        await client.chat_postEphemeral(
            channel=str(channel), user=str(user), text=said.text, blocks=said.blocks, thread_ts=_thread(body)
        )
        return True

    async def in_private() -> bool:
        opened = await client.conversations_open(users=str(user))
        await client.chat_postMessage(channel=opened["channel"]["id"], text=said.text, blocks=said.blocks)
        return True

    async def in_the_workflow() -> bool:
        await client.functions_completeError(function_execution_id=str(step), error=line)
        return True

    ways: list[tuple[bool, Callable[[], Awaitable[bool]]]] = [
        (step is not None, in_the_workflow),
        (bool(context.response_url), by_response_url),
        (opens, in_a_window),
        (bool(channel and user), in_the_channel),
        (bool(user), in_private),
    ]
    return [way for open_to_us, way in ways if open_to_us]


def _step(body: Mapping[str, Any]) -> str | None:
    """The step of a workflow that waits for this listener, if one does."""
    event = body.get("event")
    return event.get("function_execution_id") if isinstance(event, Mapping) else None


def _kind(body: Mapping[str, Any]) -> str:
    kind = body.get("type")
    return kind if kind in KINDS else "command"


def _thread(body: Mapping[str, Any]) -> str | None:
    container = body.get("container")
    thread = container.get("thread_ts") if isinstance(container, Mapping) else None
    return str(thread) if thread else None
