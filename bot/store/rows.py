"""Requests, approvals and messages owed as rows, and back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from bot.domain.events import Milestone, Note, Owed
from bot.domain.people import Person, Place
from bot.domain.request import Approval, Request
from bot.domain.states import LIVE, State
from bot.store import codec
from bot.store import codec_steps as steps
from bot.workflow.store_ports import Owing

Row = RowMapping
BESIDE = "approval_"
"""Before the names of an approval's columns, in a row that holds a request too."""


def request_row(request: Request) -> dict[str, str | int | None]:
    """All of a request but its approvals."""
    return {
        "id": request.id,
        "version": request.version,
        "state": request.state.value,
        "live": int(request.state in LIVE),
        "project": request.wish.project,
        "target_id": request.wish.target.id,
        "requester_enterprise": request.requester.enterprise,
        "requester_team": request.requester.team,
        "requester_user": request.requester.user,
        "channel": request.place.channel,
        "thread": request.place.thread,
        "opened_at": codec.micros(request.opened_at),
        "expires_at": codec.micros(request.expires_at),
        "act_at": codec.micros_or_none(request.act_at),
        "remind_at": codec.micros_or_none(request.remind_at),
        "wake_at": codec.micros_or_none(wake_at(request)),
        "job_id": None if request.job is None else request.job.id,
        "body": codec.dumps(_body(request)),
    }


def request_of(row: Row, approvals: Sequence[Approval]) -> Request:
    """The request that was stored as `row` and `approvals`."""
    body = codec.loads(row["body"])
    return Request(
        id=row["id"],
        wish=codec.wish(body["wish"], row["project"], row["target_id"]),
        requester=Person(row["requester_enterprise"], row["requester_team"], row["requester_user"]),
        place=Place(row["channel"], row["thread"]),
        facts=codec.facts(body["facts"]),
        findings=tuple(codec.finding(each) for each in body["findings"]),
        state=State(row["state"]),
        opened_at=codec.moment(row["opened_at"]),
        expires_at=codec.moment(row["expires_at"]),
        version=row["version"],
        approvals=tuple(approvals),
        act_at=codec.moment_or_none(row["act_at"]),
        remind_at=codec.moment_or_none(row["remind_at"]),
        approved_at=codec.moment_or_none(body["approved_at"]),
        backup=steps.run(body["backup"]),
        submitted_at=codec.moment_or_none(body["submitted_at"]),
        job=steps.job(body["job"], row["job_id"]),
        progress_at=codec.moment_or_none(body["progress_at"]),
        milestone=body["milestone"],
        trouble=body["trouble"],
        closing=steps.closing(body["closing"]),
        changed=tuple((name, before, now) for name, before, now in body["changed"]),
        # Bodies of earlier versions have none of these.
        still_needed=steps.seats(body.get("still_needed", [])),
        escalate_at=codec.moment_or_none(body.get("escalate_at")),
        broken_glass=steps.glass(body.get("broken_glass")),
        databases_after=None if body.get("databases_after") is None else tuple(body["databases_after"]),
        inspection=steps.inspection(body.get("inspection")),
        execution=body.get("execution"),
    )


def postponed(request: Request) -> dict[str, str | int | None]:
    """What postpones a request, and which one, as it was read."""
    return {
        "of": request.id,
        "in_state": request.state.value,
        "at_version": request.version,
        "later": codec.micros_or_none(request.act_at),
        "woken": codec.micros_or_none(wake_at(request)),
    }


def wake_at(request: Request) -> datetime | None:
    """When the worker must look at the request: a pending one for its clock too, a finished one only until a break-glass is
    signed off."""
    if request.state not in LIVE:
        return request.remind_at if request.awaits_review else None
    moments = [request.act_at]
    if request.state is State.PENDING:
        moments += [request.expires_at, request.remind_at, request.escalate_at]
    return min((each for each in moments if each is not None), default=None)


def approval_rows(request_id: str, approvals: Iterable[Approval], first_place: int) -> list[dict[str, str | int]]:
    """Approvals in their order; `first_place` is how many came before them."""
    return [
        {
            "request_id": request_id,
            "place": place,
            "enterprise": approval.person.enterprise,
            "team": approval.person.team,
            "approver": approval.person.user,
            "at": codec.micros(approval.at),
            "digest": approval.digest,
            "saw": codec.texts_json(approval.saw),
        }
        for place, approval in enumerate(approvals, first_place)
    ]


def approvals_beside(found: Sequence[Row]) -> list[Approval]:
    """The approvals in rows that each hold the same request and one of them, or none."""
    given = ({name.removeprefix(BESIDE): row[name] for name in row if name.startswith(BESIDE)} for row in found)
    return [approval_of(each) for each in given if each["request_id"] is not None]


def approval_of(row: Mapping[Any, Any]) -> Approval:
    """The approval that was stored as `row`."""
    who = Person(row["enterprise"], row["team"], row["approver"])
    return Approval(who, codec.moment(row["at"]), row["digest"], codec.loads(row["saw"]))


def owed_rows(request_id: str, owed: Iterable[Owed], at: datetime) -> list[dict[str, str | int | None]]:
    """Messages owed since `at`, to be delivered at once."""
    return [
        {
            "request_id": request_id,
            "note": each.note.value,
            "milestone": None if each.milestone is None else each.milestone.value,
            "data": codec.texts_json(each.data),
            "created_at": codec.micros(at),
            "due_at": codec.micros(at),
            "attempts": 0,
        }
        for each in owed
    ]


def owing_of(row: Row) -> Owing:
    """The message owed that was stored as `row`."""
    milestone = None if row["milestone"] is None else Milestone(row["milestone"])
    owed = Owed(Note(row["note"]), milestone, codec.loads(row["data"]))
    created_at = codec.moment(row["created_at"])
    return Owing(row["id"], row["request_id"], owed, row["attempts"], created_at, in_doubt=bool(row["in_doubt"]))


def _body(request: Request) -> codec.Json:
    return {
        "wish": codec.wish_json(request.wish),
        "facts": codec.facts_json(request.facts),
        "findings": [codec.finding_json(each) for each in request.findings],
        "approved_at": codec.micros_or_none(request.approved_at),
        "backup": steps.run_json(request.backup),
        "submitted_at": codec.micros_or_none(request.submitted_at),
        "job": steps.job_json(request.job),
        "progress_at": codec.micros_or_none(request.progress_at),
        "milestone": request.milestone,
        "trouble": request.trouble,
        "closing": steps.closing_json(request.closing),
        "changed": [list(each) for each in request.changed],
        "still_needed": steps.seats_json(request.still_needed),
        "escalate_at": codec.micros_or_none(request.escalate_at),
        "broken_glass": steps.glass_json(request.broken_glass),
        "databases_after": None if request.databases_after is None else list(request.databases_after),
        "inspection": steps.inspection_json(request.inspection),
        "execution": request.execution,
    }
