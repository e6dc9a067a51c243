"""One suite for both databases: what the ports promise."""

import asyncio
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.domain.errors import Conflict, Misconfigured, Refused
from bot.domain.events import CARD, Event, Kind, Milestone, Note, Owed
from bot.domain.facts import TimePoint, Window
from bot.domain.people import SYSTEM
from bot.domain.request import Approval, InstanceRef
from bot.domain.states import FINAL, LIVE, TRANSITIONS, State
from bot.store.database import Database
from bot.workflow.store_ports import Filter, Post
from tests.fakes import NOON
from tests.unit import requests as make

ASKED = Event(Kind.REQUESTED, make.ALICE, NOON, {"reason": "ünïcode ✓"})
SECOND = timedelta(seconds=1)


def pending(number=0, target="orders-staging", **changes):
    made = make.request(**changes)
    wish = replace(made.wish, target=InstanceRef(f"{target}-{number}", target))
    return replace(made, id=f"R-{number:05d}", wish=wish)


OWED = (CARD, Owed(Note.THREAD, Milestone.REQUESTED))


async def added(database, request, owed=OWED):
    await database.requests.add(request, [ASKED], owed)
    return request


async def code_of(coroutine):
    with pytest.raises((Conflict, Refused, Misconfigured)) as error:
        await coroutine
    return error.value.code


@pytest.mark.parametrize("state", State)
async def test_a_request_comes_back_as_it_was(database, state):
    request = pending(state=state, act_at=NOON, remind_at=NOON, progress_at=NOON, trouble="x", milestone=25)
    await added(database, request)
    assert await database.requests.get(request.id) == request
    assert await code_of(database.requests.get("R-NONE0")) == "no_such_request"


async def test_a_moment_and_its_windows_come_back(database):
    at = NOON - timedelta(microseconds=1)
    wish = make.at_time(at, databases={"a": "b"})
    facts = make.facts(backup=None, windows=(Window(at, NOON),), target=make.instance(databases=("x",), encrypted=True))
    request = make.request(wish=wish, facts=facts)
    await added(database, request)
    found = await database.requests.get(request.id)
    assert found == request
    assert found.wish.point == TimePoint(at)


async def test_an_id_is_taken_once(database):
    await added(database, pending())
    again = pending(target="another")
    assert await code_of(database.requests.add(again, [ASKED], [])) == "already_opened"


async def test_one_live_request_for_a_target(database):
    first = await added(database, pending())
    second = replace(pending(), id="R-00002")
    with pytest.raises(Conflict) as held:
        await database.requests.add(second, [ASKED], [])
    assert held.value.code == "target_held"
    assert first.id in held.value.message
    closed = first.step(State.DENIED)
    await database.requests.change(first, closed, [])
    await database.requests.add(second, [ASKED], [])
    assert (await database.requests.live_on("prod", second.wish.target.id)).id == second.id


async def test_twenty_at_once_and_one_gets_the_target(database):
    racers = [replace(pending(), id=f"R-1{number:04d}") for number in range(20)]
    results = await asyncio.gather(
        *(database.requests.add(racer, [ASKED], [CARD]) for racer in racers), return_exceptions=True
    )
    assert sum(result is None for result in results) == 1
    assert {getattr(result, "code", None) for result in results if result is not None} == {"target_held"}
    assert await database.audit.verify() is None


async def test_a_change_wins_once(database):
    request = await added(database, pending())
    approved, denied = request.step(State.APPROVED, act_at=NOON), request.step(State.DENIED)
    results = await asyncio.gather(
        database.requests.change(request, approved, [ASKED], [CARD]),
        database.requests.change(request, denied, [ASKED], [CARD]),
        return_exceptions=True,
    )
    (lost,) = [result for result in results if isinstance(result, Exception)]
    assert isinstance(lost, Conflict)
    assert lost.code == "stale"
    stored = await database.requests.get(request.id)
    assert stored in results
    assert stored.version == 2
    assert len(await database.audit.of(request.id)) == 2


async def test_an_approval_of_one_person_is_stored_once(database):
    request = await added(database, pending())
    approval = Approval(make.BOB, NOON, "digest", {"target": "orders-staging"})
    once = await database.requests.change(request, replace(request, approvals=(approval,)), [ASKED])
    assert (await database.requests.get(request.id)).approvals == (approval,)
    with pytest.raises(Exception, match=r"(?i)unique|duplicate|already"):
        await database.requests.change(once, replace(once, approvals=(approval, approval)), [ASKED])
    assert (await database.requests.get(request.id)) == once


