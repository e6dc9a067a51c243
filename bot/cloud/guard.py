"""Keeps the cloud from locking a key that it refuses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bot.domain.errors import BotError, Misconfigured
from bot.workflow.ports import Clock

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=5)


class KeyGuard:
    """More than five refusals in a row lock an access key for five minutes (source: the vendor's FAQ on APIGW.0301).

    A key is locked for all projects at once, so those that share it share its guard.

    Calls whose key is not known to be good go one by one, and after a refusal all calls fail at once, without being
    made, for a pause that doubles with each further refusal.
    """

    def __init__(self, clock: Clock) -> None:
        self.looking = asyncio.Lock()
        """Held by a look in the background. All projects are looked at in the same rhythm, and a key that was good may
        have been revoked since the last time."""
        self._clock = clock
        self._trying = asyncio.Lock()
        self._trusted = False
        self._refusals = 0
        self._error: BotError | None = None
        self._until: datetime | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """The time in which one call is made. Raises the last refusal while the pause lasts."""
        if not self._trusted:
            async with self._trying:
                if not self._trusted:  # a call before this one may have settled it
                    self._raise_while_paused()
                    yield
                    return
        yield

    def taken(self) -> None:
        """The key was taken. An answer that says nothing of the key (silence, overload) must not be told: it would let the
        other projects' calls go all at once with a key that may be wrong."""
        self._trusted = True
        self._refusals = 0
        self._error = self._until = None

    def refused(self, error: BotError) -> None:
        """The key was refused, with `error`."""
        self._trusted = False
        self._error = error
        self._until = self._clock.now() + min(LONGEST_PAUSE, FIRST_PAUSE * 2**self._refusals)
        self._refusals = min(self._refusals + 1, 10)

    def _raise_while_paused(self) -> None:
        if self._error is not None and self._until is not None and self._clock.now() < self._until:
            raise Misconfigured(self._error.code, self._error.message)
