"""Leases: rows with a fencing token that grows with each holder. A lease is held while `until` lies after now."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, Update, and_, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.domain.errors import Conflict
from bot.store.codec import micros
from bot.store.engine import Store
from bot.store.faults import broken
from bot.store.schema import leases
from bot.workflow.store_ports import Lease

HOLD = (
    update(leases)
    .where(
        leases.c.name == bindparam("of"),
        leases.c.owner == bindparam("by"),
        leases.c.token == bindparam("with_token"),
        leases.c.until > bindparam("moment"),
    )
    .values(until=leases.c.until)
)
"""Changes nothing, but holds the row."""
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
        try:
            taken = await self._store.write(partial(_take, name=name, owner=owner, now=now, until=until), lasting=False)
        except IntegrityError as error:
            if not broken(error, leases.primary_key):
                raise
            # Somebody made the row between our two statements, and so holds the lease.
            return None
        if taken is None:
            return None
        lease, run_out_on = taken
        if run_out_on is not None and self._taken_over is not None:
            self._taken_over(lease, run_out_on)
        return lease

    async def renew(self, lease: Lease, now: datetime, until: datetime) -> bool:
        """See the port."""
        return await self._change(_held(lease, now).values(until=micros(until))) == 1

    async def release(self, lease: Lease) -> None:
        """See the port."""
        await self._change(_of(lease).values(until=0))

    async def release_all(self) -> None:
        """End every lease: for a process that knows that it is alone, and that the holders are dead."""
        await self._change(update(leases).where(leases.c.until != 0).values(until=0))

    async def _change(self, change: Update) -> int:
        return await self._store.write(lambda connection: connection.execute(change).rowcount, lasting=False)


def _take(connection: Connection, name: str, owner: str, now: datetime, until: datetime) -> tuple[Lease, str | None] | None:
    """The lease, and who let it run out."""
    held_until = connection.scalar(select(leases.c.until).where(leases.c.name == name))
    if held_until is None:
        connection.execute(insert(leases), [{"name": name, "owner": owner, "token": 1, "until": micros(until)}])
        return Lease(name, owner, 1), None
    # Locked, so that nobody gives it back or takes it between the look at its last holder and the taking over.
    free = and_(leases.c.name == name, leases.c.until <= micros(now))
    last = connection.execute(select(*leases.c).where(free).with_for_update()).one_or_none()
    if last is None:
        return None
    lease = Lease(name, owner, last.token + 1)
    taken = {"owner": owner, "token": lease.token, "until": micros(until)}
    connection.execute(update(leases).where(leases.c.name == name).values(taken))
    return lease, None if last.until == 0 else last.owner


def check_fence(connection: Connection, fence: Lease, now: datetime) -> None:
    """Hold the lease's row until the transaction ends, so that nobody takes it over meanwhile.

    Raises Conflict `lease_lost` if it ran out at `now` or has another holder.
    """
    held = {"of": fence.name, "by": fence.owner, "with_token": fence.token, "moment": micros(now)}
    if connection.execute(HOLD, held).rowcount != 1:
        raise Conflict("lease_lost", f"{fence.owner} no longer holds {fence.name}.")


def _of(lease: Lease) -> Update:
    return update(leases).where(leases.c.name == lease.name, leases.c.owner == lease.owner, leases.c.token == lease.token)


def _held(lease: Lease, now: datetime) -> Update:
    return _of(lease).where(leases.c.until > micros(now))
