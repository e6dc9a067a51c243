"""Remembers answers for a moment, and asks once where many ask at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

from cachetools import TTLCache

from bot.workflow.ports import Clock

T = TypeVar("T")
MOST = 1000
"""Answers that are kept at most."""


class SharedReads:
    """A cache for what people type ahead in. An answer is kept for `seconds`; a failure is not kept.

    A caller who is cancelled does not take the running read away from the others.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._kept: TTLCache[Hashable, Any] = TTLCache(MOST, ttl=seconds, timer=lambda: clock.now().timestamp())
        self._running: dict[Hashable, asyncio.Task[Any]] = {}

    async def get(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """The answer kept for `key`, else that of `read`. Raises what `read` raises."""
        try:
            kept: T = self._kept[key]
        except KeyError:
            task = self._running.get(key)
            if task is None:
                task = asyncio.create_task(self._read(key, read))
                self._running[key] = task
                task.add_done_callback(_looked_at)
            kept = await asyncio.shield(task)
        return kept

    def drop(self, key: Hashable) -> None:
        """Forget the answer for `key`, also the one being read: something has changed."""
        self._kept.pop(key, None)
        self._running.pop(key, None)

    async def close(self) -> None:
        """Stop all running reads."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _read(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        task = asyncio.current_task()
        try:
            answer = await read()
            if self._running.get(key) is task:
                self._kept[key] = answer
        finally:
            if self._running.get(key) is task:
                del self._running[key]
        return answer


def _looked_at(task: asyncio.Task[Any]) -> None:
    # Where every caller has gone away, nobody else would look at the failure and asyncio would complain.
    if not task.cancelled():
        task.exception()
