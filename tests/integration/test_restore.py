"""The whole of a restore, and every way it can end, without Slack."""

from dataclasses import replace
from datetime import timedelta

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot.domain.facts import BackupPoint, TimePoint
from bot.domain.people import Profile, Unread
from bot.domain.policy import Policy, SafetyBackup
from bot.domain.states import State
from bot.ops.metrics import Metrics
from bot.ops.tracing import Tracing
from bot.wiring.observed import Observers
from bot.workflow.advance import Advance
from bot.workflow.ports import SlackBusy, Undeliverable
from tests.fakes import FixedClock
from tests.integration.inside import ALICE, BOB, CAROL, DANA, PLACE, inside
from tests.integration.refusals import refused


@pytest.fixture(params=["v3", "v3.1"])
async def both(request, tmp_path):
    async with inside(tmp_path, api_version=request.param) as world:
        yield world


@pytest.fixture
async def world(tmp_path):
    async with inside(tmp_path) as made:
        yield made


async def test_a_backup_is_restored(both):
    asked = await both.ask()
    assert isinstance(asked.wish.point, BackupPoint)
    await both.approve(asked)
    done = await both.until(asked, State.SUCCEEDED, State.FAILED)
    assert done.state is State.SUCCEEDED
    (call,) = both.recovery_calls()
    assert call.body["source"] == {
        "instance_id": both.instance("orders-prod").id,
        "type": "backup",
        "backup_id": both.full_backup("orders-prod").id,
    }
    assert call.body["target"] == {"instance_id": both.instance("orders-staging").id}


async def test_a_point_in_time_is_restored(both):
    at = both.clock.now() - timedelta(minutes=50, milliseconds=250)
    asked = await both.ask(at=at)
    assert asked.wish.point == TimePoint(at)
    await both.approve(asked)
    await both.until(asked, State.SUCCEEDED)
    (call,) = both.recovery_calls()
    assert call.body["source"]["type"] == "timestamp"
    assert call.body["source"]["restore_time"] == int(at.timestamp() * 1000)


async def test_everybody_hears_of_each_step_in_order(world):
    asked = await world.ask()
    await world.deliver_all()
    await world.approve(asked)
    await world.deliver_all()
    while (await world.get(asked)).state is not State.SUCCEEDED:
        await world.tick(seconds=2)
        await world.deliver_all()
    said = [what for _, what in world.messenger.said]
    assert said[0] == "card:pending"
    milestones = [what for what in said if not what.startswith("card")]
    progress = [what for what in milestones if what == "thread:progress"]
    assert 1 <= len(progress) <= 3
    assert [what for what in milestones if what != "thread:progress"] == [
        "thread:requested",
        "thread:approved_by",
        "thread:submitted",
        "thread:outcome",
        "private:outcome",
    ]
    assert said.count("card:succeeded") == 1
    assert await world.database.audit.verify() is None


async def test_a_failed_job_says_the_clouds_reason(world):
    world.rds.faults.job_fails_with = "Not enough space on the data disk."
    asked = await world.ask()
    await world.approve(asked)
    failed = await world.until(asked, State.FAILED, State.SUCCEEDED)
    assert failed.state is State.FAILED
    assert "Not enough space on the data disk." in failed.closing.why


async def test_a_refused_call_ends_with_the_clouds_code_and_nothing_changed(world):
    asked = await world.ask()
    await world.approve(asked)
    # Somebody else's operation begins between the last look and the call.
    real = world.cloud.recover

    async def recover(project, wish, may_send):
        world.instance("orders-staging").status = "REBOOTING"
        return await real(project, wish, may_send)

    world.cloud.recover = recover
    failed = await world.until(asked, State.FAILED, State.SUCCEEDED)
    assert failed.state is State.FAILED
    assert "DBS.200019" in failed.closing.why
    assert "Nothing was changed." in failed.closing.why
    assert len(world.recovery_calls()) == 1


