"""How fast the cloud is called once all have approved, and how soon the end of a job is known."""

import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from bot.sandbox.rds.evolution import ends_at
from tests.acceptance.journey import ALICE, BOB, ask, card, modal
from tests.acceptance.world import INCIDENT, World, until
from tests.bench.report import Result

DELAY = 0.2
"""Seconds that each answer of the cloud takes. A call is noted when its answer leaves."""
POLL = 5.0
POLICY = """\
[[policies]]
approvers = ["S0DBA"]
confirm = "button"
safety_backup = "off"
"""


async def recovery(*, quick: bool) -> list[Result]:
    """Last approval → the recovery call has reached the cloud."""
    taken: list[float] = []
    with tempfile.TemporaryDirectory(prefix="rds-restore-bench-") as name:
        async with World(Path(name), policies=POLICY, job_seconds=1.0) as world:
            await world.start_bot()
            for number in range(1, (2 if quick else 5) + 1):
                await ask(world)
                bob = world.slack.actor(BOB)
                await bob.click(INCIDENT, card(world).ts, "approve")
                await modal(world, bob, "approve_form")
                world.cloud.faults.delay_seconds = DELAY
                began = time.perf_counter()
                assert await bob.submit() == {}
                await until(lambda wanted=number: len(world.recovery_calls()) == wanted)  # type: ignore[misc]
                # The call is noted after its own delay: it arrived that much earlier.
                taken.append(time.perf_counter() - began - DELAY)
                world.cloud.faults.delay_seconds = 0.0
                await world.slack.wait_for(lambda _: "Restored" in card(world).text, timeout=30)
    middle = statistics.median(taken)
    trips = middle / DELAY
    return [
        Result(
            "last approval → recovery call leaves",
            f"{middle * 1000:.0f} ms with {DELAY * 1000:.0f} ms a round trip ({trips:.1f} round trips)",
            f"≤ 3 round trips + 100 ms = {3 * DELAY * 1000 + 100:.0f} ms",
            middle <= 3 * DELAY + 0.1,
            {"seconds": middle, "round_trip_s": DELAY},
        )
    ]


async def finished(*, quick: bool) -> list[Result]:
    """Job finished in the cloud → final message owed, with the default interval."""
    late: list[float] = []
    with tempfile.TemporaryDirectory(prefix="rds-restore-bench-") as name:
        folder = Path(name)
        async with World(folder, policies=POLICY, job_seconds=11.0) as world:
            config = folder / "rds-restore.toml"
            config.write_text(config.read_text(encoding="utf-8").replace('poll_every = "1s"', 'poll_every = "5s"'))
            # Else the next restore could be refused: the target is backed up after each.
            world.cloud.state.backing_up_after_seconds = 0.0
            await world.start_bot()
            for number in range(2 if quick else 5):
                # Jobs of different lengths end at different moments between two looks.
                world.cloud.state.job_seconds = 9.0 + 1.3 * number
                await ask(world, person=ALICE)
                bob = world.slack.actor(BOB)
                await bob.click(INCIDENT, card(world).ts, "approve")
                await modal(world, bob, "approve_form")
                assert await bob.submit() == {}
                await world.slack.wait_for(lambda _: "Restored" in card(world).text, timeout=60)
                job = list(world.cloud.state.jobs.values())[-1]
                late.append(_final_owed(folder) - ends_at(job))
    worst = max(late)
    return [
        Result(
            "job finished in the cloud → final message owed",
            f"at most {worst:.1f} s, median {statistics.median(late):.1f} s",
            f"≤ one poll interval ({POLL:.0f} s), 0.5 s for the reading",
            worst <= POLL + 0.5,
            {"worst_s": worst},
        )
    ]


def _final_owed(folder: Path) -> float:
    """When the newest final message was owed, seconds since the epoch."""
    stored = sqlite3.connect(f"file:{folder / 'bot.db'}?mode=ro", uri=True)
    owed = stored.execute("SELECT max(created_at) FROM outbox WHERE note = 'final'").fetchone()[0]
    stored.close()
    return float(owed) / 1_000_000
