"""The worker: two loops that nap until something is due, or until they are woken."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bot.domain.errors import Unavailable
from bot.worker.deliver import Deliver
from bot.worker.schedule import nap, retry_after
from bot.worker.steps import Steps
from bot.workflow.ports import Clock, Outbox, Requests


@dataclass(slots=True)
class Bell:
    """Wakes the loops. Ringing is only a speed-up: they also look by themselves."""

    _ears: list[asyncio.Event] = field(default_factory=list)

    def __call__(self) -> None:
        """There may be something to do now."""
        for ear in self._ears:
            ear.set()

    def ear(self) -> asyncio.Event:
        """An event that every ringing sets; its owner clears it."""
        event = asyncio.Event()
        self._ears.append(event)
        return event


@dataclass(slots=True)
class Worker:
    """Runs until `stop`; a step that has begun is finished first."""

    steps: Steps
    deliver: Deliver
    requests: Requests
    outbox: Outbox
    clock: Clock
    bell: Bell
    failed: Callable[[str, BaseException], None]
    """Told when a loop meets a database that does not answer: for the log."""
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Both loops, side by side. An unexpected error in one ends both, loudly."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._loop("steps", self._step), name="worker steps")
            group.create_task(self._loop("deliver", self._speak), name="worker deliver")

    def stop(self) -> None:
        """Finish what is being done, then return from `run`."""
        self._stopping.set()
        self.bell()

    async def _step(self) -> float:
        await self.steps.tick()
        # What was done may owe messages, so the other loop should look.
        self.bell()
        return nap(self.clock.now(), await self.requests.next_act_at())

    async def _speak(self) -> float:
        if await self.deliver.tick():
            return 0.0
        return nap(self.clock.now(), await self.outbox.next_at())

    async def _loop(self, name: str, turn: Callable[[], Awaitable[float]]) -> None:
        ear = self.bell.ear()
        failures = 0
        while not self._stopping.is_set():
            ear.clear()
            try:
                seconds = await turn()
                failures = 0
            except Unavailable as error:
                self.failed(name, error)
                seconds = retry_after(failures).total_seconds()
                failures += 1
            await _nap(ear, seconds)


async def _nap(ear: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await ear.wait()
    except TimeoutError:
        return
