"""How many calls a project may make, and who goes first when they run short."""

import asyncio
from bisect import bisect_left
from enum import IntEnum
from heapq import heappop, heappush
from itertools import count

from aiolimiter import AsyncLimiter

from bot.domain.errors import Unavailable

LONGEST_WAIT = 30.0
"""Seconds that a call stands in line before it gives up."""

NO_PLACE = "cloud.budget"
"""The code of a call that was not made because the minute's calls are used up."""


class Priority(IntEnum):
    """Who goes first: the call that changes something, then people who wait, then the poller."""

    SUBMIT = 0
    FORM = 1
    POLL = 2


class Budget:
    """At most `calls_per_minute` calls in any minute: a third of them as a burst, the rest spread evenly.

    Whom a free place goes to is settled when it becomes free, so that a late submit overtakes a poll that waits already.
    """

    def __init__(self, calls_per_minute: int) -> None:
        burst = max(1, calls_per_minute // 3)
        steady = max(1, calls_per_minute - burst)
        self._limiter = AsyncLimiter(burst, burst * 60 / steady)
        self._line: list[tuple[Priority, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._usher: asyncio.Task[None] | None = None

    async def take(self, priority: Priority) -> None:
        """Wait for a place. Raises Unavailable `NO_PLACE` after `LONGEST_WAIT` seconds."""
        if not self._line and self._limiter.has_capacity():
            await self._limiter.acquire()
            return
        place = asyncio.get_running_loop().create_future()
        heappush(self._line, (priority, next(self._numbers), place))
        if self._usher is None or self._usher.done():
            self._usher = asyncio.create_task(self._hand_out())
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await place
        except TimeoutError:
            raise Unavailable(
                NO_PLACE, "The bot has used up its calls to the cloud for this minute. Try again in a minute."
            ) from None

    def left(self) -> int:
        """How many calls could be made at this moment without waiting."""
        possible = range(1, int(self._limiter.max_rate) + 1)
        return bisect_left(possible, True, key=lambda calls: not self._limiter.has_capacity(calls))

    async def close(self) -> None:
        """Send everybody in line away."""
        if self._usher is not None:
            self._usher.cancel()
            await asyncio.gather(self._usher, return_exceptions=True)
        while self._line:
            heappop(self._line)[2].cancel()

    async def _hand_out(self) -> None:
        while self._line:
            await self._limiter.acquire()
            self._serve_next()

    def _serve_next(self) -> None:
        while self._line:
            place = heappop(self._line)[2]
            if not place.done():  # those who were cancelled have left their place in the line
                place.set_result(None)
                return