async def test_a_lease_is_held_by_one_until_it_runs_out(database):
    leases, until = database.leases, NOON + 10 * SECOND
    mine = await leases.acquire("x", "one", NOON, until)
    assert await leases.acquire("x", "two", until - timedelta(microseconds=1), until) is None
    assert await leases.acquire("x", "one", NOON, until) is None
    theirs = await leases.acquire("x", "two", until, until + 10 * SECOND)
    assert theirs.token > mine.token
    assert not await leases.renew(mine, NOON, until + 20 * SECOND)
    assert await leases.renew(theirs, until, until + 20 * SECOND)
    await leases.release(mine)
    assert await leases.acquire("x", "three", until, until + SECOND) is None
    await leases.release(theirs)
    assert await leases.acquire("x", "three", until, until + SECOND) is not None


async def test_ten_at_once_and_one_gets_the_lease(database):
    taken = await asyncio.gather(
        *(database.leases.acquire("x", f"owner-{number}", NOON, NOON + SECOND) for number in range(10))
    )
    assert sum(lease is not None for lease in taken) == 1


async def test_a_late_worker_changes_nothing(database):
    request = await added(database, pending(state=State.APPROVED))
    old = await database.leases.acquire("request", "one", NOON, NOON + SECOND)
    late = NOON + SECOND
    await database.leases.acquire("request", "two", late, late + 60 * SECOND)
    after = request.step(State.SUBMITTING)
    lost = code_of(database.requests.change(request, after, [ASKED], [CARD], fence=old, now=late))
    assert await lost == "lease_lost"
    assert await database.requests.get(request.id) == request
    (first,) = await database.outbox.waiting(NOON, 10)
    assert await code_of(database.outbox.delivered(first, Post("C1", "1.1"), old, late)) == "lease_lost"
    assert await database.outbox.card_of(request.id) is None
    assert len(await database.audit.of(request.id)) == 1


async def test_what_is_due(database):
    soon = await added(database, pending(1, state=State.APPROVED, act_at=NOON + SECOND))
    now = await added(database, pending(2, state=State.APPROVED, act_at=NOON))
    await added(database, pending(3, state=State.RESTORING, act_at=NOON))
    await added(database, pending(4, state=State.FAILED, act_at=None))
    approved = frozenset({State.APPROVED})
    assert [each.id for each in await database.requests.due(approved, NOON, 10)] == [now.id]
    assert [each.id for each in await database.requests.due(approved, NOON + SECOND, 10)] == [now.id, soon.id]
    assert await database.requests.next_act_at() == NOON


async def test_what_is_overdue(database):
    await added(database, pending(1))
    reminded = await added(database, pending(2, remind_at=NOON + SECOND))
    assert await database.requests.overdue(NOON, 10) == []
    assert [each.id for each in await database.requests.overdue(NOON + SECOND, 10)] == [reminded.id]
    assert len(await database.requests.overdue(NOON + timedelta(minutes=30), 10)) == 2


async def test_lists(database):
    for number, state in enumerate(State):
        await added(database, pending(number, state=state, opened_at=NOON + number * SECOND))
    found = await database.requests.find(Filter(states=FINAL, limit=3))
    assert [each.state in FINAL for each in found] == [True] * 3
    assert [each.opened_at for each in found] == sorted((each.opened_at for each in found), reverse=True)
    assert len(await database.requests.find(Filter(states=LIVE, limit=99))) == len(LIVE)
    assert await database.requests.find(Filter(requester=make.BOB)) == []
    assert len(await database.requests.find(Filter(channel="C0INC", limit=5, offset=10))) == len(State) - 10
    assert await database.requests.jobs_in_use("prod") == {"job-1"}


