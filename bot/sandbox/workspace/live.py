"""Pushes to the web page what changes on a person's screen."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientConnectionResetError, web

from bot.sandbox.workspace import screen
from bot.sandbox.workspace.changes import (
    BotChanged,
    Change,
    ChannelChanged,
    HomeChanged,
    MessageChanged,
    MessageDeleted,
    ReadChanged,
    ViewsChanged,
)
from bot.sandbox.workspace.messages import Json, Message
from bot.sandbox.workspace.platform import Platform

HEARTBEAT = 20.0


@dataclass(slots=True)
class LivePages:
    """All open pages."""

    platform: Platform
    _sockets: dict[web.WebSocketResponse, str]

    @property
    def present(self) -> set[str]:
        """The people who have the page open now."""
        return set(self._sockets.values())

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One page, until it is closed."""
        user = request.query.get("user", "")
        if user not in self.platform.workspace.people:
            return web.json_response({"ok": False, "error": f"there is no {user}"}, status=404)
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT)
        await socket.prepare(request)
        self._sockets[socket] = user
        queue: asyncio.Queue[Json] = asyncio.Queue()

        def watch(change: Change) -> None:
            for frame in frames(self.platform, user, change):
                queue.put_nowait(frame)

        self.platform.workspace.watch(watch)
        sending = asyncio.create_task(_send(socket, queue))
        try:
            async for _ in socket:
                continue
        finally:
            self.platform.workspace.unwatch(watch)
            self._sockets.pop(socket, None)
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
        return socket

    async def close(self) -> None:
        """Close every page's connection."""
        for socket in tuple(self._sockets):
            await socket.close(code=1001, message=b"going away")


def frames(platform: Platform, user: str, change: Change) -> list[Json]:
    """What this person's page is told about a change."""
    match change:
        case MessageChanged(message) if _sees(platform, user, message):
            return [_message(platform, each) for each in (message, _root(platform, message)) if each is not None]
        case MessageDeleted(message) if _sees(platform, user, message):
            root = _root(platform, message)
            gone: Json = {"type": "message_deleted", "channel": message.channel, "ts": message.ts}
            return [gone, *([_message(platform, root)] if root else [])]
        case ViewsChanged(owner, stack) if owner == user:
            return [{"type": "views", "views": screen.views(platform, stack)}]
        case HomeChanged(home) if home.user == user:
            return [{"type": "home", "home": screen.view(platform, home)}]
        case ReadChanged(reader, channel_id, ts) if reader == user:
            return [{"type": "read", "channel": channel_id, "ts": ts}]
        case BotChanged(connected):
            return [{"type": "bot", "connected": connected}]
        case ChannelChanged(channel_id):
            channel = platform.workspace.channels[channel_id]
            if channel.visible_to(platform.workspace.people[user]):
                return [{"type": "channel", "channel": screen.channel(platform, channel, user)}]
    return []


async def _send(socket: web.WebSocketResponse, queue: asyncio.Queue[Json]) -> None:
    while True:
        frame: dict[str, Any] = await queue.get()
        try:
            await socket.send_json(frame)
        except ClientConnectionResetError:
            return


def _message(platform: Platform, message: Message) -> Json:
    return {"type": "message", "message": screen.message(platform, message)}


def _root(platform: Platform, message: Message) -> Message | None:
    """The root, whose count of replies may have changed."""
    if message.thread_ts is None or message.ephemeral_to is not None:
        return None
    return platform.workspace.message(message.channel, message.thread_ts)


def _sees(platform: Platform, user: str, message: Message) -> bool:
    if message.ephemeral_to not in (None, user):
        return False
    return platform.workspace.channels[message.channel].visible_to(platform.workspace.people[user])
