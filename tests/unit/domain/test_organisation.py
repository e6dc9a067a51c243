"""User ids are unique within a workspace or an organisation of Enterprise Grid, not beyond."""

from bot.domain.people import Person, Profile
from bot.domain.permission import may_approve
from bot.domain.policy import Policy

POLICY = Policy(approvers=("U0BOB",))


def verdict(requester, approver):
    profile = Profile(user=approver.user, team=approver.team, name=approver.user)
    return may_approve(POLICY, requester, approver, profile, {})


def test_somebody_with_the_same_id_in_another_workspace_is_somebody_else():
    assert verdict(Person("", "T1", "U0ALICE"), Person("", "T1", "U0BOB")).allowed
    assert verdict(Person("", "T1", "U0ALICE"), Person("", "T2", "U0BOB")).code == "other_workspace"


def test_workspaces_of_one_organisation_are_one():
    assert verdict(Person("E1", "T1", "U0ALICE"), Person("E1", "T2", "U0BOB")).allowed
    assert verdict(Person("E1", "T1", "U0ALICE"), Person("E2", "T2", "U0BOB")).code == "other_workspace"


def test_nobody_approves_their_own_request_from_another_workspace_of_the_organisation():
    assert verdict(Person("E1", "T1", "U0BOB"), Person("E1", "T2", "U0BOB")).code == "own_request"
