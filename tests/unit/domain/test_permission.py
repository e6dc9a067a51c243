import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.people import Person, Profile, Unread
from bot.domain.permission import Groups, may_approve, may_ask, may_break_glass, may_review
from bot.domain.policy import ApproverGroup, Policy
from bot.domain.quorum import quorum

USERS = ("U0ALICE", "U0BOB", "U0DANA", "U0CAROL")
TEAMS = ("T1", "T2")
ALICE = Person("", "T1", "U0ALICE")
ids = st.lists(st.sampled_from([*USERS, "S0DBA", "S0OPS", "*"]), max_size=3).map(tuple)
people = st.builds(Person, st.just(""), st.sampled_from(TEAMS), st.sampled_from(USERS))
profiles = st.builds(
    Profile,
    user=st.sampled_from(USERS),
    team=st.just("T1"),
    name=st.just("x"),
    is_bot=st.booleans(),
    deactivated=st.booleans(),
    guest=st.booleans(),
    outside=st.booleans(),
)
policies = st.builds(
    Policy,
    approvers=ids,
    approvals=st.integers(min_value=0, max_value=3),
    groups=st.lists(st.builds(ApproverGroup, ids, st.integers(1, 3)), max_size=3).map(tuple),
    break_glass=ids,
)
groups = st.dictionaries(st.sampled_from(["S0DBA", "S0OPS"]), st.just(Unread("no")) | st.frozensets(st.sampled_from(USERS)))


def members_of(names, members):
    found: set[str] = set()
    for name in names:
        of_group = members.get(name)
        found |= of_group if isinstance(of_group, frozenset) else {name} - {"S0DBA", "S0OPS"}
    return found


@given(policies, profiles, groups, st.sampled_from(TEAMS))
def test_the_requester_never_counts_from_whatever_workspace(policy, profile, members, team):
    assert not may_approve(policy, ALICE, Person("", team, ALICE.user), profile, members).allowed


@given(policies, profiles, groups)
def test_whoever_may_approve_is_listed_and_in_good_standing(policy, profile, members):
    person = Person("", "T1", profile.user)
    if may_approve(policy, ALICE, person, profile, members).allowed:
        assert not any((profile.is_bot, profile.deactivated, profile.guest, profile.outside))
        assert profile.user in members_of(policy.everybody_who_approves, members)


@given(policies, profiles, groups)
def test_whoever_may_break_the_glass_is_listed_and_in_good_standing(policy, profile, members):
    if may_break_glass(policy, profile, members).allowed:
        assert not any((profile.is_bot, profile.deactivated, profile.guest, profile.outside))
        assert profile.user in members_of(policy.break_glass, members)


@given(policies, people, profiles, groups)
def test_nobody_signs_off_what_they_asked_for_or_started(policy, broke, profile, members):
    person = Person("", "T1", profile.user)
    if may_review(policy, ALICE, broke, person, profile, members).allowed:
        assert person.user not in (ALICE.user, broke.user)
        assert may_approve(policy, ALICE, person, profile, members).allowed


@given(policies, st.dictionaries(people, profiles, max_size=8), groups)
def test_no_clicks_are_enough_without_as_many_different_permitted_people(policy, clicked, members):
    clicked = {person: Profile(**{**_fields(profile), "user": person.user}) for person, profile in clicked.items()}
    stand = quorum(policy, ALICE, clicked, members)
    permitted = {
        person.user for person, profile in clicked.items() if may_approve(policy, ALICE, person, profile, members).allowed
    }
    assert stand.counted <= len(permitted)
    assert stand.counted + sum(seats.count for seats in stand.still) == policy.needed
    if stand.enough:
        assert len(permitted) >= policy.needed
        assert ALICE.user not in permitted


def _fields(profile):
    return {name: getattr(profile, name) for name in Profile.__slots__}


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (None, "no_policy"),
        (Policy(), "ok"),
        (Policy(channels=("C0OTHER",)), "channel_not_allowed"),
        (Policy(channels=("C0*",)), "ok"),
        (Policy(requesters=("U0BOB",)), "not_a_requester"),
        (Policy(requesters=("S0DBA",)), "ok"),
        (Policy(requesters=("S0UNREAD",)), "group_unreadable"),
        (Policy(requesters=("S0UNREAD", "U0ALICE")), "ok"),
    ],
)
def test_who_may_ask(policy, code):
    members: Groups = {"S0DBA": frozenset({"U0ALICE"}), "S0UNREAD": Unread("there is no such group.")}
    verdict = may_ask(policy, "C0INC", Profile("U0ALICE", "T1", "Alice"), members)
    assert verdict.code == code
    if code == "group_unreadable":
        assert "there is no such group." in verdict.why


def test_the_reason_why_a_group_cannot_be_read_is_said():
    policy = Policy(approvers=("S0DBA",), break_glass=("S0DBA",))
    bob, members = Profile("U0BOB", "T1", "Bob"), {"S0DBA": Unread("user groups need a paid plan of Slack.")}
    approving = may_approve(policy, ALICE, Person("", "T1", "U0BOB"), bob, members)
    for verdict in (approving, may_break_glass(policy, bob, members)):
        assert verdict.code == "group_unreadable"
        assert "paid plan" in verdict.why
