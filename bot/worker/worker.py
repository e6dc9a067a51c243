"""The worker: two loops that nap until something is due, or until they are woken."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.domain.errors import Unavailable
from bot.worker.deliver import Deliver
from bot.worker.schedule import nap, retry_after
from bot.worker.steps import Steps
from bot.workflow.ports import Clock
from bot.workflow.store_ports import Outbox, Requests


@dataclass(slots=True)
class Bell:
    """Wakes the loops. Ringing is only a speed-up: they also look by themselves."""

    steps: asyncio.Event = field(default_factory=asyncio.Event)
    deliver: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self) -> None:
        """There may be something to do now."""
        self.steps.set()
        self.deliver.set()


def _unheard(loop: str, seconds: float) -> None:
    del loop, seconds


@dataclass(slots=True)
class Worker:
    """Runs until `stop`; a step that has begun is finished first."""

    steps: Steps
    deliver: Deliver
    requests: Requests
    outbox: Outbox
    clock: Clock
    bell: Bell
    failed: Callable[[str, Unavailable], None]
    """Told when a loop meets a database that does not answer: for the log."""
    turned: Callable[[str, float], None] = field(default=_unheard)
    """Told after each good turn of a loop how many seconds it took: for the operator's figures."""
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Both loops, side by side. An unexpected error in one ends both, loudly."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._loop("steps", self.bell.steps, self._step), name="worker steps")
            group.create_task(self._loop("deliver", self.bell.deliver, self._speak), name="worker deliver")

    def stop(self) -> None:
        """Finish what is being done, then return from `run`."""
        self._stopping.set()
        self.bell()

    async def _step(self) -> float:
        # The bell rings at every click, and mostly there is nothing to do: one short reading tells.
        now, due = self.clock.now(), await self.requests.next_act_at()
        if due is None or due > now:
            return nap(now, due)
        await self.steps.tick()
        # What was done may owe messages.
        self.bell.deliver.set()
        return nap(self.clock.now(), await self.requests.next_act_at())

    async def _speak(self) -> float:
        if await self.deliver.tick():
            return 0.0
        return nap(self.clock.now(), await self.outbox.next_at())

    async def _loop(self, name: str, ear: asyncio.Event, turn: Callable[[], Awaitable[float]]) -> None:
        failures = 0
        while not self._stopping.is_set():
            ear.clear()
            try:
                began = asyncio.get_running_loop().time()
                seconds = await turn()
                self.turned(name, asyncio.get_running_loop().time() - began)
                failures = 0
            except Unavailable as error:
                self.failed(name, error)
                seconds = retry_after(failures).total_seconds()
                failures += 1
            if not self._stopping.is_set():
                await _nap(ear, seconds)


async def _nap(ear: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await ear.wait()
    except TimeoutError:
        return
