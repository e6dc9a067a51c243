"""An event loop in which no time passes but what is waited for: sleeping costs nothing, and every run is the same run."""

import asyncio
from collections.abc import Coroutine, Generator
from contextvars import Context
from itertools import count
from typing import Any


class NumberedTask(asyncio.Task[Any]):
    """A task whose hash does not come from its address: a task group cancels its children in the order of a set."""

    def __init__(self, *args: Any, number: int, **kwargs: Any) -> None:
        self._number = number
        super().__init__(*args, **kwargs)

    def __hash__(self) -> int:
        return self._number

    def __eq__(self, other: object) -> bool:
        return self is other


class _Jump:
    """Stands where a selector would: it waits by moving the loop's clock."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("everything waits, and nothing will come")
        self._loop.passed += timeout
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    """asyncio's own loop, without input and output, on a clock of its own. `passed` counts seconds since the start."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0.0
        self._clock_resolution = 1e-6
        self._selector = _Jump(self)
        numbers = count()

        def numbered(
            loop: asyncio.AbstractEventLoop,
            coroutine: Coroutine[Any, Any, Any] | Generator[Any, None, Any],
            *,
            context: Context | None = None,
            **kwargs: Any,
        ) -> asyncio.Future[Any]:
            return NumberedTask(coroutine, loop=loop, number=next(numbers), context=context, **kwargs)

        self.set_task_factory(numbered)

    def time(self) -> float:
        return self.passed

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody calls from another thread."""
