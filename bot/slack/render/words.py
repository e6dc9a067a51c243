"""The words for states and outcomes: the same in card, thread, lists and home."""

from bot.domain.facts import BackupPoint
from bot.domain.policy import Policy
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


def title(request: Request) -> str:
    """Sign, state and target in one plain line."""
    sign, word = STATE[request.state]
    return f"{sign} {word}: {request.wish.target.name}"


def point(request: Request) -> str:
    """The restore point, mrkdwn."""
    chosen = request.wish.point
    if isinstance(chosen, BackupPoint):
        return f"backup {text.code(chosen.name)} of {text.when(chosen.taken_at)}"
    return text.when(chosen.at)


def what(request: Request) -> str:
    """What happens to what, mrkdwn."""
    wish = request.wish
    source = "its own state" if wish.source.id == wish.target.id else text.code(wish.source.name)
    return f"overwrite {text.code(wish.target.name)} with {source} as of {point(request)}"


def needed(policy: Policy | None) -> int:
    """How many approvals it takes."""
    return max(1, policy.approvals) if policy is not None else 1


def approvers(policy: Policy | None) -> str:
    """Mentions of those who are to be told; else of those who may approve."""
    if policy is None:
        return ""
    return " ".join(text.mention(name) for name in (policy.notify or policy.approvers))


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
            "Its admin password is the one of that time."
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
