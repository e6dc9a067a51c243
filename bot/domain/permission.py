"""Who may ask, who may approve, who may break the glass.

One decision function for each serves the card, the click and the submit. It fails closed: what is not known counts as no.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.people import Person, Profile, Unread
from bot.domain.policy import Policy, is_group, matches

Groups = Mapping[str, frozenset[str] | Unread]
"""Members of user groups by group id, or why Slack did not tell."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes, or no with a sentence that says why and a stable code."""

    allowed: bool
    code: str = "ok"
    why: str = ""


YES = Verdict(allowed=True)


def may_ask(policy: Policy | None, channel: str, person: Profile, groups: Groups) -> Verdict:
    """Whether this person may ask for a restore under `policy` in this channel."""
    if policy is None:
        return Verdict(False, "no_policy", "No policy allows restores onto this instance. Ask the operator of this bot.")
    fit = standing(person)
    if not fit.allowed:
        return fit
    if not matches(policy.channels, channel):
        return Verdict(False, "channel_not_allowed", "Restores onto this instance may not be asked for in this channel.")
    if "*" in policy.requesters or listed(policy.requesters, person.user, groups):
        return YES
    unread = _unread(policy.requesters, groups)
    if unread is not None:
        return unread
    return Verdict(False, "not_a_requester", "You are not among the people who may ask for a restore onto this instance.")


def may_approve(policy: Policy | None, requester: Person, person: Person, profile: Profile, groups: Groups) -> Verdict:
    """Whether this person's approval (or denial) counts for a request of `requester`. The requester never counts."""
    if person.user == requester.user:
        return Verdict(False, "own_request", "You asked for this restore, so somebody else must decide.")
    if person.organisation != requester.organisation:
        # A user id of another organisation may be somebody else's that the policy lists.
        return Verdict(False, "other_workspace", "People of another workspace cannot do this.")
    if policy is None:
        return Verdict(False, "no_policy", "No policy covers this target any more, so nobody can approve.")
    fit = standing(profile)
    if not fit.allowed:
        return fit
    names = policy.everybody_who_approves
    if not names:
        return Verdict(False, "no_approvers", "The policy for this target names no approvers, so nobody can approve.")
    if listed(names, person.user, groups):
        return YES
    return _unread(names, groups) or Verdict(
        False, "not_an_approver", "You are not among the people who may approve this restore."
    )


def may_break_glass(policy: Policy | None, profile: Profile, groups: Groups) -> Verdict:
    """Whether this person may start the restore without approvals. The policy must list the person by name or group."""
    if policy is None or not policy.break_glass:
        return Verdict(False, "no_break_glass", "The policy for this target has no break-glass.")
    fit = standing(profile)
    if not fit.allowed:
        return fit
    if listed(policy.break_glass, profile.user, groups):
        return YES
    return _unread(policy.break_glass, groups) or Verdict(
        False, "not_for_break_glass", "You are not among the people who may start this restore without approvals."
    )


def may_review(
    policy: Policy | None, requester: Person, broke: Person, person: Person, profile: Profile, groups: Groups
) -> Verdict:
    """Whether this person may sign off a break-glass: an approver who neither asked nor broke the glass."""
    if person.user == broke.user:
        return Verdict(False, "own_break_glass", "You started this restore alone, so somebody else must review it.")
    return may_approve(policy, requester, person, profile, groups)


def listed(names: Sequence[str], user: str, groups: Groups) -> bool:
    """Whether a user is among ids of people and of user groups. A group that could not be read has no members."""
    for name in names:
        members = groups.get(name) if is_group(name) else None
        if name == user or (isinstance(members, frozenset) and user in members):
            return True
    return False


def _unread(names: Sequence[str], groups: Groups) -> Verdict | None:
    for name in names:
        members = groups.get(name)
        if isinstance(members, Unread):
            why = f"Slack did not tell who belongs to the user group {name}: {members.why}"
            return Verdict(False, "group_unreadable", why)
    return None


def standing(person: Profile) -> Verdict:
    """Whether this is a person of ours who is neither deactivated nor a guest."""
    if person.is_bot:
        return Verdict(False, "is_bot", "Bots cannot do this.")
    if person.deactivated:
        return Verdict(False, "deactivated", "This account is deactivated.")
    if person.guest:
        return Verdict(False, "is_guest", "Guests cannot do this.")
    if person.outside:
        return Verdict(False, "other_workspace", "People of another workspace cannot do this.")
    return YES
