"""Whether a restore may live in a channel, in words that say what to do."""

import asyncio

from cachetools import TTLCache
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import Refused, Unavailable
from bot.slack.faults import HOPELESS, NO_ANSWER, code_of

PATIENCE = 2.0
REMEMBERED = 30.0
"""Seconds for which a channel that was good is taken to be good."""


class KnownPlaces:
    """Remembers good channels for a moment: many who open the form in one channel cost Slack one question, and the form
    comes sooner. A channel that was not good is asked about again, for whoever has mended it."""

    def __init__(self) -> None:
        self._good: TTLCache[tuple[str, str], None] = TTLCache(1000, REMEMBERED)

    async def check(self, client: AsyncWebClient, organisation: str, channel: str) -> None:
        """As `check_place`; the `organisation` is the one that the channel's id belongs to."""
        if (organisation, channel) not in self._good:
            await check_place(client, channel)
            self._good[organisation, channel] = None


async def check_place(client: AsyncWebClient, channel: str) -> None:
    """Raises Refused if the bot cannot or must not post there, Unavailable if Slack does not say."""
    if channel.startswith("D"):
        # The ids of direct messages; Slack would want one more scope to tell.
        raise _direct_message()
    try:
        async with asyncio.timeout(PATIENCE):
            answer = await client.conversations_info(channel=channel)
    except SlackApiError as error:
        code = code_of(error)
        if code in ("channel_not_found", "not_in_channel"):
            raise _not_a_member() from error
        if code in HOPELESS:
            # Group messages want a scope of their own; so does whatever Slack invents next.
            raise Refused("place.unreadable", f"I may not look at this conversation ({code}). Ask in a channel.") from error
        raise _unavailable() from error
    except NO_ANSWER as error:
        raise _unavailable() from error
    info = answer["channel"]
    if info.get("is_im") or info.get("is_mpim"):
        raise _direct_message()
    if info.get("is_archived"):
        raise Refused("place.archived", "This channel is archived. Ask in another one.")
    if info.get("is_ext_shared"):
        raise Refused("place.shared", "This channel is shared with another organisation. Ask in one of your own.")
    if not info.get("is_member"):
        raise _not_a_member()


def _direct_message() -> Refused:
    return Refused("place.direct_message", "Restores are asked for in a channel, where a second person can approve.")


def _not_a_member() -> Refused:
    return Refused("place.not_a_member", "I am not in this channel. Type /invite @RDS Restore in it, then ask again.")


def _unavailable() -> Unavailable:
    return Unavailable("slack.slow", "Slack did not answer in time. Please try again.")
