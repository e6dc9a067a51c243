"""What the configuration says about restores onto certain targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from bot.domain.freeze import Freeze


class SafetyBackup(StrEnum):
    """Whether the target is backed up before it is overwritten."""

    REQUIRED = "required"
    OFFERED = "offered"
    OFF = "off"


class Confirm(StrEnum):
    """How the approver confirms that the target will be overwritten."""

    TYPE_NAME = "type_name"
    BUTTON = "button"


@dataclass(frozen=True, slots=True)
class ApproverGroup:
    """People and user groups, of whom `approvals` different people must say yes. Each approval that is needed is a seat;
    one person fills one seat, even who is in several groups."""

    approvers: tuple[str, ...]
    approvals: int = 1
    name: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """One entry of the configuration's `policies`; the first whose patterns match the target decides.

    `approvers` and `approvals` are the short form of a single group; `groups` has several. `notify` is mentioned when a
    request is made and reminded of, `escalate_to` when nobody has decided for `escalate_after`. `max_live_per_person` limits
    how many unfinished requests one person may have under this policy; None: as many as they like.
    """

    projects: tuple[str, ...] = ("*",)
    targets: tuple[str, ...] = ("*",)
    channels: tuple[str, ...] = ("*",)
    requesters: tuple[str, ...] = ("*",)
    approvers: tuple[str, ...] = ()
    approvals: int = 1
    groups: tuple[ApproverGroup, ...] = ()
    notify: tuple[str, ...] = ()
    safety_backup: SafetyBackup = SafetyBackup.OFFERED
    confirm: Confirm = Confirm.TYPE_NAME
    pending_for: timedelta = timedelta(minutes=30)
    remind_every: timedelta = timedelta(minutes=10)
    escalate_to: tuple[str, ...] = ()
    escalate_after: timedelta = timedelta(minutes=15)
    break_glass: tuple[str, ...] = ()
    freeze: tuple[Freeze, ...] = ()
    max_live_per_person: int | None = None

    @property
    def panel(self) -> tuple[ApproverGroup, ...]:
        """The groups that must approve, each with its own count."""
        return self.groups or (ApproverGroup(self.approvers, max(1, self.approvals)),)

    @property
    def needed(self) -> int:
        """How many approvals it takes in all."""
        return sum(group.approvals for group in self.panel)

    @property
    def everybody_who_approves(self) -> tuple[str, ...]:
        """Ids of all people and user groups that may approve, each once."""
        return tuple(dict.fromkeys(name for group in self.panel for name in group.approvers))


def policy_for(policies: Sequence[Policy], project: str, target_name: str) -> Policy | None:
    """The first policy whose project and target patterns match; None means: refused."""
    for policy in policies:
        if matches(policy.projects, project) and matches(policy.targets, target_name):
            return policy
    return None


def matches(patterns: Sequence[str], value: str) -> bool:
    """Whether one of the shell patterns fits."""
    return any(fnmatchcase(value, pattern) for pattern in patterns)


def is_group(name: str) -> bool:
    """Whether an id of the configuration names a Slack user group (their ids begin with S)."""
    return name.startswith("S")


def group_ids(policy: Policy | None) -> frozenset[str]:
    """The user groups that must be read before a decision under `policy`."""
    if policy is None:
        return frozenset()
    names = (*policy.everybody_who_approves, *policy.requesters, *policy.break_glass)
    return frozenset(name for name in names if is_group(name))
