"""What a policy says, from the asking to the end: seats, freezes, limits, break-glass, escalation, a look at the result."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.events import Milestone
from bot.domain.freeze import DatedFreeze
from bot.domain.people import Profile, Unread
from bot.domain.policy import ApproverGroup, Policy, SafetyBackup
from bot.domain.states import State
from tests.fakes import NOON
from tests.integration.inside import ALICE, BOB, CAROL, DANA, PLACE, inside
from tests.integration.refusals import refused

DBA_AND_IC = Policy(groups=(ApproverGroup(("S0DBA",)), ApproverGroup(("S0IC",), 1, "incident commander")))
GLASS = Policy(approvers=("S0DBA",), break_glass=("U0CAROL", "U0ALICE"), notify=("S0ONCALL",))
TONIGHT = DatedFreeze(NOON - timedelta(hours=1), NOON + timedelta(hours=2), "end of year")


@pytest.fixture
async def world(tmp_path):
    async with inside(tmp_path) as made:
        yield made


async def saw(world, request):
    return (await world.decide.review(request)).saw


async def break_glass(world, asked, person=CAROL, reason="Nobody answers, customers wait"):
    allowed = await world.break_glass.may(asked.id, person)
    return await world.break_glass.start(asked.id, person, await saw(world, allowed), "orders-staging", reason)


async def test_one_of_each_group_and_one_person_fills_one_seat(tmp_path):
    async with inside(tmp_path, policies=[DBA_AND_IC]) as world:
        asked = await world.ask()
        # Bob is in both groups, and takes one seat.
        first = await world.approve(asked, BOB)
        assert first.state is State.PENDING
        assert [(seats.name, seats.count) for seats in first.still_needed] == [("incident commander", 1)]
        # Dana is a database administrator only: Bob moves over to the other seat.
        assert (await world.approve(asked, DANA)).state is State.APPROVED
        assert (await world.until(asked, State.SUCCEEDED, State.INVALIDATED)).state is State.SUCCEEDED


async def test_who_left_the_group_before_the_call_does_not_count(tmp_path):
    async with inside(tmp_path, policies=[DBA_AND_IC]) as world:
        asked = await world.ask()
        await world.approve(asked, DANA)
        await world.approve(asked, CAROL)
        world.directory.groups["S0IC"] = frozenset({"U0BOB"})
        ended = await world.until(asked, State.INVALIDATED, State.SUCCEEDED)
        assert ended.state is State.INVALIDATED
        assert ended.changed[0][0] == "approvals"
        assert world.recovery_calls() == []


async def test_a_policy_without_requesters_shuts_its_targets(tmp_path):
    shut = Policy(targets=("orders-*",), requesters=(), approvers=("S0DBA",))
    async with inside(tmp_path, policies=[shut, Policy(approvers=("S0DBA",))]) as world:
        await refused(world.ask(), "not_a_requester")


@pytest.mark.parametrize("safety_backup", [False, True])
async def test_without_a_policy_what_was_approved_becomes_void(tmp_path, safety_backup):
    """The runbook's way to start on an older copy of the database."""
    async with inside(tmp_path, policies=[Policy(approvers=("S0DBA",))]) as world:
        asked = await world.ask(safety_backup=safety_backup)
        await world.approve(asked)
        if safety_backup:
            await world.until(asked, State.BACKING_UP)
        world.policies.all[:] = [Policy(targets=("no-instance-has-this-name",), requesters=(), approvers=("S0DBA",))]
        ended = await world.until(asked, State.INVALIDATED, State.SUCCEEDED)
        assert ended.state is State.INVALIDATED
        assert world.recovery_calls() == []


