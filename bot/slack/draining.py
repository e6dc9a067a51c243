"""Knows which listeners are at work, so that the program can let them finish before it ends.

Bolt keeps no account of them: what a listener does after its acknowledgement would be lost at the end of the program.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from slack_bolt.async_app import AsyncApp

from bot.slack.late import PatientRunner

P = ParamSpec("P")
R = TypeVar("R")


class Draining:
    """Counts the listeners at work."""

    def __init__(self) -> None:
        self._at_work = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def tracked(self, listener: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        """The listener, counted while it runs. Keeps its parameters' names, by which Bolt fills them."""

        @wraps(listener)
        async def counted(*args: P.args, **kwargs: P.kwargs) -> R:
            self._at_work += 1
            self._idle.clear()
            try:
                return await listener(*args, **kwargs)
            finally:
                self._at_work -= 1
                if self._at_work == 0:
                    self._idle.set()

        return counted

    async def wait(self, seconds: float) -> bool:
        """Wait until none is at work; False if some still are after so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True


class DrainingApp(AsyncApp):
    """A Bolt app whose listeners are all counted, whoever registers them, and that knows late ones from none."""

    def __init__(self, **settings: Any) -> None:
        self.draining = Draining()
        super().__init__(**settings)
        # Bolt offers no other way in; a test fails if that changes.
        self._async_listener_runner = PatientRunner.like(self.listener_runner)

    def _register_listener(self, functions: Any, *args: Any, **kwargs: Any) -> Any:
        # The one place in Bolt through which every listener goes; a test fails if that changes.
        return super()._register_listener([self.draining.tracked(each) for each in functions], *args, **kwargs)
