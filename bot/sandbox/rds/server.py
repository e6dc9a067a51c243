"""The sandbox cloud as an HTTP server: RDS and identity service on one port, like the gateway of a region."""

import asyncio
import socket
import struct
import time
from collections.abc import Callable, Mapping
from email.utils import formatdate
from pathlib import Path

from aiohttp import web

from bot.sandbox.rds.api import Api, Call
from bot.sandbox.rds.control import PREFIX, Control
from bot.sandbox.rds.exchange import Answer, ApiRequest, NoAnswer
from bot.sandbox.rds.faults import Faults
from bot.sandbox.rds.persistence import load, save
from bot.sandbox.rds.state import CloudState

LARGEST_BODY = 12 * 1024 * 1024
"""Bytes; source: API gateway, limits of the signature."""
RESET_AT_ONCE = struct.pack("ii", 1, 0)
"""Socket option: closing sends a reset instead of an orderly end."""
STOP_WITHIN = 0.2
"""Seconds that calls under way have when the server stops."""


class RdsServer:
    """Serves a `CloudState`.

    `access_keys`: secret keys by access key; None lets everybody in, without credentials. `now` is the clock, in seconds
    since 1970. `rate_per_minute`: calls that each caller may make in a minute, 0 for no limit. `state_file`: where
    instances, backups and jobs are kept; what it holds replaces those of `state` at construction (raises ValueError,
    KeyError or TypeError if it is not such a file).
    """

    def __init__(
        self,
        state: CloudState,
        *,
        access_keys: Mapping[str, str] | None = None,
        now: Callable[[], float] = time.time,
        rate_per_minute: int = 0,
        state_file: Path | None = None,
    ) -> None:
        self.state = state
        self.url = ""
        """Address of RDS and identity service while the server runs."""
        self._now = now
        self._state_file = state_file
        if state_file is not None:
            load(state, state_file)
        self._api = Api(state, access_keys, rate_per_minute)
        self._control = Control(self._api)
        self._runner: web.AppRunner | None = None

    @property
    def calls(self) -> list[Call]:
        """Every call of the API received, in order."""
        return self._api.calls

    @property
    def faults(self) -> Faults:
        """What is switched on to go wrong."""
        return self._api.faults

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one. A server that was stopped may be started again. Raises OSError."""
        application = web.Application(client_max_size=LARGEST_BODY)
        application.router.add_route("*", "/{path:.*}", self._serve)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=STOP_WITHIN)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self.url = f"http://{host}:{runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close all connections and keep the state, if there is a file for it."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()
        self._keep()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        asked = self._asked(request, await request.read())
        if asked.path.startswith(PREFIX):
            return _response(self._control.answer(asked), self._now())
        delay = self._api.delay(asked)
        if delay:
            await asyncio.sleep(delay)
            asked = self._asked(request, asked.content)
        answer = self._api.answer(asked)
        if asked.method != "GET":
            self._keep()
        if isinstance(answer, NoAnswer):
            return _disconnected(request, answer)
        return _response(answer, self._now())

    def _asked(self, request: web.Request, content: bytes) -> ApiRequest:
        path, _, query = request.raw_path.partition("?")
        headers = {name.lower(): value for name, value in reversed(list(request.headers.items()))}
        return ApiRequest(request.method, path, query, headers, content, self._now())

    def _keep(self) -> None:
        if self._state_file is not None:
            save(self.state, self._state_file)


def _response(answer: Answer, now: float) -> web.Response:
    headers = {**answer.headers, "Date": formatdate(now, usegmt=True)}
    return web.Response(status=answer.status, body=answer.content, headers=headers, content_type=answer.content_type)


def _disconnected(request: web.Request, ending: NoAnswer) -> web.Response:
    """End the connection; the response returned here finds nobody."""
    transport = request.transport
    if transport is not None:
        if ending.abort:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_ONCE)
        transport.abort()
    return web.Response()
