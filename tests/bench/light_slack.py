"""A Slack that only answers: as little work as possible, so that what is measured is the bot.

The sandbox's Slack checks every payload, which costs more than the bot itself.
"""

import asyncio
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import WSMsgType, web

from bot.sandbox.workspace.signed_http import signature

TEAM, CHANNEL, SECRET = "T0BENCH", "C0BENCH", "bench-signing-secret"
APPROVERS = ("U0BOB", "U0DANA")
WITHIN = 30.0
"""Seconds until an answer counts as lost, which ends the run."""


@dataclass
class LightSlack:
    """Web API, Socket Mode and signed HTTP for one app."""

    url: str = ""
    request_url: str | None = None
    """Where the app listens in HTTP mode; Socket Mode where it is None."""
    counts: dict[str, int] = field(default_factory=dict)
    """Calls by method."""
    refused: list[str] = field(default_factory=list)
    """Acknowledgements that said that something is wrong."""
    _opened: dict[str, asyncio.Future[float]] = field(default_factory=dict)
    _acked: dict[str, asyncio.Future[float]] = field(default_factory=dict)
    _socket: web.WebSocketResponse | None = None
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _runner: web.AppRunner | None = None
    _session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "LightSlack":
        application = web.Application(client_max_size=4 * 1024 * 1024)
        application.add_routes([web.route("*", "/api/{method}", self._api), web.get("/link", self._link)])
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._session is not None
        assert self._runner is not None
        await self._session.close()
        await self._runner.cleanup()

    async def command(self, text: str = "") -> float:
        """Type the slash command; seconds until it is acknowledged and a modal was opened for it."""
        trigger = f"trigger-{next(self._numbers)}"
        opened = self._opened[trigger] = asyncio.get_running_loop().create_future()
        payload = {
            "command": "/rds-restore",
            "text": text,
            "team_id": TEAM,
            "channel_id": CHANNEL,
            "user_id": "U0ALICE",
            "user_name": "alice",
            "api_app_id": "A0BENCH",
            "is_enterprise_install": "false",
            "response_url": f"{self.url}/api/response",
            "trigger_id": trigger,
        }
        began = time.perf_counter()
        acked = await self.deliver("slash_commands", payload)
        async with asyncio.timeout(WITHIN):
            shown: float = await opened
            return max(acked, shown) - began

    async def submit_approval(self, request_id: str, saw: dict[str, str], user: str = "U0BOB") -> float:
        """Send the approval form; the moment of the acknowledgement."""
        view = {
            "id": f"V{next(self._numbers)}",
            "type": "modal",
            "callback_id": "approve_form",
            "team_id": TEAM,
            "private_metadata": json.dumps({"request_id": request_id, "saw": saw}),
            "state": {"values": {}},
            "blocks": [],
        }
        payload = {
            "type": "view_submission",
            "team": {"id": TEAM, "domain": "bench"},
            "user": {"id": user, "team_id": TEAM},
            "api_app_id": "A0BENCH",
            "trigger_id": f"trigger-{next(self._numbers)}",
            "view": view,
        }
        return await self.deliver("interactive", payload)

    async def deliver(self, kind: str, payload: dict[str, Any]) -> float:
        """Send to the app; the moment of its acknowledgement."""
        if self.request_url is not None:
            return await self._post(kind, payload)
        assert self._socket is not None, "the app is not connected"
        envelope = f"envelope-{next(self._numbers)}"
        acked = self._acked[envelope] = asyncio.get_running_loop().create_future()
        frame = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": True}
        await self._socket.send_str(json.dumps(frame))
        async with asyncio.timeout(WITHIN):
            moment: float = await acked
            return moment

    async def _post(self, kind: str, payload: dict[str, Any]) -> float:
        assert self._session is not None
        assert self.request_url is not None
        form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
        body, stamp = urlencode(form).encode(), str(int(time.time()))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature(SECRET, stamp, body),
        }
        async with asyncio.timeout(WITHIN), self._session.post(self.request_url, data=body, headers=headers) as answer:
            said = await answer.text()
            assert answer.status == 200, answer.status
            if said.strip():
                self.refused.append(said)
            return time.perf_counter()

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.counts[method] = self.counts.get(method, 0) + 1
        sent: Any = await request.json() if request.content_type == "application/json" else await request.post()
        asked = {**request.query, **sent}
        if method == "views.open":
            waiting = self._opened.pop(str(asked["trigger_id"]), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(time.perf_counter())
        return web.json_response({"ok": True, **self._answer(method, asked)})

    def _answer(self, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        who = str(asked.get("user", ""))
        profile = {"id": who, "team_id": TEAM, "name": who, "real_name": who, "tz": "UTC", "deleted": False}
        number = next(self._numbers)
        answers: dict[str, dict[str, Any]] = {
            "auth.test": {
                "url": self.url,
                "team": "Bench",
                "user": "bot",
                "team_id": TEAM,
                "user_id": "U0BOT",
                "bot_id": "B1",
            },
            "apps.connections.open": {"url": f"{self.url.replace('http', 'ws', 1)}/link"},
            "views.open": {"view": {"id": f"V{number}", "hash": f"h{number}"}},
            "views.update": {"view": {"id": f"V{number}", "hash": f"h{number}"}},
            "conversations.info": {"channel": {"id": CHANNEL, "is_member": True}},
            "conversations.open": {"channel": {"id": f"D{who}"}},
            "users.info": {"user": profile},
            "usergroups.users.list": {"users": list(APPROVERS)},
            "chat.postMessage": {"channel": asked.get("channel", CHANNEL), "ts": f"{number}.000000"},
            "chat.update": {"channel": asked.get("channel", CHANNEL), "ts": asked.get("ts", f"{number}.000000")},
        }
        return answers.get(method, {})

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        hello = {"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0BENCH"}, "debug_info": {}}
        await socket.send_json(hello)
        self._socket = socket
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            said = json.loads(frame.data)
            waiting = self._acked.pop(str(said.get("envelope_id")), None)
            if waiting is not None and not waiting.done():
                if said.get("payload"):
                    self.refused.append(str(said["payload"]))
                waiting.set_result(time.perf_counter())
        return socket
