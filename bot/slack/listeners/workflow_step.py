"""The Workflow Builder step "Restore a database (with approval)".

A workflow's author chooses what it passes on, names of people included, so a step can vouch for nobody. It therefore posts
an invitation; the person who presses its button asks for the restore, and Slack says who that is. From there everything goes
the usual way, and the step ends when the restore does.
"""

from typing import Any

import structlog
from pydantic import ValidationError
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.context.fail.async_fail import AsyncFail
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import Refused
from bot.domain.people import Place
from bot.slack import ids
from bot.slack.command_text import Form
from bot.slack.faults import code_of
from bot.slack.opening import FormOpener
from bot.slack.payloads import button_text, message_of
from bot.slack.render.invitation import invitation
from bot.slack.step import Invitation, StepInputs

log = structlog.get_logger(__name__)


def register(app: AsyncApp, opener: FormOpener) -> None:
    """Listen to the step and to the button of its invitation."""

    @app.function(ids.STEP, auto_acknowledge=False)
    async def started(ack: AsyncAck, event: dict[str, Any], client: AsyncWebClient, fail: AsyncFail) -> None:
        await ack()
        try:
            inputs = StepInputs.model_validate(event.get("inputs") or {})
        except ValidationError as error:
            fields = ", ".join(sorted({str(each["loc"][0]) for each in error.errors() if each["loc"]}))
            await fail(f"The step's inputs cannot be used: {fields}.")
            return
        said = invitation(inputs, Invitation.of(str(event["function_execution_id"]), inputs))
        try:
            await client.chat_postMessage(channel=inputs.channel, text=said.text, blocks=said.blocks, unfurl_links=False)
        except SlackApiError as error:
            log.warning("A workflow's invitation could not be posted", action="step_not_posted", code=code_of(error))
            await fail(f"The invitation could not be posted ({code_of(error)}). Is the app in the channel?")

    @app.action(ids.ACCEPT_STEP)
    async def accepted(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        await ack()
        try:
            invited = Invitation.model_validate_json(button_text(body))
        except ValidationError as error:
            raise Refused("bad_payload", "This button is damaged.") from error
        channel, ts = message_of(body)
        typed = Form(invited.source, invited.target, invited.time, invited.backup)
        trigger, person = str(body["trigger_id"]), context["person"]
        await opener.open(client, trigger, Place(channel, ts), typed, person=person, execution=invited.execution)
