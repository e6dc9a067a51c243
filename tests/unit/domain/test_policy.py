import pytest

from bot.domain.policy import ApproverGroup, Policy, group_ids, policy_for

BILLING = Policy(projects=("prod",), targets=("billing-*",), approvals=2)
PROD = Policy(targets=("*-prod",))
ORDERS = Policy(targets=("orders-*", "shop"))
TEST = Policy(projects=("test-*",))


@pytest.mark.parametrize(
    ("project", "target", "decides"),
    [
        ("prod", "billing-prod", BILLING),
        ("prod", "orders-prod", PROD),
        ("prod", "orders-staging", ORDERS),
        ("prod", "shop", ORDERS),
        ("prod", "SHOP", None),
        ("prod", "shop-2", None),
        ("test-1", "billing-prod", PROD),
        ("test-1", "billing-test", TEST),
        ("test", "anything", None),
    ],
)
def test_the_first_policy_that_matches_decides(project, target, decides):
    assert policy_for([BILLING, PROD, ORDERS, TEST], project, target) is decides


def test_which_groups_must_be_read():
    groups = (ApproverGroup(("S3", "U3")),)
    policy = Policy(groups=groups, requesters=("S2", "*"), break_glass=("S4", "U1"), notify=("S9",))
    assert group_ids(policy) == {"S2", "S3", "S4"}
    assert group_ids(Policy(approvers=("S1", "U1"))) == {"S1"}
    assert group_ids(None) == frozenset()


def test_the_short_form_is_one_group():
    assert Policy(approvers=("S1",), approvals=2).panel == (ApproverGroup(("S1",), 2),)
    assert Policy(approvers=("S1",), approvals=0).needed == 1
    several = Policy(groups=(ApproverGroup(("S1", "U1"), 2), ApproverGroup(("U1", "S2"))))
    assert several.needed == 3
    assert several.everybody_who_approves == ("S1", "U1", "S2")
