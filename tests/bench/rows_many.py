"""Ten thousand restores at once: memory, processor, calls, and a start in the middle of them."""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from tests.bench import program
from tests.bench.light_cloud import LightCloud
from tests.bench.light_slack import LightSlack
from tests.bench.report import Result
from tests.bench.seeded import restoring, seed

MANY, FEW = 10_000, 1_000
SETTLE = 20.0
"""Seconds after the start that do not count."""


async def followed(*, quick: bool) -> list[Result]:
    """Memory, share of a core and calls a minute, with few and with many."""
    seconds = 30.0 if quick else 120.0
    rss, core, calls = await _follow(MANY, seconds)
    _, _, fewer = await _follow(FEW, seconds)
    return [
        Result(
            f"{MANY:,} requests being followed, one process",
            f"{rss:.0f} MB, {core:.0f} % of a core, {calls:.0f} cloud calls a minute ({fewer:.0f} with {FEW:,})",
            "≤ 400 MB, ≤ 30 % of a core, calls independent of their number",
            rss <= 400 and core <= 30 and calls <= 1.25 * fewer + 5,
            {"rss_mb": rss, "core_percent": core, "calls_a_minute": calls, "calls_a_minute_few": fewer},
        )
    ]


async def _follow(number: int, seconds: float) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory(prefix="rds-restore-bench-") as name:
        folder = Path(name)
        await seed(folder, [restoring(each) for each in range(number)])
        async with (
            LightSlack() as slack,
            LightCloud(number) as cloud,
            program.running(folder, program.environment(folder, slack, cloud.url)) as bot,
        ):
            await asyncio.sleep(SETTLE)
            used, called, began = bot.cpu_seconds, len(cloud.calls), time.monotonic()
            await asyncio.sleep(seconds)
            took = time.monotonic() - began
            share = (bot.cpu_seconds - used) / took * 100
            return bot.rss_mb, share, (len(cloud.calls) - called) / took * 60


async def restart(*, quick: bool) -> list[Result]:
    """From the start of the process to its first look at the jobs; and how long it takes with an empty database."""
    times = 1 if quick else 3
    full = [await _start(MANY) for _ in range(times)]
    empty = [await _start(0) for _ in range(times)]
    working, ready = statistics.median(each[1] for each in full), statistics.median(each[0] for each in empty)
    return [
        Result(
            f"restart with {MANY:,} open requests → working",
            f"{working:.1f} s",
            "≤ 5 s",
            working <= 5,
            {"working_s": working},
        ),
        Result("serve, empty database → ready", f"{ready:.1f} s", "≤ 2 s", ready <= 2, {"ready_s": ready}),
    ]


async def _start(number: int) -> tuple[float, float]:
    """Seconds to ready, and to the first call of the cloud (the same where there is nothing to follow)."""
    with tempfile.TemporaryDirectory(prefix="rds-restore-bench-") as name:
        folder = Path(name)
        await seed(folder, [restoring(each) for each in range(number)])
        async with LightSlack() as slack, LightCloud(number) as cloud:
            began = time.monotonic()
            async with program.running(folder, program.environment(folder, slack, cloud.url)) as bot:
                if number:
                    await asyncio.wait_for(cloud.called.wait(), program.READY_WITHIN)
                return bot.ready_after, (cloud.calls[0] - began) if number else bot.ready_after
