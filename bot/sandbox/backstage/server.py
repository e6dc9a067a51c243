"""Behind the scenes: what is true on the stage, and how it is changed, for the panel beside the local Slack.

GET /_control/state is everything; the WebSocket /_control/live sends the same whenever it has changed; POST
/_control/fault, /speed, /action and /tour change something and answer {"ok": true} or {"ok": false, "error": words}.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from aiohttp import ClientConnectionResetError, web

from bot.sandbox.backstage.calls import CallList
from bot.sandbox.backstage.ports import Bot, CannotDo, Requests
from bot.sandbox.backstage.story import Story
from bot.sandbox.backstage.switches import BY_ID, SWITCHES, Stage
from bot.sandbox.backstage.tour import Tour
from bot.sandbox.workspace.errors import NotThere

LOOK_EVERY = 0.25
"""Seconds between two looks at what has changed."""
SPEEDS = (6.0, 24.0, 120.0)
"""How long a restore can be made to take, in seconds."""
LONGEST = 3600.0
HEARTBEAT = 20.0

_log = logging.getLogger(__name__)

Json = dict[str, Any]
Deed = Callable[[Mapping[str, Any]], Awaitable[None]]


class Backstage:
    """Joins the two servers of the stage with the bot's process and its requests.

    `states`: state → the states that may follow it, of the bot's requests.
    """

    def __init__(self, stage: Stage, bot: Bot, requests: Requests, states: Mapping[str, Sequence[str]]) -> None:
        self.story = Story(stage.slack, stage.cloud)
        self.calls = CallList(stage.cloud.calls)
        self._stage = stage
        self._bot = bot
        self._requests = requests
        self._states = {state: list(following) for state, following in states.items()}
        self._tour = Tour(stage, self.story, bot)
        self._speeds = sorted({*SPEEDS, stage.cloud.state.job_seconds})
        self._pages: set[web.WebSocketResponse] = set()
        self._following: asyncio.Task[None] | None = None
        stage.slack.also_serve(self._routes())

    async def start(self) -> None:
        """Begin to follow what happens. The bot must have started."""
        await self.state()
        self._following = asyncio.create_task(self._follow(), name="backstage")

    async def stop(self) -> None:
        """Close every page's connection."""
        if self._following is not None:
            self._following.cancel()
            with suppress(asyncio.CancelledError):
                await self._following
        for page in tuple(self._pages):
            await page.close(code=1001, message=b"going away")

    async def state(self) -> Json:
        """Everything that the panel shows."""
        requests = await self._requests.newest()
        recoveries = self.calls.recoveries
        self._tour.look(requests, sum(call.status == 0 for call in recoveries))
        return {
            "speeds": {
                "job_seconds": _plain(self._stage.cloud.state.job_seconds),
                "choices": list(map(_plain, self._speeds)),
            },
            "faults": [
                {"id": each.id, "label": each.label, "help": each.help, "on": each.is_on(self._stage)} for each in SWITCHES
            ],
            "actions": self._actions(),
            "bot": {"running": self._bot.running, "restarts": self._bot.restarts},
            "calls": [line.as_json() for line in self.calls.lines()],
            "recovery_calls": len(recoveries),
            "requests": [
                {
                    "id": each.id,
                    "target": each.target,
                    "state": each.state,
                    "path": list(each.path),
                    "percent": each.percent,
                }
                for each in requests
            ],
            "states": self._states,
            "tour": self._tour.steps(),
        }

    def _actions(self) -> list[Json]:
        running = self._bot.running
        return [
            {
                "id": "kill_bot",
                "label": "Kill the bot",
                "help": "At once, with no chance to tidy up (SIGKILL).",
                "possible": running,
            },
            {"id": "start_bot", "label": "Start the bot", "help": "It goes on where it was.", "possible": not running},
        ]

    def _routes(self) -> list[web.AbstractRouteDef]:
        deeds: dict[str, Deed] = {
            "fault": self._turn,
            "speed": self._set_speed,
            "action": self._act,
            "tour": self._do_step,
        }
        return [
            web.get("/_control/state", self._answer_state),
            web.get("/_control/live", self._live),
            *(web.post(f"/_control/{name}", _doing(deed)) for name, deed in deeds.items()),
        ]

    async def _turn(self, body: Mapping[str, Any]) -> None:
        switch = BY_ID.get(body["id"])
        if switch is None or not isinstance(body["on"], bool):
            raise CannotDo("There is no such switch.")
        switch.turn(self._stage, body["on"])

    async def _set_speed(self, body: Mapping[str, Any]) -> None:
        seconds = body["job_seconds"]
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= LONGEST:
            raise CannotDo(f"A restore takes between 0 and {LONGEST:.0f} seconds.")
        self._stage.cloud.state.job_seconds = float(seconds)

    async def _act(self, body: Mapping[str, Any]) -> None:
        deeds = {"kill_bot": self._bot.kill, "start_bot": self._bot.start}
        if body["id"] not in deeds:
            raise CannotDo("There is no such action.")
        await deeds[body["id"]]()

    async def _do_step(self, body: Mapping[str, Any]) -> None:
        await self._tour.act(str(body["id"]))

    async def _answer_state(self, request: web.Request) -> web.Response:  # noqa: ARG002 - aiohttp's signature
        return web.json_response(await self.state())

    async def _live(self, request: web.Request) -> web.StreamResponse:
        page = web.WebSocketResponse(heartbeat=HEARTBEAT)
        await page.prepare(request)
        await page.send_json(await self.state())
        self._pages.add(page)
        try:
            async for _ in page:
                continue
        finally:
            self._pages.discard(page)
        return page

    async def _follow(self) -> None:
        shown: Json = {}
        failure = ""
        while True:
            try:
                shown = await self._update(shown)
                failure = ""
            except Exception as error:  # noqa: BLE001 - one look that fails must not be the last one
                # Said once, and not four times a second, for as long as it stays the same.
                if repr(error) != failure:
                    _log.exception("The panel beside Slack could not be brought up to date")
                failure = repr(error)
            await asyncio.sleep(LOOK_EVERY)

    async def _update(self, shown: Json) -> Json:
        """What the pages show now; `shown` is what they showed."""
        # With nobody to tell, nothing is read.
        state = await self.state() if self._pages else shown
        if state != shown:
            for page in tuple(self._pages):
                with suppress(ClientConnectionResetError):
                    await page.send_json(state)
        return state


def _doing(deed: Deed) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            # Pages of other origins cannot send this type without asking first.
            return _refused("JSON is expected.", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        try:
            body = await request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return _refused("A JSON object is expected.", HTTPStatus.BAD_REQUEST)
        try:
            await deed(body)
        except KeyError as error:
            return _refused(f"missing: {error}", HTTPStatus.BAD_REQUEST)
        except (CannotDo, NotThere, ValueError) as error:
            return _refused(str(error))
        return web.json_response({"ok": True})

    return handle


def _refused(words: str, status: HTTPStatus = HTTPStatus.OK) -> web.Response:
    return web.json_response({"ok": False, "error": words}, status=status)


def _plain(seconds: float) -> float:
    """A whole number without its point, as people and JavaScript write it."""
    return int(seconds) if math.isclose(seconds, round(seconds)) else seconds
