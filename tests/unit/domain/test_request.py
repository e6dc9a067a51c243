from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.databases import read_renames, rename_problems
from bot.domain.errors import Refused
from bot.domain.facts import TimePoint, changes, data_until, matters
from bot.domain.progress import estimate, passed, remaining
from bot.domain.request import ALPHABET, Job, JobStatus, lost, named, request_id
from bot.domain.states import CANCELLABLE, FINAL, LIVE, TRANSITIONS, State, may_follow
from tests.fakes import NOON
from tests.unit import requests as make


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_a_step_is_taken_only_if_the_table_has_it(before, after):
    request = make.request(before)
    if after in TRANSITIONS[before]:
        assert request.step(after).state is after
    else:
        with pytest.raises(ValueError, match="cannot become"):
            request.step(after)
    assert may_follow(before, after) is (after in TRANSITIONS[before])


def test_the_table_is_the_designs():
    assert {
        State.SUCCEEDED, State.FAILED, State.DENIED, State.CANCELLED, State.EXPIRED, State.INVALIDATED
    } == FINAL  # fmt: skip
    assert set(State) == LIVE | FINAL
    assert {State.PENDING, State.APPROVED, State.BACKING_UP} == CANCELLABLE
    assert State.SUBMITTING not in TRANSITIONS[State.PENDING]


@given(st.integers(min_value=0, max_value=len(ALPHABET) ** 5 - 1))
def test_ids_are_short_and_speakable(number):
    made = request_id(number)
    assert made.startswith("R-")
    assert len(made) == 7
    assert set(made[2:]) <= set(ALPHABET)


@given(st.lists(st.integers(min_value=0, max_value=len(ALPHABET) ** 5 - 1), unique=True))
def test_different_numbers_are_different_ids(numbers):
    assert len({request_id(number) for number in numbers}) == len(numbers)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"target": make.instance("orders-staging", storage_gb=80)}, "target storage"),
        ({"target": make.instance("orders-staging", storage_gb=120, status="REBOOTING")}, "target status"),
        ({"target": make.instance("renamed", id="orders-staging-id", storage_gb=120)}, "target"),
        ({"source": make.instance(version="8.0.30")}, "source engine"),
        ({"backup": None}, "backup"),
        ({"backup": make.backup(status="DELETING")}, "backup"),
    ],
)
def test_a_fact_that_matters_changes_the_fingerprint(change, name):
    wish, before, now = make.wish(), make.facts(), make.facts(**change)
    assert wish.digest(before) != wish.digest(now)
    assert [each.name for each in changes(matters(before, wish.point), matters(now, wish.point))] == [name]


def test_the_time_of_reading_does_not_matter():
    wish = make.wish()
    assert wish.digest(make.facts()) == wish.digest(make.facts(read_at=NOON + timedelta(hours=1)))


def test_the_end_of_the_window_does_not_matter_but_lying_inside_does():
    at = NOON - timedelta(hours=1)
    wish = make.at_time(at)
    early, late, gone = (
        make.facts_in_time(at, (at - timedelta(hours=1), at + timedelta(minutes=minutes))) for minutes in (5, 10, -5)
    )
    assert wish.digest(early) == wish.digest(late)
    assert wish.digest(early) != wish.digest(gone)


@pytest.mark.parametrize(
    "changed",
    [{"safety_backup": True}, {"databases": {"a": ""}}, {"project": "test"}, {"point": TimePoint(NOON)}],
)
def test_every_part_of_the_wish_is_in_the_fingerprint(changed):
    assert make.wish().essentials() != make.wish(**changed).essentials()


@pytest.mark.parametrize(
    ("before", "percent", "mark"),
    [(0, 0, None), (0, 24, None), (0, 25, 25), (25, 49, None), (25, 50, 50), (0, 99, 75), (75, 100, None)],
)
def test_milestones_are_passed_once(before, percent, mark):
    assert passed(before, percent) == mark


def test_estimates():
    assert estimate(make.facts(), make.wish().point) == timedelta(seconds=600)
    at = NOON - timedelta(hours=1)
    assert estimate(make.facts_in_time(at), TimePoint(at)) == timedelta(seconds=100 * 1024 / 30)
    unknown = make.facts(source=make.instance(storage_gb=None), backup=make.backup(size_kb=None))
    assert estimate(unknown, make.wish().point) is None
    assert estimate(unknown, TimePoint(at)) is None


def test_what_remains():
    running = make.request(State.RESTORING, job=Job("j", JobStatus.RUNNING, 25))
    assert remaining(running, NOON + timedelta(minutes=1)) == timedelta(minutes=3)
    blind = replace(running, job=Job("j", JobStatus.RUNNING))
    assert remaining(blind, NOON + timedelta(minutes=1)) == timedelta(minutes=9)
    assert remaining(blind, NOON + timedelta(hours=1)) == timedelta(0)
    assert remaining(make.request(), NOON) is None


def test_words_for_the_restore_point():
    at = NOON - timedelta(milliseconds=500)
    assert named(TimePoint(at)) == "2026-11-23 11:59:59.500 UTC"
    assert named(make.wish().point).startswith("backup nightly of 2026-11-23 09:00")
    assert lost(TimePoint(NOON), NOON - timedelta(hours=1)) == timedelta(0)
    assert data_until(make.wish().point) == make.TAKEN


@pytest.mark.parametrize(
    ("typed", "renames"),
    [
        ("", None),
        ("  \n ", None),
        ("A", {"A": ""}),
        ("A = A1, A2\nC=", {"A": "A1,A2", "C": ""}),
        ("A = A, A1", {"A": "A,A1"}),
    ],
)
def test_renames_are_read(typed, renames):
    assert read_renames(typed) == renames


@pytest.mark.parametrize(
    "typed",
    ["A = B\nA = C", "= B", "A = B\nC = b", "A = rdsAdmin1", "A = " + "x" * 65, "A = b c", "A = ,"],
)
def test_renames_that_the_cloud_would_refuse(typed):
    with pytest.raises(Refused) as refused:
        read_renames(typed)
    assert refused.value.field == "databases"


def test_a_database_with_a_reserved_word_may_keep_its_name():
    assert rename_problems({"model_trains": ""}) == ()
