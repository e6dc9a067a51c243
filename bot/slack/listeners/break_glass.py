"""Break-glass: the button, the form that says what is bypassed, and the sign-off."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import BotError
from bot.domain.policy import Confirm
from bot.domain.preflight import consequences
from bot.slack import ids
from bot.slack.home_tab import publish_after
from bot.slack.payloads import ApprovalMemory, approval_memory, button_value, is_at_home, view_of
from bot.slack.refusals import refusal
from bot.slack.render.form import notice, skeleton
from bot.slack.render.refused import refused
from bot.slack.render.review import break_glass_form
from bot.slack.services import Services
from bot.slack.showing import show

TITLE = "Break glass?"


def register(app: AsyncApp, services: Services) -> None:
    """Listen to everything about it."""

    @app.action(ids.BREAK_GLASS)
    async def ask(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        request = await services.break_glass.may(button_value(body), context["person"])
        await ack()
        opened = await client.views_open(trigger_id=body["trigger_id"], view=skeleton(TITLE, "Reading the facts again…"))
        view: dict[str, Any] = opened["view"]
        try:
            review = await services.decide.review(request)
        except BotError as error:
            shown = notice(TITLE, refused(error))
        else:
            shown = break_glass_form(
                request,
                review.policy,
                review.findings,
                consequences(request.wish, review.facts, services.clock.now()),
                ApprovalMemory(request_id=request.id, saw=review.saw, at_home=is_at_home(body)).model_dump_json(),
                type_name=review.policy is None or review.policy.confirm is Confirm.TYPE_NAME,
            )
        await show(client, shown, view_id=view["id"], hash=view.get("hash"))

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
