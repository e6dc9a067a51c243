from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.people import Person, Profile
from bot.domain.policy import ApproverGroup, Policy
from bot.domain.quorum import OpenSeats, quorum

ALICE = Person("", "T1", "U0ALICE")
MEMBERS = {
    "S0DBA": frozenset({"U0BOB", "U0DANA"}),
    "S0IC": frozenset({"U0BOB", "U0IDA"}),
}
DBA, IC = ApproverGroup(("S0DBA",), name="DBA"), ApproverGroup(("S0IC",), name="incident commander")


def approved_by(*users, team="T1"):
    return {Person("", team, user): Profile(user, "T1", user) for user in users}


@pytest.mark.parametrize(
    ("groups", "users", "still"),
    [
        ((DBA,), (), {"DBA": 1}),
        ((DBA,), ("U0BOB",), {}),
        ((DBA,), ("U0CAROL",), {"DBA": 1}),
        ((DBA, IC), ("U0BOB",), {"incident commander": 1}),
        ((DBA, IC), ("U0BOB", "U0DANA"), {}),
        ((DBA, IC), ("U0DANA", "U0BOB"), {}),
        ((DBA, IC), ("U0DANA",), {"incident commander": 1}),
        ((IC, DBA), ("U0BOB", "U0IDA"), {}),
        ((IC, DBA), ("U0BOB", "U0CAROL"), {"DBA": 1}),
        ((ApproverGroup(("S0DBA",), 2, "DBA"), IC), ("U0BOB", "U0DANA"), {"incident commander": 1}),
        ((ApproverGroup(("S0DBA",), 2, "DBA"), IC), ("U0BOB", "U0DANA", "U0IDA"), {}),
        ((ApproverGroup(("S0GONE",), 1, "gone"), DBA), ("U0BOB",), {"gone": 1}),
        ((DBA, DBA), ("U0BOB",), {"DBA": 1}),
        ((DBA, DBA), ("U0BOB", "U0DANA"), {}),
    ],
)
def test_each_group_has_its_own_count_and_one_person_fills_one_seat(groups, users, still):
    stand = quorum(Policy(groups=groups), ALICE, approved_by(*users), MEMBERS)
    assert {seats.name: seats.count for seats in stand.still} == still
    assert stand.enough == (not still)


def test_one_user_seen_from_two_workspaces_is_one_person():
    both = approved_by("U0BOB") | approved_by("U0BOB", team="T2")
    stand = quorum(Policy(approvers=("S0DBA",), approvals=2), ALICE, both, MEMBERS)
    assert stand.counted == 1
    assert stand.still == (OpenSeats(("S0DBA",), 1),)


def test_without_a_policy_nothing_is_enough():
    assert not quorum(None, ALICE, approved_by("U0BOB"), MEMBERS).enough


USERS = ("U0BOB", "U0DANA", "U0IDA", "U0CAROL")
small_groups = st.lists(
    st.builds(
        ApproverGroup,
        st.lists(st.sampled_from([*USERS, "S0DBA", "S0IC"]), min_size=1, max_size=3).map(tuple),
        st.integers(1, 2),
    ),
    min_size=1,
    max_size=3,
).map(tuple)


@given(small_groups, st.lists(st.sampled_from(USERS), unique=True, max_size=4))
def test_as_many_seats_are_filled_as_any_seating_could(groups, users):
    stand = quorum(Policy(groups=groups), ALICE, approved_by(*users), MEMBERS)
    seats = [group for group in groups for _ in range(group.approvals)]

    def fits(group, user):
        return any(user in (MEMBERS.get(name) or frozenset({name})) for name in group.approvers)

    padded = [*users, *[None] * len(seats)]
    best = max(
        sum(user is not None and fits(seat, user) for seat, user in zip(seats, order, strict=False))
        for order in set(permutations(padded, len(seats)))
    )
    assert stand.counted == best
