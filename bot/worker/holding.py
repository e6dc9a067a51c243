"""Holds a lease for as long as a piece of work takes, renewing it at half time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from bot.workflow.ports import Clock, Lease, Leases


@dataclass(frozen=True, slots=True)
class Holder:
    """Takes leases in the name of one process. `length` is how long a crashed process blocks the others."""

    leases: Leases
    clock: Clock
    owner: str
    length: timedelta

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[Lease | None]:
        """The lease, or None where somebody else has it. Given back at the end.

        A lease that is lost on the way is not announced here: each write carries it and fails.
        """
        now = self.clock.now()
        lease = await self.leases.acquire(name, self.owner, now, now + self.length)
        if lease is None:
            yield None
            return
        renewing = asyncio.create_task(self._renew(lease), name=f"renew {name}")
        try:
            yield lease
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            await self.leases.release(lease)

    async def _renew(self, lease: Lease) -> None:
        while True:
            await asyncio.sleep(self.length.total_seconds() / 2)
            now = self.clock.now()
            if not await self.leases.renew(lease, now, now + self.length):
                return