async def test_messages_are_delivered_in_order_and_finished_requests_first(database):
    running = await added(database, pending(1))
    finished = await added(database, pending(2, state=State.FAILED))
    lease = await database.leases.acquire("outbox", "one", NOON, NOON + 60 * SECOND)
    outbox = database.outbox
    waiting = await outbox.waiting(NOON, 10)
    assert [each.request_id for each in waiting] == [finished.id, running.id]
    assert {each.owed.note for each in waiting} == {Note.CARD}
    await outbox.attempt(waiting[1], lease, NOON)
    await outbox.delivered(waiting[1], Post("C1", "1.1"), lease, NOON)
    assert await outbox.card_of(running.id) == Post("C1", "1.1")
    following = next(each for each in await outbox.waiting(NOON, 10) if each.request_id == running.id)
    assert (following.owed.note, following.owed.milestone) == (Note.THREAD, Milestone.REQUESTED)
    await outbox.postpone(following, NOON + SECOND, "Slack is busy", lease, NOON)
    assert [each.request_id for each in await outbox.waiting(NOON, 10)] == [finished.id]
    await outbox.attempt(following, lease, NOON)
    again = next(each for each in await outbox.waiting(NOON + SECOND, 10) if each.request_id == running.id)
    assert again.attempts == 1
    await outbox.give_up(again, "is_archived", lease, NOON)
    assert (await database.audit.of(running.id))[-1].kind == "undeliverable"


async def test_a_try_leaves_a_message_in_doubt_until_slack_says_no(database):
    request = await added(database, pending(), owed=[CARD])
    outbox = database.outbox
    lease = await database.leases.acquire("outbox", "one", NOON, NOON + 60 * SECOND)
    (owing,) = await outbox.waiting(NOON, 10)
    assert not owing.in_doubt
    await outbox.attempt(owing, lease, NOON)
    (tried,) = await outbox.waiting(NOON, 10)
    assert tried.in_doubt
    await outbox.postpone(tried, NOON, "ratelimited", lease, NOON, in_doubt=False)
    (again,) = await outbox.waiting(NOON, 10)
    assert not again.in_doubt
    await outbox.drop(again, lease, NOON)
    assert await outbox.waiting(NOON, 10) == []
    assert await outbox.posted(request.id) == frozenset()


async def test_what_takes_the_place_of_a_message_comes_with_its_end(database):
    request = await added(database, pending(), owed=[CARD])
    lease = await database.leases.acquire("outbox", "one", NOON, NOON + 60 * SECOND)
    (owing,) = await database.outbox.waiting(NOON, 10)
    instead = Owed(Note.TELL_REQUESTER, Milestone.NO_CARD, {"why": "is_archived"})
    await database.outbox.give_up(owing, "is_archived", lease, NOON, instead)
    # A second worker that gives up the same message adds nothing.
    await database.outbox.give_up(owing, "is_archived", lease, NOON, instead)
    (other,) = await database.outbox.waiting(NOON, 10)
    assert other.owed == instead
    await database.outbox.attempt(other, lease, NOON)
    await database.outbox.delivered(other, Post("D1", "2.0"), lease, NOON)
    assert await database.outbox.waiting(NOON, 10) == []
    assert await database.outbox.posted(request.id) == {Post("D1", "2.0")}


async def test_a_card_pays_for_all_cards_owed_before_it(database):
    request = await added(database, pending(), owed=[CARD])
    for _ in range(3):
        request = await database.requests.change(request, replace(request, trouble="x"), [], [CARD])
    lease = await database.leases.acquire("outbox", "one", NOON, NOON + 60 * SECOND)
    (card,) = await database.outbox.waiting(NOON, 10)
    await database.outbox.attempt(card, lease, NOON)
    await database.requests.change(request, replace(request, trouble="y"), [], [CARD])
    await database.outbox.delivered(card, Post("C1", "1.1"), lease, NOON)
    # The one that was owed after the card was drawn is still owed.
    (later,) = await database.outbox.waiting(NOON, 10)
    await database.outbox.attempt(later, lease, NOON)
    await database.outbox.delivered(later, Post("C1", "1.1"), lease, NOON)
    assert await database.outbox.waiting(NOON, 10) == []
    assert await database.outbox.next_at() is None


async def test_drafts_are_kept_for_a_day(database):
    request = pending()
    await database.drafts.keep(request, NOON)
    assert await database.drafts.get(request.id) == request
    await database.drafts.keep(pending(2), NOON + timedelta(days=1, seconds=1))
    assert await database.drafts.get(request.id) is None
    assert await database.requests.find(Filter()) == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE events SET data = '{}' WHERE seq = 2",
        "DELETE FROM events WHERE seq = 2",
        "DELETE FROM events WHERE seq = 3",
        "UPDATE events SET actor = 'U0EVE' WHERE seq = 1",
    ],
)
async def test_the_audit_log_refuses_and_shows_tampering(database, database_url, tampering):
    for number in range(3):
        await added(database, pending(number))
    assert await database.audit.verify() is None
    with pytest.raises(Exception, match=r"(?i)append|refuse|never|may not|cannot"):
        await run(database, tampering)
    for statement in WITHOUT_TRIGGERS[database_url.split("+")[0]]:
        await run(database, statement)
    await run(database, tampering)
    broken = await database.audit.verify()
    assert broken is not None
    assert str(broken.seq) in tampering