@pytest.mark.parametrize("asleep", [timedelta(seconds=40), timedelta(minutes=4)])
async def test_a_process_that_was_frozen_after_its_intent_sends_nothing_any_more(world, asleep):
    asked = await world.ask()
    await world.approve(asked)
    real = world.cloud.recover

    async def recover(project, wish, may_send):
        # The machine sleeps between the commit and the call.
        world.clock.forward(seconds=asleep.total_seconds())
        return await real(project, wish, may_send)

    world.cloud.recover = recover
    ended = await world.until(asked, State.FAILED, State.UNKNOWN, State.RESTORING, every=5)
    assert ended.state is State.UNKNOWN
    assert world.recovery_calls() == []
    assert world.lost == ["lease_lost"]


async def test_the_requester_cannot_approve(world):
    world.directory.groups["S0DBA"] = frozenset({"U0ALICE", "U0BOB"})
    asked = await world.ask()
    await refused(world.decide.may(asked.id, ALICE, "approve"), "own_request")
    await refused(world.decide.approve(asked.id, ALICE, {}, "orders-staging"), "own_request")
    assert (await world.get(asked)).state is State.PENDING
    assert (await world.history(asked)).count("refused") == 2


@pytest.mark.parametrize(
    ("person", "change", "code"),
    [
        (CAROL, {}, "not_an_approver"),
        (BOB, {"deactivated": True}, "deactivated"),
        (BOB, {"guest": True}, "is_guest"),
        (BOB, {"is_bot": True}, "is_bot"),
        (BOB, {"outside": True}, "other_workspace"),
    ],
)
async def test_who_may_not_approve_is_told_why(world, person, change, code):
    asked = await world.ask()
    world.directory.profiles[person.user] = Profile(person.user, "T1", person.user, **change)
    await refused(world.decide.approve(asked.id, person, {}, "orders-staging"), code)
    assert (await world.get(asked)).state is State.PENDING


async def test_a_group_that_cannot_be_read_approves_nothing(world):
    asked = await world.ask()
    world.directory.groups["S0DBA"] = Unread("Slack does not answer.")
    await refused(world.decide.approve(asked.id, BOB, {}, "orders-staging"), "group_unreadable")


@pytest.mark.parametrize("typed", ["", "orders-prod", "orders-stagin"])
async def test_the_targets_name_must_be_typed(world, typed):
    asked = await world.ask()
    error = await refused(world.decide.approve(asked.id, BOB, {}, typed), "wrong_name")
    assert error.field == "confirm_target"


async def test_two_approvals_are_two_people(tmp_path):
    async with inside(tmp_path, policies=[Policy(approvers=("S0DBA",), approvals=2)]) as world:
        asked = await world.ask()
        first = await world.approve(asked, BOB)
        assert first.state is State.PENDING
        await refused(world.decide.may(asked.id, BOB, "approve"), "already_approved")
        await refused(world.approve(asked, BOB), "already_approved")
        assert (await world.approve(asked, DANA)).state is State.APPROVED


async def test_denied(world):
    asked = await world.ask()
    denied = await world.decide.deny(asked.id, BOB, "not tonight")
    assert denied.state is State.DENIED
    assert denied.closing.why == "not tonight"
    late = await refused(world.decide.approve(asked.id, DANA, {}, "orders-staging"), "too_late")
    assert "already denied" in late.message


async def test_cancelled_by_the_requester_alone(world):
    asked = await world.ask()
    await refused(world.cancel(asked.id, BOB), "not_your_request")
    assert (await world.cancel(asked.id, ALICE)).state is State.CANCELLED
    await refused(world.cancel(asked.id, ALICE), "too_late")


async def test_nobody_decides(world):
    asked = await world.ask()
    await world.tick(minutes=10)
    await world.deliver_all()
    assert ("thread:reminder") in [what for _, what in world.messenger.said]
    await world.tick(minutes=19, seconds=59)
    assert (await world.get(asked)).state is State.PENDING
    await world.tick(seconds=1)
    assert (await world.get(asked)).state is State.EXPIRED


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"status": "REBOOTING"}, "target status"),
        ({"storage_gb": 500}, "target storage"),
        ({"name": "renamed"}, "target"),
        ({"type": "Replica"}, "target type"),
    ],
)
async def test_facts_that_change_after_the_approval_make_it_void(world, change, fact):
    asked = await world.ask()
    await world.approve(asked)
    target = world.instance("orders-staging")
    for name, value in change.items():
        assert hasattr(target, name), name
        setattr(target, name, value)
    void = await world.until(asked, State.INVALIDATED, State.SUCCEEDED, State.FAILED)
    assert void.state is State.INVALIDATED
    assert fact in [name for name, _, _ in void.changed]
    assert world.recovery_calls() == []