async def test_the_freeze_refuses_asking_approving_and_starting(tmp_path):
    frozen = Policy(approvers=("S0DBA",), freeze=(TONIGHT,))
    async with inside(tmp_path, policies=[frozen]) as world:
        error = await refused(world.ask(), "frozen")
        assert "2026-11-23 14:00 UTC (end of year)" in error.message
        world.clock.forward(hours=2)
        asked = await world.ask()
        await world.approve(asked)
        # A new freeze is configured before the worker comes to it.
        later = replace(frozen, freeze=(DatedFreeze(world.clock.now(), world.clock.now() + timedelta(hours=1)),))
        world.policies.all[:] = [later]
        ended = await world.until(asked, State.INVALIDATED, State.SUCCEEDED)
        assert ended.state is State.INVALIDATED
        assert ended.changed[0][0] == "freeze"
        assert world.recovery_calls() == []


async def test_in_a_freeze_with_break_glass_the_request_waits_for_it(tmp_path):
    async with inside(tmp_path, policies=[replace(GLASS, freeze=(TONIGHT,))]) as world:
        asked = await world.ask()
        assert any(finding.rule == "freeze" for finding in asked.findings)
        await refused(world.approve(asked), "frozen")
        await break_glass(world, asked)
        assert (await world.until(asked, State.SUCCEEDED, State.INVALIDATED)).state is State.SUCCEEDED


async def test_so_many_unfinished_requests_and_no_more(tmp_path):
    async with inside(tmp_path, policies=[Policy(approvers=("S0DBA",), max_live_per_person=1)]) as world:
        first = await world.ask()
        error = await refused(world.ask(target="orders-reporting"), "too_many_requests")
        assert first.id in error.message
        drafted = await world.open_request.check(world.draft(target="payments-prod"), BOB, PLACE)
        await world.open_request.confirm(drafted.id, BOB)
        await world.cancel(first.id, ALICE)
        drafted = await world.open_request.check(world.draft(), ALICE, PLACE)
        assert (await world.open_request.confirm(drafted.id, ALICE)).state is State.PENDING


@pytest.mark.parametrize("person", [CAROL, ALICE])
async def test_break_glass_starts_alone_is_announced_and_reviewed(tmp_path, person):
    async with inside(tmp_path, policies=[GLASS]) as world:
        asked = await world.ask()
        broken = await break_glass(world, asked, person)
        assert broken.state is State.APPROVED
        assert broken.approvals == ()
        await world.deliver_all()
        assert "thread:broke_glass" in [what for _, what in world.messenger.said]
        done = await world.until(asked, State.SUCCEEDED, State.INVALIDATED)
        assert done.state is State.SUCCEEDED
        assert done.awaits_review
        await world.tick(hours=25)
        await world.tick(hours=25)
        await world.deliver_all()
        assert [what for _, what in world.messenger.said].count("thread:review_due") == 2
        await refused(world.break_glass.sign_off(asked.id, person), "own_break_glass")
        await refused(
            world.break_glass.sign_off(asked.id, ALICE if person is CAROL else CAROL),
            "own_request" if person is CAROL else "not_an_approver",
        )
        reviewed = await world.break_glass.sign_off(asked.id, BOB)
        assert reviewed.broken_glass is not None
        assert reviewed.broken_glass.reviewed_by == BOB
        await refused(world.break_glass.sign_off(asked.id, DANA), "nothing_to_review")
        await world.tick(hours=72)
        await world.deliver_all()
        assert [what for _, what in world.messenger.said].count("thread:review_due") == 2
        kinds = await world.history(asked)
        assert kinds.count("broke_glass") == kinds.count("reviewed") == 1
        assert kinds.count("refused") == 3
        assert len(world.recovery_calls()) == 1
        assert await world.database.audit.verify() is None


@pytest.mark.parametrize(
    ("person", "change", "code"),
    [
        (BOB, {}, "not_for_break_glass"),
        (CAROL, {"guest": True}, "is_guest"),
        (CAROL, {"deactivated": True}, "deactivated"),
        (CAROL, {"outside": True}, "other_workspace"),
    ],
)
async def test_who_may_not_break_the_glass(tmp_path, person, change, code):
    async with inside(tmp_path, policies=[GLASS]) as world:
        asked = await world.ask()
        world.directory.profiles[person.user] = Profile(person.user, "T1", person.user, **change)
        await refused(world.break_glass.may(asked.id, person), code)
        await refused(world.break_glass.start(asked.id, person, {}, "orders-staging", "now"), code)
        assert (await world.get(asked)).state is State.PENDING


