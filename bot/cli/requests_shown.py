"""A request in lines for a terminal: how it stands, what it waits for, what happened."""

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.policy import ApproverGroup, Policy
from bot.domain.quorum import OpenSeats
from bot.domain.request import Request, named
from bot.domain.states import State
from bot.store.chain import Entry
from bot.workflow.store_ports import Post
from bot.workflow.submit import APPROVED_FOR

NAMES_END = 12
"""Where the values begin."""
TOGETHER = "\u00a0"
"""A blank at which no line ends: a name stays with its value."""
NONE = "none"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a request beside its own row. `policy` decides for its target, and is number `number` (from 1) of the
    configuration; both None where none matches, or where `unread` says why the configuration could not be read."""

    card: Post | None
    number: int | None
    policy: Policy | None
    unread: str


def shown(request: Request, known: Known, history: Sequence[Entry], width: int) -> list[str]:
    """All lines. What is longer than `width` goes on in the next line; names and ids are never cut."""
    lines = [line for name, value in _facts(request, known) for line in _wrapped(f"{name:<{NAMES_END}}", value, width)]
    lines += ["", "history (UTC)"]
    for entry in history:
        lines.append(f"{entry.at:%Y-%m-%d %H:%M:%S}  {entry.kind:<14}{clean(entry.actor.user)}")
        said = "; ".join(f"{key}:{TOGETHER}{clean(str(value))}" for key, value in json.loads(entry.data).items())
        lines += _wrapped("    ", said, width) if said else []
    return lines


def clean(text: str) -> str:
    """What somebody wrote, in one line and without anything that a terminal would obey."""
    joined = " ".join(text.split())
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in joined)


def missing(request: Request, policy: Policy | None) -> Sequence[OpenSeats | ApproverGroup]:
    """Whose approvals a pending request still waits for; as of the newest approval, since only Slack knows who is in a user
    group now."""
    if request.state is not State.PENDING:
        return ()
    if request.approvals:
        return request.still_needed
    return policy.panel if policy is not None else ()


def deadline(request: Request) -> datetime | None:
    """When the request expires if nothing happens; None where it does not any more."""
    if request.state is State.PENDING:
        return request.expires_at
    if request.state is State.APPROVED and request.approved_at is not None:
        return request.approved_at + APPROVED_FOR
    return None


def _wrapped(name: str, value: str, width: int) -> list[str]:
    room = max(width - len(name), 20)
    parts = textwrap.wrap(value, room, break_long_words=False, break_on_hyphens=False) or [""]
    indents = [name, *(" " * len(name) for _ in parts[1:])]
    return [(indent + part).replace(TOGETHER, " ").rstrip() for indent, part in zip(indents, parts, strict=True)]


def _facts(request: Request, known: Known) -> Iterator[tuple[str, str]]:
    wish = request.wish
    yield "id", request.id
    yield "state", request.state.value
    yield "project", clean(wish.project)
    yield "source", f"{clean(wish.source.name)} ({wish.source.id})"
    yield "target", f"{clean(wish.target.name)} ({wish.target.id})"
    yield "point", clean(named(wish.point))
    yield "requester", f"{request.requester.user} at {_moment(request.opened_at)}"
    yield "reason", clean(wish.reason)
    yield "channel", request.place.channel + (f", thread {request.place.thread}" if request.place.thread else "")
    yield "card", _card(known.card)
    yield "policy", _policy(known)
    yield "approvals", _approvals(request, known.policy)
    yield "missing", _missing(request, known)
    yield "deadline", _deadline(request)
    if request.broken_glass is not None:
        yield "glass", _glass(request)
    yield "job", _job(request)
    if request.trouble:
        yield "trouble", clean(request.trouble)
    yield "outcome", _outcome(request)
    for name, before, now in request.changed:
        yield "changed", clean(f"{name}: was {before}, is now {now}")


def _card(card: Post | None) -> str:
    if card is None:
        return "not posted yet"
    return f"its link ends in /archives/{card.channel}/p{card.ts.replace('.', '')}"


def _policy(known: Known) -> str:
    if known.unread:
        return f"not known here. {clean(known.unread)}"
    if known.policy is None:
        return "none matches the target any more: nobody may approve"
    targets, projects = ", ".join(known.policy.targets), ", ".join(known.policy.projects)
    return clean(f"{known.number} of the configuration: targets {targets}; projects {projects}")


def _approvals(request: Request, policy: Policy | None) -> str:
    given = ", ".join(f"{each.person.user} at {_moment(each.at)}" for each in request.approvals) or NONE
    return f"{given} (of {policy.needed})" if policy is not None else given


def _missing(request: Request, known: Known) -> str:
    if request.state is not State.PENDING:
        return NONE
    wanted = missing(request, known.policy)
    if not wanted:
        return "not known here" if known.unread else "nobody may approve"
    return " and ".join(_seats(each) for each in wanted)


def _seats(wanted: OpenSeats | ApproverGroup) -> str:
    count = wanted.count if isinstance(wanted, OpenSeats) else wanted.approvals
    return f"{count} of {', '.join(wanted.approvers)}" + (f" ({clean(wanted.name)})" if wanted.name else "")


def _deadline(request: Request) -> str:
    until = deadline(request)
    if until is None:
        return NONE
    return f"{_moment(until)}: {'decided' if request.state is State.PENDING else 'submitted'} by then, or it expires"


def _glass(request: Request) -> str:
    broken = request.broken_glass
    if broken is None:
        return NONE
    signed = f"signed off by {broken.reviewed_by.user}" if broken.reviewed_by is not None else "not signed off yet"
    return f"broken by {broken.by.user} at {_moment(broken.at)}: {clean(broken.reason)} ({signed})"


def _job(request: Request) -> str:
    if request.job is None:
        return NONE
    percent = "" if request.job.percent is None else f", {request.job.percent} %"
    return f"{request.job.id} ({request.job.status.value}{percent})"


def _outcome(request: Request) -> str:
    closing = request.closing
    if closing is None:
        return "not finished"
    by = f" by {closing.by.user}" if closing.by.team else ""
    parts = [f"{request.state.value}{by} at {_moment(closing.at)}"]
    if request.state is State.SUCCEEDED:
        parts[0] += f", {_span(closing.at - request.since)} after the call"
    parts += [clean(closing.why)] if closing.why else []
    parts += [f"code {closing.code}"] if closing.code else []
    if request.inspection is not None:
        said = "as expected" if request.inspection.as_expected else "not as expected"
        parts.append(f"{said}, says {request.inspection.by.user}")
    return "; ".join(parts)


def _span(length: timedelta) -> str:
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    return f"{minutes} min {seconds} s"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
