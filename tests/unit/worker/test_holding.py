"""A lease for as long as the work takes: with a database that is silent for a while, in virtual time."""

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.domain.errors import Unavailable
from bot.worker.holding import Holder
from bot.workflow.store_ports import Lease
from tests.fakes import NOON
from tests.simulation.loop import VirtualLoop

LENGTH = timedelta(seconds=30)
LEASE = Lease("request:R-1", "one", 1)


class LoopClock:
    """The loop's own time."""

    def now(self) -> datetime:
        return NOON + timedelta(seconds=asyncio.get_running_loop().time())


@dataclass
class OneLease:
    """The database's one lease. It does not answer between the two seconds of `silent`."""

    silent: tuple[float, float] = (0, 0)
    until: datetime = NOON
    token: int = 0
    renewed: list[float] = field(default_factory=list)
    broken: Exception | None = None

    async def acquire(self, name: str, owner: str, now: datetime, until: datetime) -> Lease | None:
        self._answer()
        if self.until > now:
            return None
        self.until, self.token = until, self.token + 1
        return Lease(name, owner, self.token)

    async def renew(self, lease: Lease, now: datetime, until: datetime) -> bool:
        self._answer()
        if self.broken is not None:
            raise self.broken
        if lease.token != self.token or self.until <= now:
            return False
        self.until = until
        self.renewed.append(asyncio.get_running_loop().time())
        return True

    async def release(self, lease: Lease) -> None:
        self._answer()
        self.until = NOON

    def _answer(self) -> None:
        begin, end = self.silent
        if begin <= asyncio.get_running_loop().time() < end:
            raise Unavailable("store.unavailable", "The database does not answer.")


def held(leases, work, error=None):
    """Work for so many seconds under the lease, then fail with `error`. Whether the lease was good at the end of it,
    whether it is thought to be held afterwards, and whether it can be taken at once."""

    async def working():
        holder, good = Holder(leases, LoopClock(), LEASE.owner, LENGTH), None
        with nullcontext() if error is None else pytest.raises(type(error)) as met:
            async with holder.hold(LEASE.name) as lease:
                assert lease == LEASE
                await asyncio.sleep(work)
                good = holder.holds(LEASE)
                if error is not None:
                    raise error
        assert error is None or met.value is error
        return good, holder.holds(LEASE), leases.until <= LoopClock().now()

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(working())


def test_it_is_renewed_at_half_time_and_given_back_at_the_end():
    leases = OneLease()
    assert held(leases, 40) == (True, False, True)
    assert leases.renewed == [15, 30]


def test_a_renewal_that_meets_a_silent_database_is_tried_again():
    leases = OneLease(silent=(14, 23))
    assert held(leases, 100) == (True, False, True)
    assert leases.renewed == [24, 39, 54, 69, 84, 99]


def test_it_is_tried_until_the_lease_has_run_out_and_then_no_more():
    leases = OneLease(silent=(14, 32))
    assert held(leases, 100) == (False, False, True)
    assert leases.renewed == []


def test_a_database_that_is_silent_at_the_end_too_does_not_hide_what_the_work_met():
    error = RuntimeError("the work failed")
    assert held(OneLease(silent=(14, 100)), 18, error) == (True, False, False)


def test_work_that_is_done_is_done_although_the_lease_cannot_be_given_back():
    assert held(OneLease(silent=(9, 100)), 10) == (True, False, False)


def test_an_error_of_renewing_that_nobody_foresaw_comes_out_after_the_lease_was_given_back():
    leases = OneLease(broken=ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        held(leases, 20)
    assert leases.until == NOON


def test_it_does_not_take_the_place_of_what_the_work_met():
    error = RuntimeError("the work failed")
    assert held(OneLease(broken=ZeroDivisionError()), 18, error) == (True, False, True)
