"""Health for probes: alive, and ready."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from bot.ops.metrics import Metrics

log = structlog.get_logger(__name__)

PATIENCE = 3.0
"""Seconds that a check of readiness may take."""
LOOK_EVERY = 15.0
"""Seconds between the looks that keep the figures up to date."""

Check = Callable[[], Awaitable[str | None]]
"""None if all is well, else what is wrong."""


@dataclass(frozen=True, slots=True)
class Health:
    """`/healthz`, `/readyz` and `/metrics`."""

    checks: Mapping[str, Check]
    metrics: Metrics
    refresh: Callable[[], Awaitable[None]]
    """Brings the figures up to date, in bounded time."""
    been_well: set[str] = field(default_factory=set)
    """The parts that were well at least once."""

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
        """200 if every part works, else 503; names each part.

        With `?once=slack,cloud` it is 200 too while only parts named there do not work that have worked before.
        """
        once = {name for name in request.query.get("once", "").split(",") if name}
        unknown = sorted(once - set(self.checks))
        if unknown:
            why = f"once: there is no part {', '.join(unknown)}; there are {', '.join(self.checks)}."
            return web.json_response({"error": why}, status=400)
        found = await self._look()
        for name, trouble in found.items():
            self.metrics.asked(name, ready=trouble is None)
        down = {name for name, trouble in found.items() if trouble is not None}
        parts = {name: trouble or "ok" for name, trouble in found.items()}
        return web.json_response(parts, status=503 if down - (once & self.been_well) else 200)

    async def keep(self, every: float = LOOK_EVERY) -> None:
        """Keep `rds_restore_ready` up to date where nobody asks `/readyz`, until cancelled. `every` is in seconds."""
        while True:
            for name, trouble in (await self._look()).items():
                self.metrics.found(name, ready=trouble is None)
            await asyncio.sleep(every)

    async def _look(self) -> dict[str, str | None]:
        found = await asyncio.gather(*(_asked(check) for check in self.checks.values()))
        parts = dict(zip(self.checks, found, strict=True))
        self.been_well.update(name for name, trouble in parts.items() if trouble is None)
        return parts

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
    except Exception:
        # A probe is answered whatever goes wrong, and the next look is made.
        log.exception("A check of readiness failed in a way that nobody foresaw", action="check_broke")
        return "could not be looked at; see the log"
