"""What each policy means, in a table: for the operator who has just written it."""

from collections.abc import Sequence
from datetime import timedelta

from rich.table import Table

from bot.domain.freeze import DatedFreeze, Freeze
from bot.domain.policy import ApproverGroup, Confirm, Policy, SafetyBackup

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SAFETY = {
    SafetyBackup.REQUIRED: "a backup of the target first",
    SafetyBackup.OFFERED: "a backup of the target first, if the requester wants it",
    SafetyBackup.OFF: "no backup of the target",
}


def policy_table(policies: Sequence[Policy]) -> Table:
    """One row a policy, in the order in which they are tried."""
    title = "Policies: the first that matches decides; where none matches, the restore is refused"
    table = Table(title=title, show_lines=True)
    for heading in ("#", "onto", "asked for by", "approved by", "then"):
        table.add_column(heading, overflow="fold")
    for number, policy in enumerate(policies, 1):
        table.add_row(str(number), _onto(policy), _asked(policy), _approved(policy), _then(policy))
    return table


def _onto(policy: Policy) -> str:
    return f"{_any(policy.targets, 'every instance')}\nin {_any(policy.projects, 'every project')}"


def _asked(policy: Policy) -> str:
    lines = [_any(policy.requesters, "everybody"), f"in {_any(policy.channels, 'every channel')}"]
    if policy.max_live_per_person is not None:
        lines.append(f"at most {policy.max_live_per_person} unfinished each")
    return "\n".join([*lines, *(f"not {_freeze(freeze)}" for freeze in policy.freeze)])


def _approved(policy: Policy) -> str:
    lines = [_group(group) for group in policy.panel]
    lines.append("never by the requester")
    if policy.break_glass:
        lines.append(f"break-glass: {', '.join(policy.break_glass)}")
    return "\n".join(lines)


def _group(group: ApproverGroup) -> str:
    name = f" ({group.name})" if group.name else ""
    return f"{group.approvals} of {', '.join(group.approvers)}{name}"


def _then(policy: Policy) -> str:
    confirm = "types the target's name" if policy.confirm is Confirm.TYPE_NAME else "presses the button"
    lines = [
        f"the approver {confirm}",
        SAFETY[policy.safety_backup],
        f"tells {', '.join(policy.notify or policy.everybody_who_approves)}, reminds after {span(policy.remind_every)}",
    ]
    if policy.escalate_to:
        lines.append(f"escalates to {', '.join(policy.escalate_to)} after {span(policy.escalate_after)}")
    return "\n".join([*lines, f"expires after {span(policy.pending_for)}"])


def _freeze(freeze: Freeze) -> str:
    why = f" ({freeze.why})" if freeze.why else ""
    if isinstance(freeze, DatedFreeze):
        return f"from {freeze.begins:%Y-%m-%d %H:%M %Z} to {freeze.ends:%Y-%m-%d %H:%M %Z}{why}"
    days = ", ".join(DAYS[day] for day in sorted(freeze.days))
    return f"{days} {freeze.start:%H:%M} to {freeze.end:%H:%M} {freeze.zone}{why}"


def span(length: timedelta) -> str:
    """A duration as it is written in the configuration, in its largest whole unit."""
    seconds = int(length.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _any(names: Sequence[str], everything: str) -> str:
    return everything if "*" in names else ", ".join(names) or "nobody"
