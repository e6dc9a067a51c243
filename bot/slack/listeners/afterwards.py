"""After the end: what a person says of the restored database, and the way back."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import ids
from bot.slack.opening import FormOpener
from bot.slack.payloads import button_value
from bot.slack.services import Services


def register(app: AsyncApp, services: Services, opener: FormOpener) -> None:
    """Listen to the buttons of a finished request."""

    @app.action(ids.VERIFIED)
    async def verified(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await services.inspect(button_value(body), context["person"], as_expected=True)
        await ack()

    @app.action(ids.NOT_AS_EXPECTED)
    async def not_as_expected(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await services.inspect(button_value(body), context["person"], as_expected=False)
        await ack()

    @app.action(ids.UNDO)
    async def undo(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        await ack()
        request = await services.requests.get(button_value(body))
        await opener.open_undo(client, str(body["trigger_id"]), request, context["person"])
