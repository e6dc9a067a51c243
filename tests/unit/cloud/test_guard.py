import asyncio
from datetime import timedelta

import pytest

from bot.cloud.guard import KeyGuard
from bot.domain.errors import Misconfigured
from tests.unit.cloud.world import SetClock

REFUSAL = Misconfigured("cloud.credentials", "No.")


async def test_calls_with_a_new_key_go_one_by_one_until_it_is_known_to_be_good():
    guard = KeyGuard(SetClock())
    running = 0
    most = []

    async def call():
        nonlocal running
        async with guard.turn():
            running += 1
            most.append(running)
            await asyncio.sleep(0)
            running -= 1
            guard.taken()

    await asyncio.gather(*(call() for _ in range(5)))
    assert most[0] == 1
    assert max(most) > 1


async def test_one_refusal_stops_all_that_wait():
    guard = KeyGuard(SetClock())
    made = 0

    async def call():
        nonlocal made
        async with guard.turn():
            made += 1
            await asyncio.sleep(0)
            guard.refused(REFUSAL)

    results = await asyncio.gather(*(call() for _ in range(5)), return_exceptions=True)
    assert made == 1
    assert [type(result) for result in results[1:]] == [Misconfigured] * 4


async def test_the_pause_doubles_and_ends_with_success():
    clock = SetClock()
    guard = KeyGuard(clock)
    for seconds in (10, 20, 40, 80, 160, 300, 300):
        guard.refused(REFUSAL)
        clock.move(timedelta(seconds=seconds - 1))
        with pytest.raises(Misconfigured):
            async with guard.turn():
                pass
        clock.move(timedelta(seconds=1))
        async with guard.turn():
            pass
    guard.taken()
    guard.refused(REFUSAL)
    clock.move(timedelta(seconds=10))
    async with guard.turn():
        pass
