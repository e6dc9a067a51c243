"""Holds a lease for as long as a piece of work takes, renewing it at half time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.errors import Unavailable
from bot.workflow.ports import Clock
from bot.workflow.store_ports import Lease, Leases

TRIES = 10
"""Into how many pauses the length of a lease is cut while the database does not answer."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Takes leases in the name of one process. `length` is how long a crashed process blocks the others."""

    leases: Leases
    clock: Clock
    owner: str
    length: timedelta
    _until: dict[Lease, datetime] = field(default_factory=dict)
    """How long each lease at hand is good."""

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[Lease | None]:
        """The lease, or None where somebody else has it. Given back at the end.

        A lease that is lost on the way is not announced here: each write carries it and fails. Whoever is about to do what
        no write can fence asks `holds`. Raises Unavailable if the database does not answer at the beginning; at the end
        it need not, since a lease that is not given back runs out.
        """
        now = self.clock.now()
        lease = await self.leases.acquire(name, self.owner, now, now + self.length)
        if lease is None:
            yield None
            return
        self._until[lease] = now + self.length
        renewing = asyncio.create_task(self._renew(lease), name=f"renew {name}")
        try:
            yield lease
        finally:
            renewing.cancel()
            del self._until[lease]
            # Unlike awaiting it, this raises nothing in the place of an error of the work's.
            await asyncio.wait({renewing})
            with suppress(Unavailable):
                await self.leases.release(lease)
        if not renewing.cancelled():
            # An error of renewing that nobody foresaw.
            renewing.result()

    def holds(self, lease: Lease) -> bool:
        """Whether the lease is good for at least a third of its length, by this process's clock (two processes' clocks may
        differ by that much). Asks nobody, so nothing comes between the answer and the deed."""
        until = self._until.get(lease)
        return until is not None and self.clock.now() < until - self.length / 3

    async def _renew(self, lease: Lease) -> None:
        pause = self.length / 2
        while True:
            await asyncio.sleep(pause.total_seconds())
            now = self.clock.now()
            try:
                if not await self.leases.renew(lease, now, now + self.length):
                    return
            except Unavailable:
                # The lease is ours until it runs out: the next try may find the database awake.
                if self.clock.now() >= self._until[lease]:
                    return
                pause = self.length / TRIES
                continue
            self._until[lease] = now + self.length
            pause = self.length / 2
