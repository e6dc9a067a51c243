"""Policies that can never work."""

from datetime import timedelta

import pytest

from bot.cli.checks.policies import approvers, channels_of, groups_of, named_by, people_of, policies, targets
from bot.domain.condition import Status
from bot.domain.policy import ApproverGroup, Policy

TWO_GROUPS = Policy(groups=(ApproverGroup(("S0A",), 1), ApproverGroup(("S0B", "U0X"), 1)))


def test_what_the_policies_name_is_asked_for_once():
    policy = Policy(approvers=("S0A", "U0X"), requesters=("U0Y", "*"), notify=("S0A",), channels=("C0A", "C0B*", "C0A"))
    assert people_of([policy, policy]) == ["U0X", "U0Y"]
    assert groups_of([policy]) == ["S0A"]
    assert channels_of([policy]) == ["C0A"]


def test_a_group_is_found_wherever_a_policy_names_it():
    all_policies = [
        Policy(approvers=("U0X",), notify=("S0A",)),
        Policy(escalate_to=("S0A",), break_glass=("S0A",)),
        TWO_GROUPS,
    ]
    assert named_by(all_policies, "S0A") == [
        "policy 1 (notify)",
        "policy 2 (break_glass, escalate_to)",
        "policy 3 (approvers)",
    ]
    assert named_by(all_policies, "S0C") == []


def test_one_person_in_two_groups_is_one_person():
    found = approvers([TWO_GROUPS], {}, {"S0A": frozenset({"U0X"}), "S0B": frozenset({"U0X"})})
    assert found.status is Status.FAIL
    assert "wants 2 approvals" in found.detail
    enough = {"S0A": frozenset({"U0X", "U0Y"}), "S0B": frozenset({"U0X", "U0Z"})}
    assert approvers([TWO_GROUPS], {}, enough).status is Status.OK


def test_a_person_who_may_not_take_part_does_not_count():
    policy = Policy(approvers=("U0X", "U0Y", "U0Z"), approvals=2)
    assert approvers([policy], {"U0X": 1, "U0Y": 1, "U0Z": 1}, {}).status is Status.OK
    assert approvers([policy], {"U0X": 1}, {}).status is Status.FAIL


def test_a_group_that_was_not_read_is_not_counted():
    assert "`slack groups`" in approvers([TWO_GROUPS], {}, {"S0A": frozenset({"U0X"})}).detail


TEN, FIFTEEN, HALF_HOUR = timedelta(minutes=10), timedelta(minutes=15), timedelta(minutes=30)
NEVER_REMINDED = "Policy 2: nobody is ever reminded: `remind_every` is 30m, and a request expires after 10m (`pending_for`)."
NEVER_MENTIONED = (
    "Policy 2: S0BOSS are never mentioned: `escalate_after` is 15m, and a request expires after 10m (`pending_for`)."
)


@pytest.mark.parametrize(
    ("waits", "told"),
    [
        ({"pending_for": TEN, "remind_every": HALF_HOUR, "escalate_to": ("S0BOSS",)}, [NEVER_REMINDED, NEVER_MENTIONED]),
        ({"pending_for": TEN, "remind_every": HALF_HOUR}, [NEVER_REMINDED]),
        ({"pending_for": FIFTEEN, "escalate_to": ("S0BOSS",)}, [NEVER_MENTIONED.replace("10m", "15m")]),
        ({"pending_for": FIFTEEN}, []),
        ({"escalate_to": ("S0BOSS",)}, []),
    ],
)
def test_waits_that_are_not_over_before_the_request_expires(waits, told):
    right = Policy(approvers=("S0A",))
    found = policies([right, Policy(approvers=("S0A",), **waits)], ["prod"])
    if not told:
        assert found.status is Status.OK
        return
    assert (found.status, found.detail) == (Status.WARN, " ".join(told))
    assert found.next_step.count("of policy 2 shorter than its `pending_for`") == len(told)


def test_several_faults_are_all_named():
    found = policies([Policy(projects=("x",), approvers=("U0X",), approvals=2), Policy(projects=("y", "prod"))], ["prod"])
    assert found.status is Status.FAIL
    assert all(words in found.detail for words in ("Policy 1 is for x", "only 1 can approve", "Policy 2 is for y"))


def test_a_policy_behind_a_wider_one_never_decides():
    wide, narrow = Policy(targets=("*",)), Policy(targets=("billing-*",))
    instances = {"prod": ["billing-prod", "blog"]}
    assert targets([narrow, wide], instances).status is Status.OK
    assert "earlier policies" in targets([wide, narrow], instances).detail
    assert "matches no instance" in targets([Policy(targets=("x",)), wide], instances).detail
