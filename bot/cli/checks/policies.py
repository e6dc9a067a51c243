"""Policies that can never work: looked for with what the configuration, Slack and the cloud tell."""

from collections.abc import Mapping, Sequence

from bot.cli.policy_table import span
from bot.domain.condition import Condition, doubtful, not_asked, together, wrong
from bot.domain.policy import ApproverGroup, Policy, is_group, matches, policy_for

POLICIES, APPROVERS, TARGETS = "policies", "approvers", "policy targets"
WILD = frozenset("*?[")


def people_of(policies: Sequence[Policy]) -> list[str]:
    """Ids of all people whom the policies name, each once."""
    return [name for name in _names(policies) if not is_group(name)]


def groups_of(policies: Sequence[Policy]) -> list[str]:
    """Ids of all user groups that the policies name, each once."""
    return [name for name in _names(policies) if is_group(name)]


def named_by(policies: Sequence[Policy], name: str) -> list[str]:
    """The policies that name this person or group, and under which keys: "policy 1 (approvers, notify)"."""
    found = []
    for number, policy in enumerate(policies, 1):
        keys = [key for key, names in _keys(policy).items() if name in names]
        if keys:
            found.append(f"policy {number} ({', '.join(keys)})")
    return found


def channels_of(policies: Sequence[Policy]) -> list[str]:
    """Ids of all single channels that the policies name, each once."""
    named = [channel for policy in policies for channel in policy.channels]
    return list(dict.fromkeys(name for name in named if not WILD & set(name)))


def policies(all_policies: Sequence[Policy], projects: Sequence[str]) -> Condition:
    """What the configuration alone tells."""
    found = []
    for number, policy in enumerate(all_policies, 1):
        absent = [pattern for pattern in policy.projects if not any(matches((pattern,), name) for name in projects)]
        if absent:
            found.append(
                doubtful(
                    f"Policy {number} is for {', '.join(absent)}, but no such project is configured.",
                    f"Correct `projects` of policy {number}, or add the project.",
                )
            )
        for group in policy.panel:
            people = set(group.approvers)
            if not any(is_group(name) for name in people) and len(people) < group.approvals:
                found.append(_too_few(number, group, len(people)))
        found += _never_fires(number, policy)
    return together(found, f"Policies: {len(all_policies)}, for {', '.join(projects)}.")


def approvers(
    all_policies: Sequence[Policy], people: Mapping[str, object], groups: Mapping[str, frozenset[str]]
) -> Condition:
    """Whether enough people can approve: `people` may take part, `groups` were read."""
    found = []
    for number, policy in enumerate(all_policies, 1):
        if any(is_group(name) and name not in groups for name in policy.everybody_who_approves):
            found.append(not_asked("`slack groups`"))
            continue
        everybody: set[str] = set()
        for group in policy.panel:
            able = _able(group, people, groups)
            everybody |= able
            if len(able) < group.approvals:
                found.append(_too_few(number, group, len(able)))
            elif len(able) == group.approvals:
                found.append(_just_enough(number, group))
        if len(everybody) < policy.needed:
            found.append(_too_few(number, ApproverGroup(policy.everybody_who_approves, policy.needed), len(everybody)))
    return together(found, "Each policy has more approvers than it needs.")


def targets(all_policies: Sequence[Policy], instances: Mapping[str, Sequence[str]]) -> Condition:
    """Whether each policy decides for an instance; `instances` are names by project."""
    decided = {id(policy_for(all_policies, project, name)) for project, names in instances.items() for name in names}
    found = []
    for number, policy in enumerate(all_policies, 1):
        if id(policy) in decided:
            continue
        fitting = any(
            matches(policy.projects, project) and matches(policy.targets, name)
            for project, names in instances.items()
            for name in names
        )
        what = f"Policy {number} (targets {', '.join(policy.targets)})"
        if fitting:
            step = f"Move policy {number} up, before the wider ones."
            found.append(doubtful(f"{what} never decides: earlier policies match all its instances.", step))
        else:
            step = f"Correct `targets` of policy {number}, or leave it for instances to come."
            found.append(doubtful(f"{what} matches no instance.", step))
    return together(found, "Each policy decides for an instance.")


def _never_fires(number: int, policy: Policy) -> list[Condition]:
    """Waits that are not over before the request expires."""
    limit = policy.pending_for
    waits = []
    if policy.remind_every >= limit:
        waits.append(("nobody is ever reminded", "remind_every", policy.remind_every))
    if policy.escalate_to and policy.escalate_after >= limit:
        waits.append((f"{', '.join(policy.escalate_to)} are never mentioned", "escalate_after", policy.escalate_after))
    return [
        doubtful(
            f"Policy {number}: {what}: `{key}` is {span(wait)}, and a request expires after {span(limit)} (`pending_for`).",
            f"Make `{key}` of policy {number} shorter than its `pending_for`, or that longer.",
        )
        for what, key, wait in waits
    ]


def _names(all_policies: Sequence[Policy]) -> list[str]:
    named = [name for policy in all_policies for names in _keys(policy).values() for name in names]
    return list(dict.fromkeys(name for name in named if name != "*"))


def _keys(policy: Policy) -> dict[str, Sequence[str]]:
    """Where a policy names people and user groups."""
    return {
        "approvers": policy.everybody_who_approves,
        "requesters": policy.requesters,
        "break_glass": policy.break_glass,
        "notify": policy.notify,
        "escalate_to": policy.escalate_to,
    }


def _able(group: ApproverGroup, people: Mapping[str, object], groups: Mapping[str, frozenset[str]]) -> set[str]:
    members = {member for name in group.approvers if is_group(name) for member in groups[name]}
    return members | {name for name in group.approvers if name in people}


def _too_few(number: int, group: ApproverGroup, count: int) -> Condition:
    return wrong(
        f"Policy {number} wants {group.approvals} approvals of {', '.join(group.approvers)}, but only {count} can approve.",
        f"Add approvers to policy {number} (or members to its group), or lower `approvals`.",
    )


def _just_enough(number: int, group: ApproverGroup) -> Condition:
    return doubtful(
        f"Policy {number}: just {group.approvals} can approve of {', '.join(group.approvers)}, so none of them can ask.",
        f"Add an approver to policy {number} (or a member to its group): nobody approves what they asked for.",
    )
