import asyncio

import pytest
from aiolimiter import AsyncLimiter

from bot.cloud import budget as module
from bot.cloud.budget import Budget, Priority
from bot.domain.errors import Unavailable

SPACING = 0.1  # seconds between two places


async def emptied() -> Budget:
    """A budget whose burst is used up; then there is a place every `SPACING` seconds."""
    budget = Budget(60)
    budget._limiter = AsyncLimiter(1, SPACING)
    await budget.take(Priority.POLL)
    return budget


async def queued(budget: Budget, priority: Priority, served: list[object], name: object) -> asyncio.Task[None]:
    async def stand() -> None:
        await budget.take(priority)
        served.append(name)

    task = asyncio.create_task(stand())
    await asyncio.sleep(0)
    return task


async def test_no_minute_holds_more_than_the_budget():
    budget = Budget(60)
    limiter = budget._limiter
    in_any_minute = limiter.max_rate + 60 * limiter.max_rate / limiter.time_period
    assert in_any_minute == pytest.approx(60)


async def test_a_burst_goes_at_once():
    budget = Budget(60)
    async with asyncio.timeout(0.5):
        for _ in range(20):
            await budget.take(Priority.FORM)


async def test_who_goes_first():
    budget = await emptied()
    served: list[object] = []
    tasks = [
        await queued(budget, priority, served, (priority, number))
        for priority in (Priority.POLL, Priority.FORM, Priority.SUBMIT)
        for number in range(2)
    ]
    await asyncio.gather(*tasks)
    assert served == [(priority, number) for priority in Priority for number in range(2)]
    await budget.close()


async def test_who_leaves_the_line_takes_no_place():
    budget = await emptied()
    served: list[object] = []
    first = await queued(budget, Priority.SUBMIT, served, "left")
    second = await queued(budget, Priority.POLL, served, "stayed")
    first.cancel()
    await second
    assert served == ["stayed"]
    assert first.cancelled() or first.cancelling()
    await asyncio.gather(first, return_exceptions=True)


async def test_when_everybody_left_the_next_is_served():
    budget = await emptied()
    served: list[object] = []
    gone = await queued(budget, Priority.SUBMIT, served, "left")
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    await budget.take(Priority.FORM)
    assert served == []


async def test_nobody_waits_for_ever(monkeypatch):
    monkeypatch.setattr(module, "LONGEST_WAIT", 0.01)
    budget = await emptied()
    with pytest.raises(Unavailable) as raised:
        await budget.take(Priority.FORM)
    assert raised.value.code == "cloud.budget"
    await budget.close()


async def test_closing_sends_everybody_away():
    budget = await emptied()
    served: list[object] = []
    waiting = await queued(budget, Priority.FORM, served, "late")
    await budget.close()
    await asyncio.gather(waiting, return_exceptions=True)
    assert waiting.cancelled()
    assert served == []


@pytest.mark.parametrize("calls_per_minute", [1, 2, 60, 6000])
async def test_what_is_left_is_what_can_be_taken_at_once(calls_per_minute):
    budget = Budget(calls_per_minute)
    left = budget.left()
    assert left == max(1, calls_per_minute // 3)
    for _ in range(min(left, 20)):
        await budget.take(Priority.POLL)
    assert left - 20 <= budget.left() <= max(0, left - 20) + calls_per_minute / 60
    await budget.close()
