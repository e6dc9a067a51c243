"""The App Home tab."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import ids
from bot.slack.command_text import Form
from bot.slack.home_tab import publish
from bot.slack.opening import FormOpener
from bot.slack.payloads import button_value
from bot.slack.services import Services

DEEPEST = 1000
"""Pages of history that can be turned to."""


def register(app: AsyncApp, services: Services, opener: FormOpener) -> None:
    """Publish the tab when somebody opens it, and turn the pages of the history."""

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        if event.get("tab", "home") == "home":
            await publish(services, client, context["person"])

    @app.action(ids.START)
    async def start(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        await ack()
        await opener.open(client, str(body["trigger_id"]), None, Form(), person=context["person"])

    @app.action(re.compile(f"^({ids.OLDER}|{ids.NEWER})$"))
    async def turn(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        await ack()
        number = button_value(body)
        page = min(int(number), DEEPEST) if number.isascii() and number.isdigit() else 0
        await publish(services, client, context["person"], page)
