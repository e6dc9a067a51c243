"""What is counted."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import Unavailable
from bot.domain.events import Event, Kind
from bot.domain.states import State
from bot.ops.figures import Refresh
from bot.ops.labels import OTHER, Bounded
from bot.ops.metrics import Metrics
from bot.workflow.observing import Figures, Written
from tests.fakes import NOON
from tests.unit import requests as make

FIGURES = Figures(by_state={State.PENDING: 3}, running={"prod": 2}, owed=4, owed_since=None, due_since=None, unreviewed=1)


@pytest.fixture
def metrics():
    return Metrics("1.2.3", ["prod", "test"])


def value(metrics, name, **labels):
    return metrics.registry.get_sample_value(f"rds_restore_{name}", labels)


def written(before, after, *events):
    return Written("R-7KQ2M", before, after, events)


def event(kind, **data):
    return Event(kind, make.BOB, NOON, data)


def test_a_change_of_state_counts_once_and_a_change_of_something_else_does_not(metrics):
    pending, approved = make.request(), make.request(State.APPROVED)
    metrics.written(written(None, pending))
    metrics.written(written(pending, approved, event(Kind.APPROVED_BY, counted="1"), event(Kind.STATE)))
    metrics.written(written(approved, replace(approved, version=3)))
    assert value(metrics, "state_changes_total", to="pending") == 1
    assert value(metrics, "state_changes_total", to="approved") == 1
    assert value(metrics, "approvals_total") == 1


def test_refusals_count_by_what_was_wanted_and_why_not(metrics):
    metrics.written(written(None, None, event(Kind.REFUSED, verb="approve", code="own_request", state="pending")))
    assert value(metrics, "refused_clicks_total", verb="approve", code="own_request") == 1
    assert value(metrics, "state_changes_total", to="pending") == 0


def test_troubles_and_break_glass_count(metrics):
    metrics.written(written(None, None, event(Kind.TROUBLE, code="job_stuck"), event(Kind.BROKE_GLASS)))
    assert value(metrics, "troubles_total", code="job_stuck") == 1
    assert value(metrics, "break_glass_total") == 1


def test_the_database_is_shown_with_every_state_and_project(metrics):
    metrics.show(FIGURES)
    assert value(metrics, "requests", state="pending") == 3
    assert value(metrics, "requests", state="unknown") == 0
    assert value(metrics, "jobs_running", project="prod") == 2
    assert value(metrics, "jobs_running", project="test") == 0
    assert value(metrics, "outbox_messages") == 4
    assert value(metrics, "outbox_oldest_seconds") == 0
    assert value(metrics, "break_glass_unreviewed") == 1


def test_ages_count_from_now_and_what_is_not_due_yet_is_not_late(metrics):
    now = datetime.now(UTC)
    metrics.show(replace(FIGURES, owed_since=now - timedelta(minutes=5), due_since=now + timedelta(minutes=5)))
    assert value(metrics, "outbox_oldest_seconds") == pytest.approx(300, abs=5)
    assert value(metrics, "worker_lag_seconds") == 0
    metrics.show(replace(FIGURES, due_since=now - timedelta(minutes=2)))
    assert value(metrics, "worker_lag_seconds") == pytest.approx(120, abs=5)


def test_only_a_good_answer_of_the_cloud_moves_the_time_of_the_last_one(metrics):
    metrics.cloud_call("prod", "list_tasks", "cloud.down", 1.0)
    assert value(metrics, "cloud_last_success_timestamp_seconds", project="prod", operation="list_tasks") is None
    metrics.cloud_call("prod", "list_tasks", "ok", 1.0)
    assert value(metrics, "cloud_last_success_timestamp_seconds", project="prod", operation="list_tasks") > 0
    assert value(metrics, "cloud_calls_total", project="prod", operation="list_tasks", outcome="cloud.down") == 1


def test_the_first_undeliverable_message_is_an_increase(metrics):
    assert value(metrics, "undeliverable_total") == 0
    metrics.undelivered("is_archived")
    assert value(metrics, "undeliverable_total") == 1
    assert value(metrics, "undeliverable_messages_total", code="is_archived") == 1


def test_labels_from_outside_stay_few():
    label = Bounded(most=2)
    assert [label(each) for each in ("a", "b", "c", "a")] == ["a", "b", OTHER, "a"]
    assert Bounded()("two words\n") == OTHER
    assert Bounded()("x" * 61) == OTHER


def test_codes_from_outside_do_not_make_series_without_end(metrics):
    for number in range(1000):
        metrics.slack_call(f"m{number}", f"e{number}", 0.1)
    assert len([line for line in metrics.text().splitlines() if line.startswith(b"rds_restore_slack_calls_total{")]) <= 101


async def nothing():
    return


async def test_a_database_that_hangs_is_waited_for_once_and_not_long(metrics):
    asked = 0
    answer = asyncio.Event()

    async def read():
        nonlocal asked
        asked += 1
        await answer.wait()
        return FIGURES

    refresh = Refresh(metrics, read, nothing)
    async with asyncio.timeout(5):
        await refresh(patience=0.01)
        await refresh(patience=0.01)
    assert asked == 1
    assert value(metrics, "figures_failures_total") == 2
    assert value(metrics, "outbox_messages") == 0
    answer.set()
    await refresh(patience=5)
    assert value(metrics, "outbox_messages") == 4
    assert value(metrics, "figures_failures_total") == 2
    await refresh.close()


@pytest.mark.parametrize("error", [Unavailable("store.unavailable", "No."), RuntimeError("a bug")])
async def test_figures_that_cannot_be_had_leave_the_last_ones(metrics, error):
    answers = [FIGURES]

    async def read():
        if answers:
            return answers.pop()
        raise error

    refresh = Refresh(metrics, read, nothing)
    await refresh()
    await refresh()
    assert value(metrics, "outbox_messages") == 4
    assert value(metrics, "figures_failures_total") == 1
