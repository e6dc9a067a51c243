"""Buttons on the card, and the fields of the form that redraw it."""

import re
from collections.abc import Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import ids
from bot.slack.deciding import ask_to_decide
from bot.slack.home_tab import publish_after
from bot.slack.opening import FormOpener
from bot.slack.payloads import ApprovalMemory, button_value, is_at_home, view_of
from bot.slack.redrawing import redraw
from bot.slack.render.review import approve_form, deny_form, details
from bot.slack.services import Services
from bot.slack.showing import Turns
from bot.workflow.decide import Review


def register(app: AsyncApp, services: Services, opener: FormOpener) -> None:
    """Listen to every button and to the fields that change the form."""
    _register_fields(app, opener)
    _register_decisions(app, services)
    _register_verdicts(app, services)
    _register_others(app, services)


def _register_fields(app: AsyncApp, opener: FormOpener) -> None:
    turns = Turns()

    async def changed(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        await ack()
        await redraw(opener, turns, client, view_of(body), context["person"])

    for name in (ids.PROJECT, ids.SOURCE, ids.MODE, ids.RESTORE_TIME):
        app.action({"action_id": name, "block_id": name})(changed)


def _register_decisions(app: AsyncApp, services: Services) -> None:
    @app.action(ids.APPROVE)
    async def approve(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        request = await services.decide.may(button_value(body), context["person"], "approve")
        await ack()

        def form(review: Review, consequences: Sequence[str], memory: str, *, type_name: bool) -> View:
            facts, findings = review.facts, review.findings
            return approve_form(request, facts, findings, review.changed, consequences, memory, type_name=type_name)

        await ask_to_decide(services, client, body, request, "Approve?", form)

    @app.action(ids.DENY)
    async def deny(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        request = await services.decide.may(button_value(body), context["person"], "deny")
        await ack()
        memory = ApprovalMemory(request_id=request.id, at_home=is_at_home(body)).model_dump_json()
        await client.views_open(trigger_id=body["trigger_id"], view=deny_form(request, memory))


def _register_verdicts(app: AsyncApp, services: Services) -> None:
    """What a person says of a restore of which nobody can say whether the cloud took it."""

    @app.action(ids.ADOPT_JOB)
    async def adopt(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await services.reconcile.follow(button_value(body), context["person"])
        await ack()

    @app.action(ids.DECLARE_FAILED)
    async def never_started(ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        await services.reconcile.declare_failed(button_value(body), context["person"])
        await ack()


def _register_others(app: AsyncApp, services: Services) -> None:
    @app.action(ids.CANCEL)
    async def cancel(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        await services.cancel(button_value(body), context["person"])
        await ack()
        if is_at_home(body):
            await publish_after(services, client, context["person"])

    @app.action(ids.DETAILS)
    async def show_details(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        request = await services.requests.get(button_value(body))
        happened = await services.history(request.id)
        await client.views_open(trigger_id=body["trigger_id"], view=details(request, services.policy_of(request), happened))

    @app.action(re.compile(".*"))
    async def unknown(ack: AsyncAck, respond: AsyncRespond, body: dict[str, Any]) -> None:
        await ack()
        # A field of a modal has no response_url, and nothing needs to be said about it.
        if body.get("response_url"):
            await respond(
                text="This button belongs to another version of the bot. Nothing was done.",
                response_type="ephemeral",
                replace_original=False,
            )