WITHOUT_TRIGGERS = {
    "sqlite": ["DROP TRIGGER events_no_update", "DROP TRIGGER events_no_delete"],
    "postgresql": ["ALTER TABLE events DISABLE TRIGGER USER"],
}


async def run(database, statement):
    await database._store.write(lambda connection: connection.execute(text(statement)))


async def test_many_writers_keep_the_chain_whole(database):
    requests = [await added(database, pending(number)) for number in range(8)]
    await asyncio.gather(
        *(
            database.requests.record(request.id, Event(Kind.REFUSED, SYSTEM, NOON, {"n": str(turn)}))
            for turn in range(5)
            for request in requests
        )
    )
    assert await database.audit.verify() is None
    assert [entry.seq async for entry in database.audit.export()] == list(range(1, 49))


async def test_closing_and_opening_again_keeps_everything(database_url):
    first = Database(database_url)
    await first.open()
    request = await added(first, pending())
    await first.leases.acquire("x", "dead", NOON, NOON + timedelta(days=1))
    await first.close()
    second = Database(database_url)
    await second.open()
    assert await second.requests.get(request.id) == request
    assert len(await second.outbox.waiting(NOON, 10)) == 1
    alone = database_url.startswith("sqlite")
    assert (await second.leases.acquire("x", "new", NOON, NOON + SECOND) is not None) is alone
    await second.close()


async def test_a_database_can_be_looked_into_while_the_bot_runs(database, database_url):
    request = await added(database, pending())
    reader = Database(database_url, read_only=True)
    await reader.open()
    assert await reader.requests.get(request.id) == request
    await reader.close()


async def test_a_newer_schema_is_refused(database, database_url):
    await run(database, "UPDATE alembic_version SET version_num = '9999'")
    await database.close()
    assert await code_of(Database(database_url).open()) == "store.newer_schema"


async def test_a_second_process_on_the_same_file_is_refused(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
    first = Database(url)
    await first.open()
    program = f"import asyncio; from bot.store.database import Database; asyncio.run(Database({url!r}).open())"
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stderr=asyncio.subprocess.PIPE)
    _, said = await other.communicate()
    assert b"in use by another process" in said
    await first.close()


@pytest.mark.parametrize("url", ["mysql://x:secret@y/z", "not a url", "sqlite+aiosqlite://", ""])
def test_a_wrong_address_is_refused_without_repeating_it(url):
    with pytest.raises(Misconfigured) as wrong:
        Database(url)
    assert "DATABASE_URL" in wrong.value.message
    assert "secret" not in wrong.value.message


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_whatever_path_through_the_states_is_taken_the_store_follows(data, tmp_path_factory):
    database = Database(f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('walk') / 'bot.db'}")
    await database.open()
    try:
        request = await added(database, pending())
        while request.state not in FINAL:
            following = data.draw(st.sampled_from(sorted(TRANSITIONS[request.state])))
            changed = await database.requests.change(request, request.step(following), [ASKED], [CARD])
            assert await code_of(database.requests.change(request, request.step(following), [ASKED])) == "stale"
            request = changed
            assert await database.requests.get(request.id) == request
        assert await database.audit.verify() is None
    finally:
        await database.close()


async def test_many_are_postponed_at_once_but_for_what_has_changed(database):
    lease = await database.leases.acquire("project:prod", "one", NOON, NOON + SECOND)
    still, moved = [await added(database, pending(number, state=State.RESTORING, act_at=NOON)) for number in (1, 2)]
    changed = await database.requests.change(moved, replace(moved, trouble="x"), [])
    later = [replace(each, act_at=NOON + SECOND) for each in (still, moved)]
    await database.requests.postpone(later, lease, NOON)
    assert await database.requests.get(still.id) == later[0]
    assert await database.requests.get(moved.id) == changed
    assert await database.requests.next_act_at() == NOON
    assert await code_of(database.requests.postpone(later, lease, NOON + SECOND)) == "lease_lost"
