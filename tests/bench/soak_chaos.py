"""What goes wrong during the soak, one thing at a time; and the memory of the bot meanwhile."""

import asyncio
import signal
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.bench.program import rss_mb
from tests.bench.soak_world import Soak

PAUSE = (4.0, 12.0)
"""Seconds between two faults."""
LASTS = (2.0, 7.0)
"""Seconds that an outage lasts."""
SAMPLE_EVERY = 5.0
WARM_AFTER = 45.0
"""Seconds after a start in which memory still grows to its working size."""
STARTS = 3
"""How often a start is tried."""


@dataclass
class Chaos:
    """Faults, drawn by the seed."""

    soak: Soak
    kills: int
    """How often the bot is killed, at most."""
    minutes: float
    counts: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        """Until it is cancelled. Ends with everything mended and the bot running."""
        random, world = self.soak.random, self.soak.world
        ends = self.soak.began + self.minutes * 60
        kill_at = sorted(self.soak.began + random.uniform(0.1, 0.95) * self.minutes * 60 for _ in range(self.kills))
        try:
            while time.monotonic() < ends:
                await asyncio.sleep(random.uniform(*PAUSE))
                if kill_at and time.monotonic() >= kill_at[0]:
                    kill_at.pop(0)
                    await self._kill()
                    continue
                name, befall = random.choice(list(self._faults().items()))
                self.counts[name] += 1
                befall()
                await asyncio.sleep(random.uniform(*LASTS))
                self._mend()
        finally:
            self._mend()
            world.cloud.faults.clear()

    def _faults(self) -> dict[str, Callable[[], object]]:
        cloud, slack = self.soak.world.cloud.faults, self.soak.world.slack
        return {
            "recovery answer lost": lambda: cloud.change({"drop_answer_after_acting": 1}),
            "recovery connection reset": lambda: cloud.change({"reset_before_acting": 1}),
            "recovery timed out in the cloud": lambda: cloud.change({"error_111205": 1}),
            "cloud says 429": lambda: cloud.change({"status_429": 4}),
            "cloud gateway broken": lambda: cloud.change({"bad_gateway_html": 3}),
            "cloud down": lambda: cloud.change({"unavailable": True}),
            "job fails": lambda: cloud.change({"job_fails_with": "The disk is full."}),
            "Slack says 429": lambda: slack.faults.change({"rate_limit_next": 4}),
            "Slack answers lost": lambda: slack.faults.change({"drop_next": 2}),
            "Slack down": lambda: slack.faults.change({"down": True}),
            "Slack slow": lambda: slack.faults.change({"delay": 0.7}),
            "socket broken": slack.break_sockets,
        }

    def _mend(self) -> None:
        """What lasts ends; what counts down stays until it has befallen somebody."""
        self.soak.world.cloud.faults.change({"unavailable": False})
        self.soak.world.slack.faults.clear()

    async def _kill(self) -> None:
        self.counts["bot killed"] += 1
        bot = self.soak.bot
        assert bot is not None
        bot.send_signal(signal.SIGKILL)
        await bot.wait()
        await asyncio.sleep(self.soak.random.uniform(0.0, 5.0))
        await start(self.soak)


async def start(soak: Soak) -> None:
    """Start the bot; a start that meets an outage is tried again, as a supervisor does."""
    for attempt in range(STARTS):
        try:
            soak.bot = await soak.world.start_bot()
        except AssertionError:
            if attempt == STARTS - 1:
                raise
            await asyncio.sleep(1.0)
        else:
            return


@dataclass
class Memory:
    """Resident memory in megabytes, by process."""

    soak: Soak
    samples: list[tuple[int, float, float]] = field(default_factory=list)
    """Process, seconds since the soak began, megabytes."""

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(SAMPLE_EVERY)
            bot = self.soak.bot
            if not isinstance(bot, asyncio.subprocess.Process):
                continue
            size = rss_mb(bot.pid)
            if size is not None:
                self.samples.append((bot.pid, time.monotonic() - self.soak.began, size))

    def thirds(self) -> tuple[float, float]:
        """The medians of the first and the last third of all samples of warm processes; of all where none is warm."""
        born: dict[int, float] = {}
        for pid, at, _ in self.samples:
            born.setdefault(pid, at)
        warm = [size for pid, at, size in self.samples if at - born[pid] >= WARM_AFTER]
        sizes = warm if len(warm) >= 6 else [size for _, _, size in self.samples]
        third = max(1, len(sizes) // 3)
        return statistics.median(sizes[:third]), statistics.median(sizes[-third:])

    def by_minute(self) -> dict[int, float]:
        """The median of each minute."""
        minutes: dict[int, list[float]] = {}
        for _, at, size in self.samples:
            minutes.setdefault(int(at // 60), []).append(size)
        return {minute: round(statistics.median(sizes), 1) for minute, sizes in minutes.items()}
