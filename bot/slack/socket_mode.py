"""Socket Mode: a line to Slack that is always one connection, and says truthfully whether it is up.

slack_sdk's client speaks the protocol of one connection. When to connect again is decided here, because the client by itself
tries a dead address for ever, goes on asking with a token that Slack has refused, and closes an old connection while
envelopes may still come on it.
"""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import structlog
from aiohttp import WSMessage, WSMsgType
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.domain.errors import Misconfigured, Unavailable
from bot.slack.faults import NO_ANSWER, refusal

PING_EVERY = 5.0
"""Seconds between pings. A connection without a pong for four times as long counts as dead."""
LOOK_EVERY = 1.0
"""Seconds between looks at whether the connection is alive."""
CONNECT_WITHIN = 10.0
"""Seconds from asking for an address to Slack's hello."""
OVERLAP = 10.0
"""Seconds that an old connection goes on listening after the new one is up: Slack may have sent something on it."""
STEADY_AFTER = 30.0
"""Seconds after which a connection counts as good, so that the next one is made without waiting."""
LONGEST_WAIT = 30.0
FIRST_TRY = 10.0
"""Seconds that the start waits for Slack, the line included; then both are tried behind a bot that works already."""

log = structlog.get_logger(__name__)


def back_off(failures: int, share: float) -> float:
    """Seconds to wait after so many failures in a row: none after the first, then doubled up to `LONGEST_WAIT`.

    `share` (0 to 1) takes off up to half, so that replicas do not come all at once.
    """
    if failures < 2:
        return 0.0
    return min(LONGEST_WAIT, 2.0 ** min(failures - 2, 10)) * (1 - share / 2)


