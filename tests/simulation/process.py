"""A process that runs the bot: it is slow, it freezes, it dies, and its clock is wrong."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from tests.simulation.faults import Faults
from tests.simulation.trace import Trace

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
T = TypeVar("T")


@dataclass
class ProcessClock:
    """What a machine believes the time to be. `ahead` is how far it is before the truth."""

    truth: Callable[[], datetime]
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return self.truth() + self.ahead


@dataclass
class Process:
    """Everything that leaves or enters goes through `gate`, where the seed decides how long it takes and what goes wrong."""

    name: str
    clock: ProcessClock
    rng: Random
    faults: Faults
    trace: Trace
    died: Callable[["Process"], None]
    frozen_until: float = 0.0
    dead: bool = False
    tasks: dict[asyncio.Task[Any], None] = field(default_factory=dict)

    def world_down(self, service: str) -> bool:
        """Whether a service is down for everybody."""
        return service in self.faults.down

    def spawn(self, coroutine: Coroutine[Any, Any, T], name: str) -> "asyncio.Task[T]":
        """Run something that ends when the process does."""
        task: asyncio.Task[T] = asyncio.get_running_loop().create_task(coroutine, name=name, context=Context())
        self.tasks[task] = None
        task.add_done_callback(lambda done: self.tasks.pop(done, None))
        return task

    def crash(self) -> None:
        """Whatever it was doing: from here on it does nothing any more."""
        self.dead = True
        for task in list(self.tasks):
            task.cancel()

    async def gate(self, longest: float = 0.05) -> None:
        """A moment between two deeds: time may pass, the process may freeze or die."""
        self.stop_if_dead()
        if self.faults.strike("process: crashes"):
            self.trace(self.name, "crashes")
            self.crash()
            self.died(self)
        elif self.faults.strike("process: freezes"):
            length = self.rng.uniform(5, 110)
            self.trace(self.name, f"freezes for {length:.0f} s")
            self.frozen_until = asyncio.get_running_loop().time() + length
        self.stop_if_dead()
        if self.rng.random() < 0.5:
            await asyncio.sleep(self.rng.uniform(0, longest))
        await self.thawed()

    async def thawed(self) -> None:
        """Wait until the process is no longer frozen."""
        loop = asyncio.get_running_loop()
        while loop.time() < self.frozen_until and not self.dead:  # noqa: ASYNC110 - it may freeze again meanwhile
            await asyncio.sleep(self.frozen_until - loop.time())
        self.stop_if_dead()

    def stop_if_dead(self) -> None:
        """The dead do nothing, not even tidy up."""
        if self.dead:
            raise asyncio.CancelledError

    async def exchange(self, act: Callable[[], T], go: float, back: float) -> T:
        """Send something out: `act` happens there after `go` seconds, whatever becomes of this process; the answer takes
        `back` seconds more."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def arrived() -> None:
            result = act()
            if not answer.done():
                answer.set_result(result)

        loop.call_later(go, arrived)
        result = await answer
        await asyncio.sleep(back)
        await self.thawed()
        return result