async def test_a_restore_that_nobody_saw_at_the_approval_makes_it_void(world):
    """Somebody restored by hand; or this database is an older copy, and the request was carried out already."""
    asked = await world.ask()
    await world.approve(asked)
    await world.cloud.recover("prod", asked.wish, lambda: True)
    world.clock.forward(seconds=120)
    void = await world.until(asked, State.INVALIDATED, State.SUCCEEDED, State.FAILED)
    assert void.state is State.INVALIDATED
    assert [name for name, _, _ in void.changed] == ["last restore of the target"]
    assert len(world.recovery_calls()) == 1


async def test_the_next_restore_of_the_same_target_is_approved_with_the_last_one_in_sight(world):
    for number in (1, 2):
        asked = await world.ask()
        await world.approve(asked)
        assert (await world.until(asked, State.SUCCEEDED)).state is State.SUCCEEDED
        assert len(world.recovery_calls()) == number


async def test_an_approver_who_lost_the_right_does_not_count_at_the_end(world):
    asked = await world.ask()
    await world.approve(asked)
    world.directory.groups["S0DBA"] = frozenset({"U0DANA"})
    void = await world.until(asked, State.INVALIDATED, State.SUCCEEDED)
    assert void.state is State.INVALIDATED
    assert world.recovery_calls() == []


async def test_a_lost_answer_is_found_again_and_never_sent_twice(world):
    world.rds.faults.drop_answer_after_acting = 1
    asked = await world.ask()
    await world.approve(asked)
    await world.tick(seconds=1)
    assert (await world.get(asked)).state is State.SUBMITTING
    done = await world.until(asked, State.SUCCEEDED, State.UNKNOWN, State.FAILED)
    assert done.state is State.SUCCEEDED
    assert len(world.recovery_calls()) == 1


async def test_no_evidence_is_unknown_and_a_person_decides(world):
    world.rds.faults.reset_before_acting = 1
    asked = await world.ask()
    await world.approve(asked)
    unknown = await world.until(asked, State.UNKNOWN, State.SUCCEEDED, State.FAILED)
    assert unknown.state is State.UNKNOWN
    await refused(world.reconcile.declare_failed(asked.id, ALICE), "own_request")
    await refused(world.reconcile.follow(asked.id, BOB), "no_evidence")
    failed = await world.reconcile.declare_failed(asked.id, BOB)
    assert failed.state is State.FAILED
    assert len(world.recovery_calls()) == 1
    assert (await world.ask()).state is State.PENDING


async def test_a_finder_of_submitting_only_looks(world):
    asked = await world.ask()
    approved = await world.approve(asked)
    intent = replace(approved, submitted_at=world.clock.now(), act_at=world.clock.now()).step(State.SUBMITTING)
    await world.database.requests.change(approved, intent, [])
    found = await world.until(asked, State.UNKNOWN, State.RESTORING, State.FAILED, State.SUCCEEDED)
    assert found.state is State.UNKNOWN
    assert world.recovery_calls() == []


async def test_the_cloud_is_down_for_a_while(world):
    asked = await world.ask()
    await world.approve(asked)
    real = world.cloud.instance
    down = [True]

    async def instance(project, instance_id):
        if down[0]:
            world.rds.faults.unavailable = True
        return await real(project, instance_id)

    world.cloud.instance = instance
    await world.tick(seconds=1)
    waiting = await world.get(asked)
    assert waiting.state is State.APPROVED
    assert waiting.trouble
    down[0] = False
    world.rds.faults.unavailable = False
    assert (await world.until(asked, State.SUCCEEDED, State.FAILED)).state is State.SUCCEEDED
    assert len(world.recovery_calls()) == 1


async def test_one_live_request_for_a_target(world):
    first = await world.open_request.check(world.draft(), ALICE, PLACE)
    second = await world.open_request.check(world.draft(), BOB, PLACE)
    await world.open_request.confirm(first.id, ALICE)
    held = await refused(world.open_request.confirm(second.id, BOB), "target_held")
    assert first.id in held.message
    held = await refused(world.open_request.check(world.draft(), BOB, PLACE), "target_held")
    assert first.id in held.message