async def test_break_glass_needs_the_policy_a_reason_and_the_name(tmp_path):
    async with inside(tmp_path) as world:
        asked = await world.ask()
        await refused(world.break_glass.may(asked.id, CAROL), "no_break_glass")
    other = tmp_path / "other"
    other.mkdir()
    async with inside(other, policies=[GLASS]) as world:
        asked = await world.ask()
        shown = await saw(world, asked)
        wrong = await refused(world.break_glass.start(asked.id, CAROL, shown, "orders", "now"), "wrong_name")
        assert wrong.field == "confirm_target"
        empty = await refused(world.break_glass.start(asked.id, CAROL, shown, "orders-staging", " "), "no_reason")
        assert empty.field == "reason"
        await world.decide.deny(asked.id, BOB, "no")
        late = await refused(world.break_glass.start(asked.id, CAROL, shown, "orders-staging", "now"), "too_late")
        assert "denied" in late.message


async def test_what_was_seen_before_the_glass_was_broken_must_still_hold(tmp_path):
    async with inside(tmp_path, policies=[GLASS]) as world:
        asked = await world.ask()
        await break_glass(world, asked)
        world.instance("orders-staging").storage_gb = 500
        ended = await world.until(asked, State.INVALIDATED, State.SUCCEEDED)
        assert ended.state is State.INVALIDATED
        assert ("target storage", "120 GB", "500 GB") in ended.changed


async def test_who_lost_the_right_to_break_the_glass_before_the_call(tmp_path):
    async with inside(tmp_path, policies=[replace(GLASS, break_glass=("S0IC",))]) as world:
        asked = await world.ask()
        await break_glass(world, asked)
        world.directory.groups["S0IC"] = frozenset()
        assert (await world.until(asked, State.INVALIDATED, State.SUCCEEDED)).state is State.INVALIDATED


async def test_a_group_that_slack_does_not_tell_for_a_moment_voids_nothing(world):
    asked = await world.ask()
    await world.approve(asked)
    known = world.directory.groups["S0DBA"]
    world.directory.groups["S0DBA"] = Unread("Slack does not answer.")
    await world.tick(seconds=1)
    waiting = await world.get(asked)
    assert waiting.state is State.APPROVED
    assert "Slack does not answer." in waiting.trouble
    assert world.recovery_calls() == []
    world.directory.groups["S0DBA"] = known
    assert (await world.until(asked, State.SUCCEEDED, State.INVALIDATED)).state is State.SUCCEEDED


async def test_nobody_decides_so_it_is_escalated_once_reminded_and_expires(tmp_path):
    policy = Policy(approvers=("S0DBA",), escalate_to=("S0BOSS",), escalate_after=timedelta(minutes=5))
    async with inside(tmp_path, policies=[policy]) as world:
        asked = await world.ask()
        for _ in range(35):
            await world.tick(minutes=1)
            await world.deliver_all()
        said = [what.removeprefix("thread:") for _, what in world.messenger.said]
        assert said.count(Milestone.ESCALATED) == 1
        assert said.index(Milestone.ESCALATED) < said.index(Milestone.REMINDER)
        assert (await world.get(asked)).state is State.EXPIRED
        assert (await world.history(asked)).count("escalated") == 1


async def test_after_the_restore_the_databases_are_listed_and_somebody_says_whether_it_is_right(world):
    asked = await world.ask()
    await refused(world.inspect(asked.id, ALICE, as_expected=True), "not_restored")
    await world.approve(asked)
    done = await world.until(asked, State.SUCCEEDED)
    assert set(done.databases_after) == {"customers", "orders"}
    looked = await world.inspect(asked.id, ALICE, as_expected=False)
    assert looked.inspection.as_expected is False
    await refused(world.inspect(asked.id, BOB, as_expected=True), "already_inspected")
    await world.deliver_all()
    assert "thread:inspected" in [what for _, what in world.messenger.said]
    assert (await world.history(asked)).count("inspected") == 1


