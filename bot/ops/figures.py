"""Brings the figures that must be asked for up to date before a scrape, without ever waiting long for them."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.domain.errors import BotError
from bot.ops.metrics import Metrics
from bot.workflow.observing import Figures

PATIENCE = 1.0
"""Seconds. A scrape that takes longer shows the figures of the last one."""

log = structlog.get_logger(__name__)


class Refresh:
    """Asks the database. One question at a time: while one is not answered, scrapes wait for that one and ask no other, so
    a database that hangs has one connection of ours hanging on it, however often Prometheus comes."""

    def __init__(
        self, metrics: Metrics, read: Callable[[], Awaitable[Figures]], nearby: Callable[[], Awaitable[None]]
    ) -> None:
        """`nearby` sets the figures that this process knows by itself."""
        self._metrics = metrics
        self._read = read
        self._nearby = nearby
        self._asking: asyncio.Task[bool] | None = None

    async def __call__(self, patience: float = PATIENCE) -> None:
        """Returns after `patience` seconds at most. Does not raise."""
        await self._nearby()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(), name="figures")
        done, _ = await asyncio.wait({self._asking}, timeout=patience)
        if not done or not self._asking.result():
            self._metrics.figures_failed.inc()

    async def close(self) -> None:
        """Wait for nothing any more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait({self._asking}, timeout=PATIENCE)

    async def _ask(self) -> bool:
        try:
            self._metrics.show(await self._read())
        except BotError as error:
            log.warning("The database gave no figures", action="figures_failed", code=error.code)
            return False
        except Exception:
            # The other figures are needed most when something is broken.
            log.exception("The figures could not be read", action="figures_broke")
            return False
        return True
