"""Leases: rows with a fencing token that grows with each holder. A lease is held while `until` lies after now."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Update, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.errors import Conflict
from bot.store.codec import micros
from bot.store.engine import Store
from bot.store.faults import broken
from bot.store.schema import leases
from bot.workflow.ports import Lease

TakenOver = Callable[[Lease, str], None]
"""Told of a lease that its last holder, whose name is given, let run out: it has crashed or hangs."""


class SqlLeases:
    """The `Leases` port. Rows stay when leases end, so that tokens never come again.

    On SQLite there is one process; what it held means nothing after a power failure, so leases do not wait for the disk.
    """

    def __init__(self, store: Store, taken_over: TakenOver | None = None) -> None:
        """`taken_over` is told where the last holder had not given the lease back."""
        self._store = store
        self._taken_over = taken_over

    async def acquire(self, name: str, owner: str, now: datetime, until: datetime) -> Lease | None:
        """See the port."""
        last_holder = select(leases.c.owner, leases.c.until).where(leases.c.name == name)
        free = (
            update(leases)
            .where(leases.c.name == name, leases.c.until <= micros(now))
            .values(owner=owner, token=leases.c.token + 1, until=micros(until))
            .returning(leases.c.token)
        )
        try:
            async with self._store.writing(lasting=False) as connection:
                last = (await connection.execute(last_holder)).one_or_none()
                if last is None:
                    first = {"name": name, "owner": owner, "token": 1, "until": micros(until)}
                    await connection.execute(insert(leases), [first])
                    return Lease(name, owner, 1)
                token = (await connection.execute(free)).scalar_one_or_none()
        except IntegrityError as error:
            if not broken(error, leases.primary_key):
                raise
            # Somebody made the row between our two statements, and so holds the lease.
            return None
        if token is None:
            return None
        lease = Lease(name, owner, token)
        if last.until != 0 and self._taken_over is not None:
            self._taken_over(lease, last.owner)
        return lease

    async def renew(self, lease: Lease, now: datetime, until: datetime) -> bool:
        """See the port."""
        async with self._store.writing(lasting=False) as connection:
            changed = await connection.execute(_held(lease, now).values(until=micros(until)))
            return changed.rowcount == 1

    async def release(self, lease: Lease) -> None:
        """See the port."""
        async with self._store.writing(lasting=False) as connection:
            await connection.execute(_of(lease).values(until=0))

    async def release_all(self) -> None:
        """End every lease: for a process that knows that it is alone, and that the holders are dead."""
        async with self._store.writing(lasting=False) as connection:
            await connection.execute(update(leases).where(leases.c.until != 0).values(until=0))


async def check_fence(connection: AsyncConnection, fence: Lease, now: datetime) -> None:
    """Hold the lease's row until the transaction ends, so that nobody takes it over meanwhile.

    Raises Conflict `lease_lost` if it ran out at `now` or has another holder.
    """
    held = await connection.execute(_held(fence, now).values(until=leases.c.until))
    if held.rowcount != 1:
        raise Conflict("lease_lost", f"{fence.owner} no longer holds {fence.name}.")


def _of(lease: Lease) -> Update:
    return update(leases).where(leases.c.name == lease.name, leases.c.owner == lease.owner, leases.c.token == lease.token)


def _held(lease: Lease, now: datetime) -> Update:
    return _of(lease).where(leases.c.until > micros(now))
