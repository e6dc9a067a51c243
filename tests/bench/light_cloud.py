"""A cloud with any number of running jobs: it only counts calls and writes pages of the task list."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

PERCENT = 40
PERCENT_EVERY = 60.0
"""Seconds in which each job moves on by one per cent, each at a moment of its own."""


@dataclass
class LightCloud:
    """Answers whatever it is asked as to the jobs `job-0` to `job-{jobs - 1}`, all of them running."""

    jobs: int
    url: str = ""
    calls: list[float] = field(default_factory=list)
    """When each call came, by the monotonic clock."""
    called: asyncio.Event = field(default_factory=asyncio.Event)
    """Set at the first call."""
    began: float = field(default_factory=time.monotonic)
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> "LightCloud":
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        self.calls.append(time.monotonic())
        self.called.set()
        if request.path.endswith("/tasklist"):
            offset, limit = int(request.query.get("offset", 0)), int(request.query.get("limit", 10))
            page = [self._task(number) for number in range(offset, min(offset + limit, self.jobs))]
            return web.json_response({"tasks": page, "actions": [], "total_count": self.jobs})
        if request.path.endswith("/jobs"):
            number = int(request.query["id"].removeprefix("job-"))
            return web.json_response({"job": self._task(number)})
        return web.json_response({"instances": [], "total_count": 0})

    def _task(self, number: int) -> dict[str, object]:
        moved = int((time.monotonic() - self.began + number % PERCENT_EVERY) / PERCENT_EVERY)
        return {
            "id": f"job-{number}",
            "name": "RestoreToExistingInstance",
            "instance_id": f"target-{number}",
            "status": "Running",
            "process": f"{min(99, PERCENT + moved)}%",
            "create_time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S+0000}",
        }