async def test_confirming_twice_is_one_request(world):
    drafted = await world.open_request.check(world.draft(), ALICE, PLACE)
    once = await world.open_request.confirm(drafted.id, ALICE)
    assert (await world.open_request.confirm(drafted.id, ALICE)).id == once.id
    await refused(world.open_request.confirm(drafted.id, BOB), "no_such_draft")


async def test_a_safety_backup_comes_first(tmp_path):
    policy = Policy(approvers=("S0DBA",), safety_backup=SafetyBackup.REQUIRED)
    async with inside(tmp_path, policies=[policy]) as world:
        asked = await world.ask()
        await world.approve(asked)
        await world.tick(seconds=1)
        backing_up = await world.get(asked)
        assert backing_up.state is State.BACKING_UP
        assert world.recovery_calls() == []
        done = await world.until(asked, State.SUCCEEDED, State.FAILED, State.INVALIDATED)
        assert done.state is State.SUCCEEDED, (done.closing, done.changed)
        (backup,) = [item for item in world.rds.state.backups.values() if item.name == f"before-{asked.id}"]
        assert backup.instance_id == world.instance("orders-staging").id


async def test_slack_is_down_and_everything_is_said_afterwards(world):
    world.messenger.errors += [SlackBusy("slack.down", "Slack does not answer.", retry_after=30, in_doubt=True)]
    await world.ask()
    await world.deliver_all()
    assert world.messenger.said == []
    world.clock.forward(seconds=31)
    await world.deliver_all()
    assert [what for _, what in world.messenger.said] == ["card:pending", "thread:requested"]


async def test_after_an_hour_without_slack_the_outcome_comes_first_and_no_stale_ticks(world):
    down = [SlackBusy("slack.down", "Slack does not answer.", retry_after=30, in_doubt=True) for _ in range(500)]
    asked = await world.ask()
    await world.deliver_all()
    world.messenger.errors += down
    await world.approve(asked)
    for _ in range(360):
        await world.tick(seconds=10)
        await world.deliver.tick()
    assert (await world.get(asked)).state is State.SUCCEEDED
    world.messenger.errors.clear()
    world.messenger.said.clear()
    world.clock.forward(minutes=2)
    await world.deliver_all()
    assert [what for _, what in world.messenger.said] == [
        "card:succeeded",
        "thread:approved_by",
        "thread:submitted",
        "thread:outcome",
        "private:outcome",
    ]
    assert await world.database.outbox.next_at() is None


async def test_what_slack_never_takes_is_on_record_and_blocks_nothing(world):
    world.messenger.errors += [Undeliverable("is_archived", "Slack refused the message: is_archived.")]
    asked = await world.ask()
    await world.deliver_all()
    assert (await world.history(asked)).count("undeliverable") == 2
    assert [what for _, what in world.messenger.said] == ["private:no_card"]
    assert [code for _, code in world.given_up] == ["is_archived", "no_card"]
    await world.decide.deny(asked.id, BOB, "no")
    await world.deliver_all()
    assert "private:outcome" in [what for _, what in world.messenger.said]


async def test_a_policy_that_allows_nothing(tmp_path):
    async with inside(tmp_path, policies=[Policy(targets=("billing-*",), approvers=("S0DBA",))]) as world:
        await refused(world.ask(), "no_policy")


async def test_a_stuck_job_is_said_once(world):
    world.rds.faults.job_hangs = True
    asked = await world.ask()
    await world.approve(asked)
    await world.until(asked, State.RESTORING)
    for _ in range(250):
        await world.tick(seconds=10)
    await world.deliver_all()
    assert [what for _, what in world.messenger.said].count("thread:stuck") == 1
    assert (await world.get(asked)).state is State.RESTORING


def break_look_ups_of(world, broken_id):
    real = world.cloud.instance

    async def instance(project, instance_id):
        if instance_id == broken_id:
            raise KeyError("nobody foresaw this")
        return await real(project, instance_id)

    world.cloud.instance = instance


