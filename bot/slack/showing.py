"""Changes a modal that is open, while the person may have closed it or gone on."""

import asyncio

from cachetools import LRUCache
from slack_sdk.errors import SlackApiError
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.faults import code_of

GONE = ("not_found", "view_not_found")
CONFLICT = "hash_conflict"
PUSHED_AFTER = (0.0, 0.1, 0.3, 0.6, 1.0)
"""Seconds to wait before each try to reach a modal that an acknowledgement has only just pushed."""


async def show(client: AsyncWebClient, view: View, **which: str | None) -> str | None:
    """Update an open modal, unless the person has closed it or something newer is shown. The modal's new hash; None: not
    shown. `which` names it as views.update does: `view_id` and `hash`, or `external_id`."""
    try:
        return await _updated(client, view, **which)
    except SlackApiError as error:
        if code_of(error) not in (*GONE, CONFLICT):
            raise
    return None


async def show_pushed(client: AsyncWebClient, view: View, external_id: str) -> None:
    """Update a modal that the acknowledgement pushes. Slack may hear of the update before it has pushed: then it is tried
    again, or the person would look at the hourglass for ever."""
    for wait in PUSHED_AFTER:
        await asyncio.sleep(wait)
        if await show(client, view, external_id=external_id) is not None:
            return


async def _updated(client: AsyncWebClient, view: View, **which: str | None) -> str:
    answer = await client.views_update(view=view, **which)
    return str(answer["view"].get("hash") or "")


class Turns:
    """Which change of a modal is the newest. One that took longer must not undo a newer one."""

    def __init__(self) -> None:
        self._newest: LRUCache[str, int] = LRUCache(maxsize=10_000)

    def begin(self, view_id: str) -> int:
        """The number of a change that begins now."""
        number = self._newest[view_id] = self._newest.get(view_id, 0) + 1
        return number

    async def show(self, client: AsyncWebClient, view: View, *, view_id: str, hash: str, turn: int) -> str | None:  # noqa: A002 - Slack's word
        """Show the result of the change, unless a newer one has begun. An older one that was shown meanwhile is replaced."""
        if self._newest.get(view_id) != turn:
            return None
        try:
            return await _updated(client, view, view_id=view_id, hash=hash)
        except SlackApiError as error:
            if code_of(error) in GONE:
                return None
            if code_of(error) != CONFLICT:
                raise
        return await show(client, view, view_id=view_id) if self._newest.get(view_id) == turn else None