async def test_the_safety_backup_is_the_way_back(tmp_path):
    policy = Policy(approvers=("S0DBA",), safety_backup=SafetyBackup.REQUIRED)
    async with inside(tmp_path, policies=[policy]) as world:
        asked = await world.ask()
        await world.approve(asked)
        done = await world.until(asked, State.SUCCEEDED, State.FAILED, State.INVALIDATED)
        assert done.has_way_back
        assert done.backup is not None
        undo = await world.ask(source="orders-staging", target="orders-staging", backup_id=done.backup.backup_id)
        assert undo.wish.source.id == undo.wish.target.id == done.wish.target.id
        await refused(world.approve(undo, ALICE), "own_request")
        await world.approve(undo)
        assert (await world.until(undo, State.SUCCEEDED, State.FAILED, State.INVALIDATED)).state is State.SUCCEEDED
        assert len(world.recovery_calls()) == 2


async def test_a_safety_backup_that_fails_stops_the_restore(tmp_path):
    policy = Policy(approvers=("S0DBA",), safety_backup=SafetyBackup.REQUIRED)
    async with inside(tmp_path, policies=[policy]) as world:
        asked = await world.ask()
        await world.approve(asked)
        await world.until(asked, State.BACKING_UP)
        (made,) = [each for each in world.rds.state.backups.values() if each.name == f"before-{asked.id}"]
        made.outcome = "FAILED"
        failed = await world.until(asked, State.FAILED, State.SUCCEEDED)
        assert failed.state is State.FAILED
        assert failed.closing is not None
        assert "safety backup" in failed.closing.why
        assert "Nothing was restored." in failed.closing.why
        assert world.recovery_calls() == []


CHANGES = {
    "target storage": lambda world: setattr(world.instance("orders-staging"), "storage_gb", 500),
    "target status": lambda world: setattr(world.instance("orders-staging"), "status", "REBOOTING"),
    "target engine": lambda world: setattr(world.instance("orders-staging"), "complete_version", "8.4.1.1"),
    "target": lambda world: setattr(world.instance("orders-staging"), "name", "orders-qa"),
    "source engine": lambda world: setattr(world.instance("orders-prod"), "complete_version", "8.0.1.1"),
    "source storage": lambda world: setattr(world.instance("orders-prod"), "storage_gb", 101),
    "source status": lambda world: setattr(world.instance("orders-prod"), "status", "FROZEN"),
}


@pytest.mark.parametrize("fact", CHANGES)
async def test_each_fact_that_changes_after_the_approval_voids_it_by_name(world, fact):
    asked = await world.ask()
    await world.approve(asked)
    CHANGES[fact](world)
    ended = await world.until(asked, State.INVALIDATED, State.SUCCEEDED, State.FAILED)
    assert ended.state is State.INVALIDATED
    assert fact in {name for name, _, _ in ended.changed}
    assert world.recovery_calls() == []


async def test_a_backup_that_is_gone_voids_the_approval(world):
    asked = await world.ask()
    await world.approve(asked)
    gone = world.rds.state.backups.pop(asked.wish.point.backup_id)
    world.rds.state.backups_of(gone.instance_id).remove(gone)
    ended = await world.until(asked, State.INVALIDATED, State.SUCCEEDED, State.FAILED)
    assert ended.state is State.INVALIDATED
    assert "backup" in {name for name, _, _ in ended.changed}


async def test_late_clicks_are_told_who_decided_and_when(world):
    asked = await world.ask()
    world.clock.forward(minutes=10)
    await world.decide.deny(asked.id, BOB, "no")
    late = await refused(world.decide.may(asked.id, DANA, "approve"), "too_late")
    assert late.message == f"Too late: request {asked.id} was already denied at 12:10 UTC."
    assert late.by == BOB
