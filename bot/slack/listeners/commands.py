"""The slash command."""

import asyncio
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import BotError
from bot.domain.people import Person, Place
from bot.domain.states import FINAL, LIVE
from bot.slack import ids
from bot.slack.command_text import CancelRequest, Command, Form, Help, History, ListRunning, Status, read
from bot.slack.opening import FormOpener
from bot.slack.render import lists
from bot.slack.render.card import Message
from bot.slack.services import Services
from bot.workflow.look_up import named
from bot.workflow.store_ports import Filter

QUICK = 1.0
"""Seconds that may be spent on telling a name from a typing error before the form must open (its trigger lives three)."""


def register(app: AsyncApp, services: Services, opener: FormOpener) -> None:
    """Listen to `/rds-restore`."""

    @app.command(ids.COMMAND)
    async def restore(
        ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext, respond: AsyncRespond
    ) -> None:
        await ack()
        command = read(str(body.get("text") or ""))
        if isinstance(command, Form) and await _is_unknown(services, command):
            command = Help(command.source)
        if isinstance(command, Form):
            place = Place(str(body["channel_id"]))
            await opener.open(client, str(body["trigger_id"]), place, command, person=context["person"])
            return
        person, channel = context["person"], str(body["channel_id"])
        answer = await _answer(services, command, person, channel)
        told = await respond(text=answer.text, blocks=answer.blocks, response_type="ephemeral")
        if told.status_code != 200:
            await client.chat_postEphemeral(channel=channel, user=person.user, text=answer.text, blocks=answer.blocks)


async def _answer(services: Services, command: Command, person: Person, channel: str) -> Message:
    if isinstance(command, CancelRequest):
        request = await services.cancel(command.request_id, person)
        return lists.line(f"Cancelled {request.id}. Nothing was changed.")
    if isinstance(command, Status):
        if command.request_id is not None:
            return lists.one(await services.requests.get(command.request_id))
        return lists.several("Newest in this channel", await services.requests.find(Filter(channel=channel, limit=5)))
    if isinstance(command, ListRunning):
        return lists.several("Not finished", await services.requests.find(Filter(states=LIVE)))
    if isinstance(command, History):
        return lists.several("Finished", await services.requests.find(Filter(states=FINAL)))
    return lists.usage(command.unknown, command.missing) if isinstance(command, Help) else lists.usage()


async def _is_unknown(services: Services, typed: Form) -> bool:
    """Whether a single word is neither a sub-command nor an instance. A slow or silent cloud counts as no."""
    if not typed.source or typed.target or typed.time or typed.backup:
        return False
    try:
        async with asyncio.timeout(QUICK):
            found = [await named(services.cloud, project, typed.source) for project in services.policies.projects]
    except (TimeoutError, BotError):
        return False
    return not any(found)
