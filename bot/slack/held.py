"""Says who holds a target, with a link to that request."""

import asyncio

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import BotError
from bot.slack.faults import NO_ANSWER
from bot.slack.render.refused import refused
from bot.slack.services import Services

PATIENCE = 0.5
"""Seconds. The words do without the link where Slack is slow: the acknowledgement must not wait."""


async def words_with_link(services: Services, client: AsyncWebClient, error: BotError) -> str:
    """The error's sentence, escaped; where it speaks of another request, with a link to that one's card."""
    line = refused(error)
    if error.request_id is None:
        return line
    card = await services.cards(error.request_id)
    if card is None:
        return line
    try:
        async with asyncio.timeout(PATIENCE):
            found = await client.chat_getPermalink(channel=card.channel, message_ts=card.ts)
    except NO_ANSWER:
        return line
    return f"{line}\n<{found['permalink']}|Open {error.request_id}>"
