"""Socket Mode: the app connects by WebSocket, receives envelopes and acknowledges each by its id.

Source: Slack's documentation of Socket Mode (apps.connections.open, hello, envelopes, disconnect).
"""

import asyncio
import itertools
import json
import secrets
from collections.abc import Callable
from typing import Any

from aiohttp import ClientConnectionResetError, WSMsgType, web

from bot.sandbox.workspace.delivery import Ack, Envelope

CONNECTIONS_MAX = 10
HEARTBEAT = 30.0
RECONNECT_GRACE = 1.0
"""Seconds that an envelope waits for a connection while none is open."""


class Sockets:
    """All connections of the app. Any one of them gets an envelope, in turn."""

    def __init__(self, app_id: str, ack_timeout: float, changed: Callable[[bool], None]) -> None:
        self._app_id = app_id
        self._ack_timeout = ack_timeout
        self._changed = changed
        self._tickets: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._draining: list[web.WebSocketResponse] = []
        self._wires: set[asyncio.Transport] = set()
        self._waiting: dict[str, asyncio.Future[Ack]] = {}
        self._turn = itertools.count()
        self._arrived = asyncio.Event()

    @property
    def connected(self) -> bool:
        """Whether envelopes can be sent now."""
        return bool(self._open)

    def ticket(self) -> str:
        """The right to open one connection."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, until it ends."""
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT)
        await socket.prepare(request)
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(code=4401, message=b"invalid ticket")
            return socket
        self._tickets.remove(ticket)
        if len(self._open) >= CONNECTIONS_MAX:
            await socket.send_json(_disconnect("too_many_websockets"))
            await socket.close()
            return socket
        await socket.send_json(self._hello())
        self._add(socket)
        wire = request.transport
        if wire is not None:
            self._wires.add(wire)
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._heard(frame.data)
        finally:
            self._remove(socket)
            self._wires.discard(wire)
        return socket

    async def deliver(self, envelope: Envelope) -> Ack:
        """Send on one connection and wait for the acknowledgement, on whichever connection it comes."""
        sent = False
        try:
            async with asyncio.timeout(self._ack_timeout):
                while True:
                    socket = await self._next()
                    if socket is None:
                        return Ack(problem="dispatch_failed")
                    envelope_id = secrets.token_hex(16)
                    answer: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
                    self._waiting[envelope_id] = answer
                    try:
                        await socket.send_json(_frame(envelope_id, envelope))
                        sent = True
                        return await answer
                    except ClientConnectionResetError:
                        self._remove(socket)
                    finally:
                        del self._waiting[envelope_id]
        except TimeoutError:
            return Ack(problem="operation_timeout" if sent else "dispatch_failed")

    async def disconnect(self, reason: str) -> None:
        """Tell every connection to go: `warning`, `refresh_requested` or `link_disabled`.

        After anything but a warning a connection gets no more envelopes; its acknowledgements still count.
        """
        for socket in tuple(self._open):
            if reason != "warning":
                self._open.remove(socket)
                self._draining.append(socket)
            await socket.send_json(_disconnect(reason))
        if not self._open:
            self._arrived.clear()
            self._changed(False)

    def abort(self) -> None:
        """Break every connection without a word, as a network does."""
        for wire in tuple(self._wires):
            wire.abort()

    async def close(self) -> None:
        """Close every connection."""
        for socket in (*self._open, *self._draining):
            await socket.close(code=1001, message=b"going away")

    def _add(self, socket: web.WebSocketResponse) -> None:
        self._open.append(socket)
        self._arrived.set()
        if len(self._open) == 1:
            self._changed(True)

    def _remove(self, socket: web.WebSocketResponse) -> None:
        if socket in self._draining:
            self._draining.remove(socket)
        if socket not in self._open:
            return
        self._open.remove(socket)
        if not self._open:
            self._arrived.clear()
            self._changed(False)

    async def _next(self) -> web.WebSocketResponse | None:
        """The connection whose turn it is; None if there is none and none comes."""
        if not self._open:
            try:
                async with asyncio.timeout(RECONNECT_GRACE):
                    await self._arrived.wait()
            except TimeoutError:
                return None
        return self._open[next(self._turn) % len(self._open)] if self._open else None

    def _heard(self, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            return
        answer = self._waiting.get(frame.get("envelope_id", "")) if isinstance(frame, dict) else None
        if answer is not None and not answer.done():
            payload = frame.get("payload")
            answer.set_result(Ack(payload if isinstance(payload, dict) else None))

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self._open) + 1,
            "connection_info": {"app_id": self._app_id},
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060},
        }


def _frame(envelope_id: str, envelope: Envelope) -> dict[str, Any]:
    frame: dict[str, Any] = {
        "envelope_id": envelope_id,
        "type": envelope.type,
        "payload": envelope.payload,
        "accepts_response_payload": envelope.accepts_response,
    }
    if envelope.type == "events_api":
        frame |= {"retry_attempt": envelope.retry_attempt, "retry_reason": envelope.retry_reason}
    return frame


def _disconnect(reason: str) -> dict[str, Any]:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}