async def test_a_request_that_breaks_a_step_does_not_stop_the_others(world):
    bad = await world.ask()
    good = await world.ask(source="billing-prod", target="billing-staging")
    await world.approve(bad)
    await world.approve(good)
    break_look_ups_of(world, bad.wish.target.id)
    await world.until(good, State.SUCCEEDED)
    assert (await world.get(bad)).state is State.APPROVED
    assert "its log" in (await world.get(bad)).trouble
    assert isinstance(world.broken[0], KeyError)


async def test_a_restore_that_cannot_be_followed_does_not_stop_the_others(world):
    bad = await world.ask()
    good = await world.ask(source="billing-prod", target="billing-staging")
    for request in (bad, good):
        await world.approve(request)
        await world.until(request, State.RESTORING)
    real = world.cloud.instance
    break_look_ups_of(world, bad.wish.target.id)
    await world.until(good, State.SUCCEEDED)
    assert (await world.get(bad)).state is State.RESTORING
    assert "its log" in (await world.get(bad)).trouble
    assert isinstance(world.broken[0], KeyError)
    world.cloud.instance = real
    await world.until(bad, State.SUCCEEDED)


async def test_the_steps_of_the_worker_are_followed(world):
    memory, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    world.steps = Observers(Metrics("1"), Tracing(provider, trace)).follow_steps(world.steps)
    asked = await world.ask()
    await world.approve(asked)
    await world.until(asked, State.SUCCEEDED)
    assert {span.name for span in memory.get_finished_spans()} == {"Submit", "Advance.jobs", "Advance.look"}


class HeldUp(Advance):
    """Its process is frozen after the jobs were read, for longer than the lease lasts."""

    __slots__ = ()

    async def jobs(self, project, due):
        found = await super().jobs(project, due)
        assert isinstance(self.clock, FixedClock)
        self.clock.forward(seconds=60)
        return found


async def test_a_follower_that_was_held_up_asks_the_cloud_nothing_more(world):
    asked = [await world.ask(), await world.ask(source="billing-prod", target="billing-staging")]
    for request in asked:
        await world.approve(request)
        await world.until(request, State.RESTORING)
    world.clock.forward(hours=1)
    advance = world.steps.advance
    world.steps = replace(world.steps, advance=HeldUp(advance.requests, advance.cloud, advance.clock, advance.poll_every))
    before = len(world.rds.calls)
    await world.steps.tick()
    assert [call.path.rpartition("/")[2] for call in world.rds.calls[before:] if "list" not in call.path] == []
    assert world.lost == ["lease_lost"]
    assert [(await world.get(request)).state for request in asked] == [State.RESTORING] * 2
    world.steps = replace(world.steps, advance=advance)
    for request in asked:
        await world.until(request, State.SUCCEEDED)


async def test_a_message_that_cannot_be_made_does_not_silence_the_others(world):
    world.messenger.errors.append(KeyError("nobody foresaw this"))
    first = await world.ask()
    second = await world.ask(source="billing-prod", target="billing-staging")
    await world.deliver_all()
    assert {request for request, _ in world.messenger.said} == {second.id}
    world.clock.forward(seconds=10)
    await world.deliver_all()
    assert {request for request, _ in world.messenger.said} == {first.id, second.id}
    assert isinstance(world.broken[0], KeyError)


@pytest.mark.parametrize("done", [True, False])
async def test_a_job_that_the_cloud_forgets_is_for_people_to_judge(world, done):
    asked = await world.ask()
    await world.approve(asked)
    await world.until(asked, State.RESTORING)
    real = world.cloud.jobs

    async def jobs(project, ids):
        del project, ids
        return {}

    world.cloud.jobs = jobs
    await world.tick(hours=23)
    assert (await world.get(asked)).state is State.RESTORING
    unknown = await world.until(asked, State.UNKNOWN, every=3600)
    assert unknown.state is State.UNKNOWN
    world.cloud.jobs = real
    await refused(world.reconcile.follow(asked.id, ALICE), "own_request")
    judge = world.reconcile.follow if done else world.reconcile.declare_failed
    assert (await judge(asked.id, BOB)).state is (State.SUCCEEDED if done else State.FAILED)
    assert len(world.recovery_calls()) == 1
