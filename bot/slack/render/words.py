"""The words for states and outcomes: the same in card, thread, lists and home."""

from collections.abc import Mapping, Sequence

from bot.domain.facts import BackupPoint
from bot.domain.policy import ApproverGroup, Policy
from bot.domain.quorum import OpenSeats
from bot.domain.request import Request
from bot.domain.states import State
from bot.slack.render import text

STATE = {
    State.PENDING: ("⏳", "Waiting for approval"),
    State.APPROVED: ("☑️", "Approved, about to start"),
    State.BACKING_UP: ("🛟", "Backing up the target first"),
    State.SUBMITTING: ("📨", "Sending the recovery call"),
    State.RESTORING: ("🔄", "Restoring"),
    State.UNKNOWN: ("❓", "Unknown: did the cloud take the call?"),
    State.SUCCEEDED: ("✅", "Restored"),
    State.FAILED: ("❌", "Failed"),
    State.DENIED: ("🚫", "Denied"),
    State.CANCELLED: ("↩️", "Cancelled"),
    State.EXPIRED: ("⌛", "Expired"),
    State.INVALIDATED: ("⚠️", "Void: the facts have changed"),
}
"""A sign and a title for each state."""
DATABASES_SHOWN = 20


def title(request: Request) -> str:
    """Sign, state and target in one plain line."""
    sign, word = STATE[request.state]
    return f"{sign} {word}: {request.wish.target.name}"


def point(request: Request) -> str:
    """The restore point, mrkdwn."""
    chosen = request.wish.point
    if isinstance(chosen, BackupPoint):
        return f"backup {text.code(chosen.name)} of {text.when(chosen.taken_at)}"
    return text.exactly(chosen.at)


def what(request: Request) -> str:
    """What happens to what, mrkdwn."""
    wish = request.wish
    source = "its own state" if wish.source.id == wish.target.id else text.code(wish.source.name)
    return f"overwrite {text.code(wish.target.name)} with {source} as of {point(request)}"


def needed(policy: Policy | None) -> int:
    """How many approvals it takes."""
    return policy.needed if policy is not None else 1


def approvers(policy: Policy | None) -> str:
    """Mentions of those who are to be told; else of those who may approve."""
    if policy is None:
        return ""
    return mentions(policy.notify or policy.everybody_who_approves)


def mentions(names: Sequence[str]) -> str:
    """People and user groups, mentioned."""
    return " ".join(text.mention(name) for name in names)


def seats(wanted: Sequence[OpenSeats | ApproverGroup], called: Sequence[str] = ()) -> str:
    """How many of whom: "one of @dba and 2 of @ic (incident commander)". A mention calls people: where only some are to be
    `called`, the others are not named."""
    return " and ".join(_seat(each, called) for each in wanted)


def _seat(wanted: OpenSeats | ApproverGroup, called: Sequence[str]) -> str:
    count = wanted.count if isinstance(wanted, OpenSeats) else wanted.approvals
    name = f" ({text.said(wanted.name, 60)})" if wanted.name else ""
    named = [each for each in wanted.approvers if not called or each in called]
    rest = ["the other approvers" if named else "the approvers"] if len(named) < len(wanted.approvers) else []
    return f"{'one' if count == 1 else count} of {' or '.join([mentions(named), *rest] if named else rest)}{name}"


def approvals(request: Request, policy: Policy | None, *, in_window: bool = False) -> str:
    """How the approvals stand: who has given one, whose is missing. `in_window`: where a name calls nobody."""
    given = ", ".join(f"{text.person(approval.person.user)} ✓" for approval in request.approvals)
    missing = sum(each.count for each in request.still_needed)
    if request.state is State.PENDING:
        count = needed(policy) - missing if request.approvals else 0
        waiting = f"waiting for {_waiting(request, policy, in_window)}" if policy is not None else "nobody may approve"
        return f"{count} of {needed(policy)}{': ' + given if given else ''}, {waiting}"
    if request.broken_glass is not None:
        return f"🚨 none needed: {text.person(request.broken_glass.by.user)} broke the glass"
    return f"{len(request.approvals)} of {needed(policy)}{': ' + given if given else ''}"


def _waiting(request: Request, policy: Policy, in_window: bool) -> str:
    called = () if in_window else policy.notify
    if not request.approvals:
        return seats(policy.panel, called)
    return seats(request.still_needed, called).replace("one of", "one more of", 1)


def databases(names: Mapping[str, str]) -> str:
    """Which databases are restored under which names, mrkdwn."""
    return ", ".join(
        f"{text.code(old, 64)} → {text.code(new.replace(',', ', '), 200)}" if new and new != old else text.code(old, 64)
        for old, new in sorted(names.items())
    )


def glass(request: Request) -> str:
    """That the glass was broken, by whom and why, and whether somebody has signed it off; empty if it was not."""
    broken = request.broken_glass
    if broken is None:
        return ""
    line = f"🚨 {text.person(broken.by.user)} started this without the approvals: {text.said(broken.reason)}"
    if broken.reviewed_by is None or broken.reviewed_at is None:
        return f"{line}\nSomebody who may approve must still sign this off."
    return f"{line}\nSigned off by {text.person(broken.reviewed_by.user)} {text.when(broken.reviewed_at)}."


def inspection(request: Request) -> str:
    """What a person said of the restored database; empty if nobody has."""
    said = request.inspection
    if said is None:
        return ""
    return f"{'👍' if said.as_expected else '👎'} {text.person(said.by.user)} looked at it: " + (
        "as expected." if said.as_expected else "*not as expected*."
    )


def outcome(request: Request) -> str:
    """How it ended, mrkdwn; empty while it has not."""
    closing = request.closing
    if closing is None:
        return ""
    by = text.person(closing.by.user) if closing.by.team else ""
    why = text.said(closing.why)
    if request.state is State.SUCCEEDED:
        took = text.span(closing.at - request.since)
        return (
            f"{text.code(request.wish.target.name)} is back after {took}, with the data of {point(request)}. "
            "Its admin password is the one of that time." + _databases(request)
        )
    if request.state in (State.DENIED, State.CANCELLED):
        verb = "Denied" if request.state is State.DENIED else "Cancelled"
        return f"{verb} by {by}{': ' + why if why else '.'} Nothing was changed."
    if request.state is State.EXPIRED:
        return f"{why} Ask again with `/rds-restore` if it is still needed."
    if request.state is State.INVALIDATED:
        changed = "\n".join(
            f"• {text.said(name)}: was {text.said(before)}, is now {text.said(now)}" for name, before, now in request.changed
        )
        return f"{why} What changed:\n{changed}\nAsk again with `/rds-restore`: the new facts need a new approval."
    return f"{why} {'Said by ' + by + '.' if by else ''}".strip()


def _databases(request: Request) -> str:
    names = request.databases_after
    if names is None:
        return ""
    shown = ", ".join(text.code(name, 64) for name in names[:DATABASES_SHOWN])
    more = f" and {len(names) - DATABASES_SHOWN} more" if len(names) > DATABASES_SHOWN else ""
    return f" Databases on it: {shown}{more}." if names else " There are no databases on it."
