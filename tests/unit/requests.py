"""Requests for tests that need one in a certain state."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.facts import Backup, BackupPoint, Facts, Instance, TimePoint, Window, digest, matters
from bot.domain.people import Person, Place
from bot.domain.preflight import preflight
from bot.domain.request import Approval, Closing, InstanceRef, Job, JobStatus, Request, Wish
from bot.domain.states import FINAL, State
from tests.fakes import NOON

ALICE, BOB = Person("", "T1", "U0ALICE"), Person("", "T1", "U0BOB")
TAKEN = NOON - timedelta(hours=3)


def instance(name: str = "orders-prod", **changes: Any) -> Instance:
    values: dict[str, Any] = {
        "id": f"{name}-id",
        "name": name,
        "engine": "MySQL",
        "version": "8.0.28",
        "status": "ACTIVE",
        "storage_gb": 100,
        "vpc_id": "vpc",
        "time_zone": "UTC",
        "lower_case_table_names": "1",
    }
    return Instance(**(values | changes))


def backup(**changes: Any) -> Backup:
    values: dict[str, Any] = {
        "id": "b1",
        "name": "nightly",
        "instance_id": "orders-prod-id",
        "type": "auto",
        "status": "COMPLETED",
        "began_at": TAKEN,
        "ended_at": TAKEN,
        "size_kb": 40 * 1024 * 600,
    }
    return Backup(**(values | changes))


def facts(**changes: Any) -> Facts:
    values: dict[str, Any] = {
        "read_at": NOON,
        "source": instance(),
        "target": instance("orders-staging", storage_gb=120),
        "backup": backup(),
    }
    return Facts(**(values | changes))


def facts_in_time(at: Any, *windows: tuple[Any, Any], **changes: Any) -> Facts:
    del at
    return facts(backup=None, windows=tuple(Window(*window) for window in windows), **changes)


def wish(**changes: Any) -> Wish:
    values: dict[str, Any] = {
        "project": "prod",
        "source": InstanceRef("orders-prod-id", "orders-prod"),
        "target": InstanceRef("orders-staging-id", "orders-staging"),
        "point": BackupPoint("b1", "nightly", TAKEN),
        "reason": "the orders table was dropped",
    }
    return Wish(**(values | changes))


def at_time(at: Any, **changes: Any) -> Wish:
    return wish(point=TimePoint(at), **changes)


def request(state: State = State.PENDING, **changes: Any) -> Request:
    """A request that is in `state`, with what belongs to it."""
    wanted, known = changes.pop("wish", wish()), changes.pop("facts", facts())
    made = Request(
        id="R-7KQ2M",
        wish=wanted,
        requester=ALICE,
        place=Place("C0INC"),
        facts=known,
        findings=preflight(wanted, known, NOON),
        state=state,
        opened_at=NOON,
        expires_at=NOON + timedelta(minutes=30),
    )
    saw = matters(known, wanted.point)
    approval = Approval(BOB, NOON, digest(wanted.essentials(), saw), saw)
    if state not in (State.PENDING, State.DENIED, State.EXPIRED, State.CANCELLED):
        made = replace(made, approvals=(approval,), approved_at=NOON)
    if state in (State.SUBMITTING, State.RESTORING, State.UNKNOWN, State.SUCCEEDED, State.FAILED):
        made = replace(made, submitted_at=NOON)
    if state in (State.RESTORING, State.SUCCEEDED):
        made = replace(made, job=Job("job-1", JobStatus.RUNNING, 40))
    if state in FINAL:
        made = replace(made, closing=Closing(BOB, NOON + timedelta(minutes=12), "Because of a reason."))
    if state is State.INVALIDATED:
        made = replace(made, changed=(("target storage", "120 GB", "40 GB"),))
    return replace(made, **changes)
