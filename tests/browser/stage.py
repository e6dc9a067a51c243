"""The local Slack with controls that a test holds in its hand: the page's side of the contract, without a bot or a cloud."""

import asyncio
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from aiohttp import web

from bot.domain.states import TRANSITIONS
from bot.sandbox import scenario
from bot.sandbox.workspace.server import AppConfig, WorkspaceServer

ROAD = ["pending", "approved", "submitting", "restoring"]
PATH = f"/v3/{scenario.PROJECT_ID}"


def call(number: int, method: str, path: str, operation: str, status: int | None, **more: Any) -> dict[str, Any]:
    at = f"2026-11-23T12:00:{number:02}Z"
    shape = {"id": number, "at": at, "method": method, "path": PATH + path, "operation": operation, "status": status}
    return {**shape, "changes": False, "count": 1, **more}


def request(name: str, target: str, *path: str, percent: int | None = None) -> dict[str, Any]:
    return {"id": name, "target": target, "state": path[-1], "path": list(path), "percent": percent}


def step(name: str, title: str, text: str, look: str, *, done: bool = False, act: bool = True) -> dict[str, Any]:
    return {
        "id": name,
        "title": title,
        "text": text,
        "done": done,
        "act": {"label": "Do it for me"} if act else None,
        "look": look,
    }


def fault(name: str, label: str, text: str) -> dict[str, Any]:
    return {"id": name, "label": label, "help": text, "on": False}


STATE: dict[str, Any] = {
    "speeds": {"job_seconds": 20, "choices": [3, 20, 120]},
    "faults": [
        fault("lose_recovery_answer", "The cloud forgets to answer the recovery call", "The bot must not send it again."),
        fault("cloud_down", "The cloud is down", "Every call to it ends with 503."),
    ],
    "actions": [
        {"id": "kill_bot", "label": "Kill the bot", "help": "No chance to tidy up.", "possible": True},
        {"id": "start_bot", "label": "Start the bot", "help": "It goes on where it was.", "possible": True},
    ],
    "bot": {"running": True, "restarts": 0},
    "calls": [],
    "recovery_calls": 0,
    "requests": [],
    "states": {str(state): sorted(map(str, following)) for state, following in TRANSITIONS.items()},
    "tour": [
        step("ask", "Alice asks", "She types /rds-restore in the channel of the incident.", "composer"),
        step("fill", "The form", "It offers only what can be restored.", "modal"),
        step("become", "Become Bob", "Somebody else must approve.", "people", act=False),
    ],
}


class Stage(WorkspaceServer):
    """The server, with controls that only remember what was asked of them."""

    def __init__(self) -> None:
        super().__init__(scenario.demo_workspace(), app=AppConfig())
        self.state = deepcopy(STATE)
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.refuses = ""
        self._pages_open: set[web.WebSocketResponse] = set()

    async def show(self, **changes: Any) -> None:
        """Change the state, and tell the pages."""
        self.state |= changes
        for page in tuple(self._pages_open):
            await page.send_json(self.state)

    async def stop(self) -> None:
        for page in tuple(self._pages_open):
            await page.close()
        await super().stop()

    def _application(self) -> web.Application:
        application = super()._application()
        application.router.add_get("/_control/state", self._state)
        application.router.add_get("/_control/live", self._live)
        application.router.add_post("/_control/{what:fault|speed|action|tour}", self._asked)
        return application

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(self.state)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        page = web.WebSocketResponse()
        await page.prepare(request)
        self._pages_open.add(page)
        try:
            async for _ in page:
                await asyncio.sleep(0)
        finally:
            self._pages_open.discard(page)
        return page

    async def _asked(self, request: web.Request) -> web.Response:
        if self.refuses:
            return web.json_response({"ok": False, "error": self.refuses})
        self.asked.append((request.match_info["what"], await request.json()))
        return web.json_response({"ok": True})
