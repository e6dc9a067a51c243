"""Shortcuts: on a message, so that everything lands in its thread; and from anywhere."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.people import Place
from bot.slack import ids
from bot.slack.command_text import Form
from bot.slack.opening import FormOpener


def register(app: AsyncApp, opener: FormOpener) -> None:
    """Listen to both shortcuts."""

    @app.message_shortcut(ids.SHORTCUT_HERE)
    async def here(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        await ack()
        message = body["message"]
        thread = str(message.get("thread_ts") or message["ts"])
        place = Place(str(body["channel"]["id"]), thread)
        await opener.open(client, str(body["trigger_id"]), place, Form(), person=context["person"])

    @app.global_shortcut(ids.SHORTCUT)
    async def anywhere(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        await ack()
        await opener.open(client, str(body["trigger_id"]), None, Form(), person=context["person"])
