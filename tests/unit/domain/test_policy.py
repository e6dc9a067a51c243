import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.people import Person, Profile
from bot.domain.policy import Policy, counting, enough, group_ids, may_approve, may_ask, policy_for

USERS = ("U0ALICE", "U0BOB", "U0DANA", "U0CAROL")
ALICE = Person("", "T1", "U0ALICE")
people = st.sampled_from(USERS)
profiles = st.builds(
    Profile,
    user=people,
    team=st.just("T1"),
    name=st.just("x"),
    is_bot=st.booleans(),
    deactivated=st.booleans(),
    guest=st.booleans(),
    outside=st.booleans(),
)
policies = st.builds(
    Policy,
    approvers=st.lists(st.sampled_from([*USERS, "S0DBA", "S0OPS", "*"]), max_size=3).map(tuple),
    approvals=st.integers(min_value=0, max_value=3),
)
groups = st.dictionaries(st.sampled_from(["S0DBA", "S0OPS"]), st.none() | st.frozensets(people))


@given(policies, profiles, groups)
def test_the_requester_never_counts(policy, profile, members):
    assert not may_approve(policy, ALICE, ALICE, profile, members).allowed


@given(policies, profiles, groups)
def test_whoever_may_approve_is_listed_and_in_good_standing(policy, profile, members):
    person = Person("", "T1", profile.user)
    if may_approve(policy, ALICE, person, profile, members).allowed:
        assert not any((profile.is_bot, profile.deactivated, profile.guest, profile.outside))
        in_groups = {user for name in policy.approvers for user in members.get(name) or ()}
        assert profile.user in policy.approvers or profile.user in in_groups


@given(policies, st.lists(profiles, max_size=6), groups)
def test_enough_means_as_many_different_people(policy, clicked, members):
    by_person = {Person("", "T1", profile.user): profile for profile in clicked}
    counted = counting(policy, ALICE, by_person, members)
    assert ALICE not in counted
    if enough(policy, counted):
        assert len(counted) >= max(1, policy.approvals)


def test_nothing_is_enough_without_a_policy():
    assert not enough(None, frozenset({Person("", "T1", "U0BOB")}))


def test_the_first_policy_that_matches_decides():
    strict, loose = Policy(targets=("*-prod",), approvals=2), Policy(targets=("orders-*",))
    assert policy_for([strict, loose], "prod", "orders-prod") is strict
    assert policy_for([strict, loose], "prod", "orders-test") is loose
    assert policy_for([strict, loose], "prod", "billing") is None
    assert policy_for([Policy(projects=("test",))], "prod", "billing") is None


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (None, "no_policy"),
        (Policy(), "ok"),
        (Policy(channels=("C0OTHER",)), "channel_not_allowed"),
        (Policy(requesters=("U0BOB",)), "not_a_requester"),
        (Policy(requesters=("S0DBA",)), "ok"),
        (Policy(requesters=("S0UNREAD",)), "not_a_requester"),
    ],
)
def test_who_may_ask(policy, code):
    members = {"S0DBA": frozenset({"U0ALICE"}), "S0UNREAD": None}
    assert may_ask(policy, "C0INC", Profile("U0ALICE", "T1", "Alice"), members).code == code


def test_which_groups_must_be_read():
    assert group_ids(Policy(approvers=("S1", "U1"), requesters=("S2", "*"))) == {"S1", "S2"}
    assert group_ids(None) == frozenset()
