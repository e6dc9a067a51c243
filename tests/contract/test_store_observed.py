"""What the store tells those who watch: each commit once, nothing that was rolled back, and the figures."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import Conflict
from bot.domain.events import CARD, Event, Kind
from bot.domain.people import SYSTEM
from bot.domain.request import BrokenGlass, InstanceRef, request_id
from bot.domain.states import State
from bot.store.database import Database
from tests.fakes import NOON
from tests.unit import requests as make


@pytest.fixture
def told():
    return []


@pytest.fixture
async def database(database_url, told):
    opened = Database(
        database_url,
        witness=told.append,
        taken_over=lambda lease, last: told.append((lease.name, last)),
    )
    await opened.open()
    yield opened
    await opened.close()


def event(kind=Kind.STATE):
    return Event(kind, SYSTEM, NOON)


def other(number, state=State.PENDING, **changes):
    made = make.request(state, **changes)
    target = InstanceRef(f"target-{number}", f"target-{number}")
    return replace(made, id=request_id(number), wish=replace(made.wish, target=target))


async def test_each_commit_is_told_once_after_it(database, told):
    pending = make.request()
    await database.requests.add(pending, [event(Kind.REQUESTED)], [CARD])
    approved = replace(pending, approved_at=NOON).step(State.APPROVED)
    stored = await database.requests.change(pending, approved, [event()])
    await database.requests.record(pending.id, event(Kind.REFUSED))
    assert [(written.before, written.after) for written in told] == [(None, pending), (pending, stored), (None, None)]
    assert [written.events[0].kind for written in told] == [Kind.REQUESTED, Kind.STATE, Kind.REFUSED]


async def test_what_was_rolled_back_is_not_told(database, told):
    pending = make.request()
    await database.requests.add(pending, [event(Kind.REQUESTED)], [])
    told.clear()
    stale = replace(pending, version=7)
    with pytest.raises(Conflict):
        await database.requests.change(stale, stale.step(State.CANCELLED), [event()])
    with pytest.raises(Conflict):
        await database.requests.add(pending, [event(Kind.REQUESTED)], [])
    lease = await database.leases.acquire("request:x", "me", NOON, NOON + timedelta(seconds=1))
    late = NOON + timedelta(minutes=1)
    with pytest.raises(Conflict):
        await database.requests.change(pending, pending.step(State.CANCELLED), [event()], fence=lease, now=late)
    assert told == []


async def test_a_lease_that_ran_out_is_told_and_one_that_was_given_back_is_not(database, told):
    leases, later = database.leases, NOON + timedelta(minutes=1)
    first = await leases.acquire("outbox", "dead", NOON, NOON + timedelta(seconds=30))
    assert await leases.acquire("outbox", "alive", NOON, later) is None
    second = await leases.acquire("outbox", "alive", later, later + timedelta(seconds=30))
    assert (first.token, second.token) == (1, 2)
    assert told == [("outbox", "dead")]
    await leases.release(second)
    assert await leases.acquire("outbox", "third", later, later + timedelta(seconds=30)) is not None
    assert told == [("outbox", "dead")]


async def test_every_transaction_is_measured(database_url):
    measured = []
    database = Database(database_url, observe=lambda kind, outcome, seconds: measured.append((kind, outcome, seconds >= 0)))
    await database.open()
    measured.clear()
    pending = make.request()
    await database.requests.add(pending, [], [])
    await database.requests.get(pending.id)
    with pytest.raises(Conflict):
        await database.requests.change(replace(pending, version=9), pending, [])
    await database.close()
    assert measured == [("write", "ok", True), ("read", "ok", True), ("write", "rolled_back", True)]


async def test_an_empty_database_has_figures(database):
    figures = await database.figures.read()
    assert (figures.by_state, figures.running, figures.owed, figures.unreviewed) == ({}, {}, 0, 0)
    assert figures.owed_since is None
    assert figures.due_since is None


async def test_the_figures_are_counted(database):
    due = NOON + timedelta(minutes=3)
    broken = BrokenGlass(make.BOB, NOON, "nobody is awake", "d", {})
    glass = replace(other(5, State.SUCCEEDED), remind_at=NOON, broken_glass=broken)
    for request in (
        other(1, act_at=due + timedelta(hours=1)),
        other(2, act_at=due),
        other(3, State.RESTORING),
        other(4, State.UNKNOWN),
        glass,
    ):
        await database.requests.add(request, [event(Kind.REQUESTED)], [CARD])
    figures = await database.figures.read()
    assert figures.by_state == {State.PENDING: 2, State.RESTORING: 1, State.UNKNOWN: 1, State.SUCCEEDED: 1}
    assert figures.running == {"prod": 1}
    assert figures.due_since == due
    assert figures.owed == 5
    assert figures.owed_since == NOON
    assert figures.unreviewed == 1
    lease = await database.leases.acquire("outbox", "me", NOON, NOON + timedelta(minutes=1))
    for owing in await database.outbox.waiting(NOON, 10):
        await database.outbox.drop(owing, lease, NOON)
    assert (await database.figures.read()).owed == 0
