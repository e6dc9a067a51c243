import asyncio
from datetime import timedelta

import pytest

from bot.cloud.cache import SharedReads
from tests.unit.cloud.world import SetClock


class Source:
    """Counts its reads; each waits until let go."""

    def __init__(self, *, waiting: bool = False) -> None:
        self.reads = 0
        self.go = asyncio.Event()
        if not waiting:
            self.go.set()

    async def read(self) -> int:
        self.reads += 1
        number = self.reads
        await self.go.wait()
        return number


async def test_an_answer_is_kept_for_a_while():
    clock, source = SetClock(), Source()
    cache = SharedReads(20.0, clock)
    assert await cache.get("k", source.read) == 1
    clock.move(timedelta(seconds=19))
    assert await cache.get("k", source.read) == 1
    clock.move(timedelta(seconds=2))
    assert await cache.get("k", source.read) == 2
    assert await cache.get("other", source.read) == 3


async def test_many_askers_make_one_read_and_one_may_leave():
    source = Source(waiting=True)
    cache = SharedReads(20.0, SetClock())
    askers = [asyncio.create_task(cache.get("k", source.read)) for _ in range(3)]
    await asyncio.sleep(0)
    askers[0].cancel()
    await asyncio.sleep(0)
    source.go.set()
    assert await asyncio.gather(*askers[1:]) == [1, 1]
    assert askers[0].cancelled()


async def test_a_failure_is_told_to_all_and_not_kept():
    cache = SharedReads(20.0, SetClock())

    async def fail() -> int:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            await cache.get("k", fail)
    assert await cache.get("k", Source().read) == 1


async def test_what_is_dropped_is_read_again_even_while_it_is_read():
    slow, quick = Source(waiting=True), Source()
    quick.reads = 10
    cache = SharedReads(20.0, SetClock())
    early = asyncio.create_task(cache.get("k", slow.read))
    await asyncio.sleep(0)
    cache.drop("k")
    assert await cache.get("k", quick.read) == 11
    slow.go.set()
    assert await early == 1
    assert await cache.get("k", quick.read) == 11
    cache.drop("k")
    assert await cache.get("k", quick.read) == 12


async def test_closing_stops_what_runs():
    source = Source(waiting=True)
    cache = SharedReads(20.0, SetClock())
    asker = asyncio.create_task(cache.get("k", source.read))
    await asyncio.sleep(0)
    await cache.close()
    with pytest.raises(asyncio.CancelledError):
        await asker