class Connection(SocketModeClient):
    """One connection. It ends, and then it is not used again."""

    def __init__(self, app: AsyncApp, app_token: str) -> None:
        super().__init__(
            app_token=app_token,
            logger=app.logger,
            web_client=app.client,
            auto_reconnect_enabled=False,
            ping_interval=PING_EVERY,
            on_message_listeners=[self._heard],
        )
        self.greeted = asyncio.Event()
        self.dismissed = asyncio.Event()
        self.reason = ""
        """Why Slack sent us away."""

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """Called by slack_sdk when this connection is over. The next one is another object."""
        del force
        self.dismissed.set()

    async def connect(self) -> None:
        """Connect to `wss_uri`; tries until it is cancelled."""
        await super().connect()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Hang up, and end the tasks behind it."""
        await super().close()  # type: ignore[no-untyped-call]

    async def ended(self) -> None:
        """Return when Slack has sent us away, or when the connection is dead."""
        while not self.dismissed.is_set() and await self.is_connected():
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self.dismissed.wait()
            except TimeoutError:
                continue

    async def _heard(self, message: WSMessage) -> None:
        if message.type is not WSMsgType.TEXT:
            return
        frame = json.loads(message.data)
        if frame.get("type") == "hello":
            self.greeted.set()
        elif frame.get("type") == "disconnect":
            self.reason = str(frame.get("reason") or "")
            self.dismissed.set()


class SocketMode:
    """The line. Connections come and go behind it."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        *,
        known: Callable[[], Awaitable[object]] | None = None,
        overlap: float = OVERLAP,
        wait: Callable[[int], float] | None = None,
    ) -> None:
        """`known` returns when Slack knows the bot: before that nothing that comes on the line could be answered. `wait`
        gives the seconds before the next try after so many failures in a row."""
        self._app = app
        self._app_token = app_token
        self._known = known
        self._overlap = overlap
        self._wait = wait or (lambda failures: back_off(failures, random.random()))  # noqa: S311 - no secret
        self._current: Connection | None = None
        self._old: dict[Connection, asyncio.Task[None]] = {}
        self._keeping: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._why = "no connection was made yet"

    async def connect(self, patience: float = FIRST_TRY) -> None:
        """Open the line, and keep it open from now on. Waits for the first try, at most so many seconds; others follow
        until Slack answers.

        Raises Misconfigured if Slack refuses the app token; where that is found out later, `fallen` raises it.
        """
        self._keeping = asyncio.create_task(self._keep(), name="socket mode")
        trying = asyncio.create_task(self._tried.wait())
        await asyncio.wait({self._keeping, trying}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        trying.cancel()
        if self._keeping.done():
            self._keeping.result()

    async def fallen(self) -> None:
        """Wait until the line cannot be kept open any more. Then raises Misconfigured."""
        if self._keeping is not None:
            await asyncio.shield(self._keeping)

    async def connected(self) -> bool:
        """Whether a connection is open now and Slack has answered a ping lately."""
        current = self._current
        return current is not None and not current.dismissed.is_set() and await current.is_connected()

    async def trouble(self) -> str | None:
        """Why there is no connection, in words; None if there is one."""
        return None if await self.connected() else f"the socket is not connected: {self._why}"

    async def close(self) -> None:
        """Hang up. Closes the old connections too."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        connections = [self._current, *self._old]
        for task in self._old.values():
            task.cancel()
        for connection in connections:
            if connection is not None:
                await connection.close()
        self._current = None

    async def _keep(self) -> None:
        """One connection after the other. Raises Misconfigured when trying again cannot help."""
        if self._known is not None:
            await self._known()
        connection, failures = await self._reconnect(0)
        self._current = connection
        self._tried.set()
        while True:
            began = time.monotonic()
            await connection.ended()
            if connection.reason == "link_disabled":
                raise Misconfigured("slack.socket_mode", "SLACK_APP_TOKEN: Socket Mode was switched off for this app.")
            self._why = connection.reason or "the connection broke"
            log.info("The connection to Slack ends", action="socket_ended", why=self._why)
            # One that ends at once is a failure, though it was opened.
            failures = 0 if time.monotonic() - began > STEADY_AFTER else failures + 1
            following, failures = await self._reconnect(failures)
            self._retire(connection)
            connection = self._current = following

    async def _reconnect(self, failures: int) -> tuple[Connection, int]:
        asked_to_wait = 0.0
        while True:
            await asyncio.sleep(max(self._wait(failures), asked_to_wait))
            try:
                connection = await self._open()
            except Unavailable as error:
                failures += 1
                self._why, asked_to_wait = error.message, error.retry_after
                log.warning("No connection to Slack", action="socket_failed", why=error.message, failures=failures)
                self._tried.set()
            else:
                log.info("Connected to Slack", action="socket_opened", failures=failures)
                return connection, failures

    async def _open(self) -> Connection:
        try:
            answer = await self._app.client.apps_connections_open(app_token=self._app_token)
        except SlackApiError as error:
            raise refusal("SLACK_APP_TOKEN", error) from error
        except NO_ANSWER as error:
            raise Unavailable("slack.down", "Slack does not answer (apps.connections.open).") from error
        connection = Connection(self._app, self._app_token)
        connection.wss_uri = str(answer["url"])
        connection.socket_mode_request_listeners.append(self._handle)  # type: ignore[arg-type]
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await connection.connect()
                await _greeting(connection)
        except TimeoutError as error:
            await connection.close()
            raise Unavailable("slack.down", "Slack does not open the socket.") from error
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _handle(self, connection: Connection, request: SocketModeRequest) -> None:
        began = time.time()
        try:
            with structlog.contextvars.bound_contextvars(envelope=str(request.envelope_id)):
                answer = await run_async_bolt_app(self._app, request)
        except Exception as error:  # noqa: BLE001 - Bolt stumbles in many ways over what it cannot read
            log.warning("An envelope could not be read", action="socket_unreadable", why=type(error).__name__)
            return
        try:
            await send_async_response(connection, request, answer, began)
        except (ConnectionError, aiohttp.ClientError):
            # The connection ended while the listener was at work. Slack takes the answer on any.
            current = self._current
            if current is not None and current is not connection:
                await send_async_response(current, request, answer, began)

    def _retire(self, connection: Connection) -> None:
        async def later() -> None:
            await asyncio.sleep(self._overlap)
            await connection.close()

        task = self._old[connection] = asyncio.create_task(later(), name="old socket")
        task.add_done_callback(lambda _: self._old.pop(connection, None))


async def _greeting(connection: Connection) -> None:
    """Wait for Slack's hello. Raises Unavailable if it sends us away instead."""
    waiting: list[asyncio.Task[Any]] = [
        asyncio.create_task(connection.greeted.wait()),
        asyncio.create_task(connection.ended()),
    ]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    if not connection.greeted.is_set():
        raise Unavailable("slack.socket", f"Slack closed the socket ({connection.reason or 'no reason given'}).")
