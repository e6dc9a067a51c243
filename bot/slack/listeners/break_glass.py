"""Break-glass: the button, the form that says what is bypassed, and the sign-off."""

from collections.abc import Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import BotError
from bot.slack import ids
from bot.slack.deciding import ask_to_decide
from bot.slack.home_tab import publish_after
from bot.slack.payloads import approval_memory, button_value, view_of
from bot.slack.refusals import refusal
from bot.slack.render.review import break_glass_form
from bot.slack.services import Services
from bot.workflow.decide import Review


def register(app: AsyncApp, services: Services) -> None:
    """Listen to everything about it."""

    @app.action(ids.BREAK_GLASS)
    async def ask(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        request = await services.break_glass.may(button_value(body), context["person"])
        await ack()

        def form(review: Review, consequences: Sequence[str], memory: str, *, type_name: bool) -> View:
            policy, findings = review.policy, review.findings
            return break_glass_form(request, policy, findings, consequences, memory, type_name=type_name)

        await ask_to_decide(services, client, body, request, "Break glass?", form)

    @app.view(ids.BREAK_GLASS_FORM)
    async def start(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        view = view_of(body)
        memory = approval_memory(view)
        typed, reason = view.text(ids.CONFIRM_TARGET), view.text(ids.REASON)
        try:
            await services.break_glass.start(memory.request_id, context["person"], memory.saw, typed, reason)
        except BotError as error:
            await ack(**refusal(view, error, "Not started"))
            return
        await ack()
        if memory.at_home:
            await publish_after(services, client, context["person"])

    @app.action(ids.SIGN_OFF)
    async def sign_off(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await services.break_glass.sign_off(button_value(body), context["person"])
        await ack()
