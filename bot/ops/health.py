"""Health for probes: alive, and ready."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from bot.ops.metrics import Metrics

PATIENCE = 3.0
"""Seconds that a check of readiness may take."""

Check = Callable[[], Awaitable[str | None]]
"""None if all is well, else what is wrong."""


@dataclass(frozen=True, slots=True)
class Health:
    """`/healthz`, `/readyz` and `/metrics`."""

    checks: Mapping[str, Check]
    metrics: Metrics
    refresh: Callable[[], Awaitable[None]]
    """Brings the figures up to date, in bounded time."""

    def routes(self) -> list[web.RouteDef]:
        """For the program's one port."""
        return [
            web.get("/healthz", self.alive),
            web.get("/readyz", self.ready),
            web.get("/metrics", self.figures),
        ]

    async def alive(self, request: web.Request) -> web.Response:
        """The process answers."""
        del request
        return web.json_response({"status": "ok"})

    async def ready(self, request: web.Request) -> web.Response:
        """200 if every part works, else 503; names each part."""
        del request
        found = await asyncio.gather(*(_asked(check) for check in self.checks.values()))
        parts = {name: trouble or "ok" for name, trouble in zip(self.checks, found, strict=True)}
        for name, trouble in zip(self.checks, found, strict=True):
            self.metrics.asked(name, ready=trouble is None)
        return web.json_response(parts, status=503 if any(found) else 200)

    async def figures(self, request: web.Request) -> web.Response:
        """Prometheus' text format."""
        del request
        await self.refresh()
        return web.Response(body=self.metrics.text(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})


async def _asked(check: Check) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check()
    except TimeoutError:
        return "does not answer in time"
