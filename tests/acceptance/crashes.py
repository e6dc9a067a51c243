"""Kills the program at every point, several worlds side by side."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from tests.acceptance.crash_journey import CrashJourney
from tests.acceptance.crash_points import POINTS

AT_ONCE = 8
TRIES = 3
"""A card that is overtaken by the next state is not shown; then the point is not reached, and it is tried again."""


async def die_everywhere(
    folder: Path, address: Callable[[Path], AbstractContextManager[str]], replicas: int, points: Sequence[str] = POINTS
) -> None:
    """Raises an ExceptionGroup with one AssertionError for each point where something was lost or done twice."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def die(number: int, point: str) -> Exception | None:
        async with gate:
            for attempt in range(TRIES):
                world = folder / f"{number}-{attempt}"
                world.mkdir()
                with address(world) as url:
                    journey = CrashJourney(world, point, replicas, url)
                    try:
                        await journey.run()
                    except Exception as error:  # noqa: BLE001 - all points are tried before the test fails
                        if journey.mark.exists():
                            return error
                        missed = error
                    else:
                        return None
            return missed

    faults = await asyncio.gather(*(die(number, point) for number, point in enumerate(points)))
    found = [fault for fault in faults if fault is not None]
    if found:
        raise ExceptionGroup(f"{len(found)} of {len(points)} points", found)
