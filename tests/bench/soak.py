"""`python -m tests.bench.soak`: restores by several people, while everything around them fails now and then."""

import argparse
import asyncio
import json
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from random import Random

from rich.console import Console

from bot.store.database import Database
from tests.acceptance.world import World
from tests.bench.report import Result, machine, show
from tests.bench.soak_chaos import Chaos, Memory, start
from tests.bench.soak_checks import results
from tests.bench.soak_people import restore
from tests.bench.soak_world import POLICY, Soak

JOB_SECONDS = 8.0
QUIET_WITHIN = 180.0
"""Seconds at the end until nobody is owed a message any more."""
ASKED_WITHIN = 0.85
"""The share of the time in which restores are asked for; the rest is for their ends."""


async def soak(minutes: float, restores: int, seed: int, database_url: str | None) -> tuple[list[Result], dict[str, object]]:
    """Run, then check. The figures beside the results: faults, states, memory by the minute."""
    random = Random(seed)
    with tempfile.TemporaryDirectory(prefix="rds-restore-soak-") as name:
        world = World(Path(name), policies=POLICY, job_seconds=JOB_SECONDS, database_url=database_url)
        async with world:
            url = world.environment["DATABASE_URL"]
            shared = Soak(world, Database(url, read_only=True), random)
            try:
                return await _run(shared, minutes, restores)
            finally:
                await shared.database.close()


async def _run(shared: Soak, minutes: float, restores: int) -> tuple[list[Result], dict[str, object]]:
    shared.add_targets()
    await start(shared)
    chaos = Chaos(shared, kills=max(1, round(minutes / 4)), minutes=minutes)
    memory = Memory(shared)
    work = minutes * 60 * ASKED_WITHIN
    watching = asyncio.create_task(memory.run())
    failing = asyncio.create_task(chaos.run())
    try:
        await asyncio.gather(*(restore(shared, shared.random.uniform(0, work)) for _ in range(restores)))
    finally:
        failing.cancel()
        with suppress(asyncio.CancelledError):
            await failing
        if shared.bot is None or shared.bot.returncode is not None:
            await start(shared)
    await _quiet(shared)
    watching.cancel()
    checked = await results(shared, memory, restores)
    states: dict[str, int] = {}
    for request in await shared.all():
        states[request.state.value] = states.get(request.state.value, 0) + 1
    return checked, {"faults": dict(chaos.counts), "states": states, "rss_mb_by_minute": memory.by_minute()}


async def _quiet(shared: Soak) -> None:
    """Wait until nobody is owed a message any more; the checks say so where that does not come."""
    with suppress(TimeoutError):
        async with asyncio.timeout(QUIET_WITHIN):
            while await shared.database.outbox.next_at() is not None:  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(1.0)


def main() -> int:
    """Exit code 1 where something does not hold."""
    parser = argparse.ArgumentParser(prog="make soak SOAK=…", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--restores", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database-url", help="an empty PostgreSQL database; an SQLite file by default")
    parser.add_argument("--json", type=Path, default=Path("build/soak.json"))
    chosen = parser.parse_args()
    where = machine()
    checked, figures = asyncio.run(soak(chosen.minutes, chosen.restores, chosen.seed, chosen.database_url))
    show(checked, where)
    Console().print(figures)
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    content = {"machine": where, "seed": chosen.seed, "results": [asdict(each) for each in checked], **figures}
    chosen.json.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0 if all(each.good for each in checked) else 1


if __name__ == "__main__":
    raise SystemExit(main())
