"""A request as plain values, for other programs. Moments are ISO 8601 in UTC; what there is not is null."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.cli.requests_shown import Known, deadline, missing
from bot.domain.people import Person
from bot.domain.quorum import OpenSeats
from bot.domain.request import InstanceRef, Request, named
from bot.store.chain import Entry

Plain = dict[str, Any]


def of_request(request: Request) -> Plain:
    """What the request's own row tells."""
    wish, job, closing = request.wish, request.job, request.closing
    return {
        "id": request.id,
        "state": request.state.value,
        "project": wish.project,
        "source": _instance(wish.source),
        "target": _instance(wish.target),
        "point": named(wish.point),
        "reason": wish.reason,
        "requester": _person(request.requester),
        "channel": request.place.channel,
        "thread": request.place.thread,
        "opened_at": _moment(request.opened_at),
        "deadline": _moment(deadline(request)),
        "approvals": [{"by": _person(each.person), "at": _moment(each.at)} for each in request.approvals],
        "approved_at": _moment(request.approved_at),
        "submitted_at": _moment(request.submitted_at),
        "job": job and {"id": job.id, "status": job.status.value, "percent": job.percent},
        "trouble": request.trouble,
        "glass": _glass(request),
        "outcome": closing
        and {"by": _person(closing.by), "at": _moment(closing.at), "why": closing.why, "code": closing.code},
        "changed": [{"name": name, "before": before, "now": now} for name, before, now in request.changed],
        "as_expected": request.inspection and request.inspection.as_expected,
    }


def of_known(request: Request, known: Known) -> Plain:
    """The card, the policy that decides and the approvals that are missing."""
    policy = known.policy
    return {
        "card": known.card and {"channel": known.card.channel, "ts": known.card.ts},
        "policy": policy and {"number": known.number, "targets": list(policy.targets), "needed": policy.needed},
        "policy_unread": known.unread or None,
        "missing": [
            {
                "count": each.count if isinstance(each, OpenSeats) else each.approvals,
                "of": list(each.approvers),
                "name": each.name,
            }
            for each in missing(request, policy)
        ],
    }


def of_history(history: Sequence[Entry]) -> list[Plain]:
    """The entries of the audit log, oldest first. Their `data` is an object here."""
    return [
        {
            "seq": entry.seq,
            "at": _moment(entry.at),
            "kind": entry.kind,
            "actor": _person(entry.actor),
            "data": json.loads(entry.data),
        }
        for entry in history
    ]


def _glass(request: Request) -> Plain | None:
    broken = request.broken_glass
    if broken is None:
        return None
    reviewed = None if broken.reviewed_by is None else _person(broken.reviewed_by)
    return {"by": _person(broken.by), "at": _moment(broken.at), "reason": broken.reason, "reviewed_by": reviewed}


def _instance(instance: InstanceRef) -> Plain:
    return {"id": instance.id, "name": instance.name}


def _person(person: Person) -> Plain:
    return {"enterprise": person.enterprise, "team": person.team, "user": person.user}


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
