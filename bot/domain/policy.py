"""Who may ask, who may approve, and whether there are enough approvals.

One decision function serves the card, the click and the submit. It fails closed: what is not known counts as no.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from bot.domain.people import Person, Profile

Groups = Mapping[str, frozenset[str] | None]
"""Members of user groups by group id; None where Slack did not tell."""


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
class Policy:
    """One entry of the configuration's `policies`; the first whose patterns match the target decides."""

    projects: tuple[str, ...] = ("*",)
    targets: tuple[str, ...] = ("*",)
    channels: tuple[str, ...] = ("*",)
    requesters: tuple[str, ...] = ("*",)
    approvers: tuple[str, ...] = ()
    approvals: int = 1
    notify: tuple[str, ...] = ()
    safety_backup: SafetyBackup = SafetyBackup.OFFERED
    confirm: Confirm = Confirm.TYPE_NAME
    pending_for: timedelta = timedelta(minutes=30)
    remind_every: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes, or no with a sentence that says why and a stable code."""

    allowed: bool
    code: str = "ok"
    why: str = ""


YES = Verdict(allowed=True)


def policy_for(policies: Sequence[Policy], project: str, target_name: str) -> Policy | None:
    """The first policy whose project and target patterns match; None means: refused."""
    for policy in policies:
        if _matches(policy.projects, project) and _matches(policy.targets, target_name):
            return policy
    return None


def may_ask(policy: Policy | None, channel: str, person: Profile, groups: Groups) -> Verdict:
    """Whether this person may ask for a restore under `policy` in this channel."""
    if policy is None:
        return Verdict(False, "no_policy", "No policy allows restores onto this instance. Ask the operator of this bot.")
    standing = _in_good_standing(person)
    if not standing.allowed:
        return standing
    if not _matches(policy.channels, channel):
        return Verdict(False, "channel_not_allowed", "Restores onto this instance may not be asked for in this channel.")
    if "*" not in policy.requesters and not _listed(policy.requesters, person.user, groups):
        return Verdict(
            False, "not_a_requester", "You are not among the people who may ask for a restore onto this instance."
        )
    return YES


def may_approve(policy: Policy | None, requester: Person, person: Person, profile: Profile, groups: Groups) -> Verdict:
    """Whether this person's approval (or denial) counts for a request of `requester`. The requester never counts."""
    if person.user == requester.user:
        return Verdict(False, "own_request", "You asked for this restore, so somebody else must decide.")
    if policy is None:
        return Verdict(False, "no_policy", "No policy covers this target any more, so nobody can approve.")
    standing = _in_good_standing(profile)
    if not standing.allowed:
        return standing
    if not policy.approvers:
        return Verdict(False, "no_approvers", "The policy for this target names no approvers, so nobody can approve.")
    if _listed(policy.approvers, person.user, groups):
        return YES
    unread = [group for group in policy.approvers if group in groups and groups[group] is None]
    if unread:
        return Verdict(
            False,
            "group_unreadable",
            "Slack did not tell who belongs to the approvers' group, so nobody can approve now. Try again in a minute.",
        )
    return Verdict(False, "not_an_approver", "You are not among the people who may approve this restore.")


def counting(
    policy: Policy | None, requester: Person, approvers: Mapping[Person, Profile], groups: Groups
) -> frozenset[Person]:
    """Those of the approvers whose approval counts at this moment."""
    return frozenset(
        person for person, profile in approvers.items() if may_approve(policy, requester, person, profile, groups).allowed
    )


def enough(policy: Policy | None, counted: frozenset[Person]) -> bool:
    """Whether the people whose approval counts are at least as many as the policy asks for."""
    return policy is not None and len(counted) >= max(1, policy.approvals)


def group_ids(policy: Policy | None) -> frozenset[str]:
    """The user groups that must be read before a decision under `policy`."""
    if policy is None:
        return frozenset()
    return frozenset(name for name in (*policy.approvers, *policy.requesters) if is_group(name))


def is_group(name: str) -> bool:
    """Whether an id of the configuration names a Slack user group (their ids begin with S)."""
    return name.startswith("S")


def _in_good_standing(person: Profile) -> Verdict:
    if person.is_bot:
        return Verdict(False, "is_bot", "Bots cannot do this.")
    if person.deactivated:
        return Verdict(False, "deactivated", "This account is deactivated.")
    if person.guest:
        return Verdict(False, "is_guest", "Guests cannot do this.")
    if person.outside:
        return Verdict(False, "other_workspace", "People of another workspace cannot do this.")
    return YES


def _listed(names: Sequence[str], user: str, groups: Groups) -> bool:
    for name in names:
        if name == user:
            return True
        if is_group(name) and user in (groups.get(name) or frozenset()):
            return True
    return False


def _matches(patterns: Sequence[str], value: str) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in patterns)
