"""The form, as a person fills it: what hangs together is redrawn, and whatever happens meanwhile is handled."""

import asyncio

import pytest
import structlog

from bot.policy_settings import PolicySettings
from bot.sandbox.rds.state import Instance
from bot.sandbox.scenario import PROJECT_ID
from bot.slack.listeners import views
from bot.workflow import open_request
from tests.acceptance.journey import ALICE, approve, card, form, headline, modal, take_first
from tests.integration.in_slack import cloud_id, in_slack

REASON = {"reason": "the table is gone"}
STAGING = "/rds-restore orders-prod to orders-staging"


@pytest.fixture
async def world(tmp_path):
    async with in_slack(tmp_path, http_mode=False) as made:
        yield made


def chosen(actor, name):
    """The words of what a select holds."""
    held = actor.modal.values[name][name]["selected_option"]
    return held["text"]["text"] if held else None


async def drawn(world, actor, *names, without=()):
    """Wait until the form has these fields, and not those."""

    def is_drawn(_):
        there = actor.modal.inputs
        return set(names) <= set(there) and not set(without) & set(there)

    await world.slack.wait_for(is_drawn)


async def test_the_mode_decides_which_field_is_there(world):
    actor = await form(world, STAGING)
    assert "backup" in actor.modal.inputs
    await actor.choose("mode", "timestamp")
    await drawn(world, actor, "restore_time", without=["backup"])
    assert "Can be restored:" in actor.modal.all_text
    await actor.choose("mode", "backup")
    await drawn(world, actor, "backup", without=["restore_time"])
    assert chosen(actor, "source").startswith("orders-prod")
    assert chosen(actor, "target").startswith("orders-staging")


async def test_a_time_that_was_typed_behind_the_command_is_explained_at_once(world):
    actor = await form(world, f"{STAGING} at 10 minutes ago")
    assert "What was written in the last 10 minutes is left out" in actor.modal.all_text
    assert "UTC)" in actor.modal.all_text
    await actor.choose("mode", "backup")
    await drawn(world, actor, "backup")
    assert "is left out" not in actor.modal.all_text
    await actor.choose("mode", "timestamp")
    await drawn(world, actor, "restore_time")
    assert actor.modal.values["restore_time"]["restore_time"]["value"] == "10 minutes ago"
    assert "is left out" in actor.modal.all_text


async def test_another_source_empties_the_backup_of_the_one_before(world):
    actor = await form(world, STAGING)
    await take_first(actor, "backup", "auto")
    await take_first(actor, "source", "billing-prod")
    await world.slack.wait_for(lambda _: "backup" in actor.modal.inputs and chosen(actor, "backup") is None)
    assert chosen(actor, "source").startswith("billing-prod")
    assert chosen(actor, "target").startswith("orders-staging")
    offered = await actor.suggest(actor.modal.id, "backup", "")
    assert all("billing-prod" in option["text"]["text"] or "cannot be restored" in str(option) for option in offered)
    # The same source once more keeps what was chosen.
    await take_first(actor, "backup", "auto")
    kept = chosen(actor, "backup")
    await actor.choose("mode", "backup")
    assert chosen(actor, "backup") == kept


async def test_a_project_is_asked_for_where_there_are_several(tmp_path, world):
    assert "project" not in (await form(world, STAGING)).modal.inputs
    (tmp_path / "two").mkdir()
    async with in_slack(tmp_path / "two", http_mode=False, projects=("prod", "lab")) as two:
        two.rds.state.add_instance(
            Instance("1" * 32 + "in01", "lab-1", "MySQL", "8.0", cloud_id("lab"), "8.0.32.6", 40, "ACTIVE", "Single")
        )
        actor = await form(two, STAGING)
        await take_first(actor, "backup", "auto")
        await actor.choose("project", "lab")
        await two.slack.wait_for(lambda _: "source" in actor.modal.inputs and chosen(actor, "source") is None)
        assert (chosen(actor, "target"), chosen(actor, "backup")) == (None, None)
        (only,) = await actor.suggest(actor.modal.id, "source", "")
        assert only["text"]["text"].startswith("lab-1 ")


async def test_fields_changed_while_the_cloud_is_slow_are_all_kept(world):
    actor = await form(world, "/rds-restore")
    source = (await actor.suggest(actor.modal.id, "source", "orders-prod"))[0]
    (target,) = await actor.suggest(actor.modal.id, "target", "orders-staging")
    world.rds.faults.delay_seconds = 0.5
    await asyncio.gather(actor.choose("source", source), later(0.1, lambda: actor.choose("mode", "timestamp")))
    await actor.choose("target", target)
    await drawn(world, actor, "restore_time")
    await world.slack.wait_for(lambda _: "Can be restored:" in actor.modal.all_text)
    world.rds.faults.delay_seconds = 0.0
    assert await world.program.draining.wait(10)
    assert "restore_time" in actor.modal.inputs
    assert await actor.submit(values={"restore_time": "1 hour ago", **REASON}) == {}
    await modal(world, actor, "confirm_request")
    assert "overwrite `orders-staging` with `orders-prod`" in actor.modal.all_text


async def later(seconds, what):
    await asyncio.sleep(seconds)
    await what()


async def test_a_form_that_has_not_caught_up_is_not_taken(world):
    actor = await form(world, STAGING)
    await take_first(actor, "backup", "auto")
    actor.fill("mode", "timestamp")
    assert "has not caught up" in (await actor.submit(values=REASON))["mode"]


async def test_a_form_that_is_closed_while_the_cloud_is_asked(world):
    world.rds.faults.delay_seconds = 0.5
    alice = world.slack.actor(ALICE)
    await alice.command("C0INC", STAGING)
    await world.slack.wait_for(lambda _: alice.view is not None)
    await alice.close()
    assert await world.program.draining.wait(10)
    assert alice.view is None
    assert alice.ephemerals == []


async def test_an_answer_that_is_faster_than_the_hourglass_is_shown_all_the_same(world, monkeypatch):
    monkeypatch.setattr(views, "PATIENCE", 0.0)
    actor = await form(world, STAGING)
    await take_first(actor, "backup", "auto")
    # The update reaches Slack before the acknowledgement does.
    world.slack.faults.errors = {"views.update": "not_found"}
    submitting = asyncio.create_task(actor.submit(values=REASON))
    await world.slack.wait_for(lambda _: [call for call in world.slack.calls if call.error == "not_found"])
    world.slack.faults.errors = {}
    assert await submitting == {}
    await modal(world, actor, "confirm_request")


async def test_a_check_that_breaks_late_leaves_no_hourglass(world, monkeypatch):
    monkeypatch.setattr(views, "PATIENCE", 0.0)
    actor = await form(world, STAGING)
    await take_first(actor, "backup", "auto")

    def broken(*_):
        raise KeyError("nobody foresaw this")

    monkeypatch.setattr(open_request, "preflight", broken)
    assert await actor.submit(values=REASON) == {}
    await world.slack.wait_for(lambda _: "direct message" in actor.modal.all_text)
    channel = world.slack.workspace.direct(ALICE, world.slack.workspace.bot_user)
    await world.slack.wait_for(
        lambda workspace: "Something went wrong" in workspace.messages_in(channel.id)[-1].text,
    )


async def test_a_summary_that_is_confirmed_twice_is_one_request(tmp_path):
    async with in_slack(tmp_path, http_mode=False, working=True) as world:
        actor = await form(world, STAGING)
        await take_first(actor, "backup", "auto")
        assert await actor.submit(values=REASON) == {}
        await modal(world, actor, "confirm_request")
        presses = [world.slack._submissions.submit(ALICE, actor.modal.id, {}) for _ in range(2)]
        outcomes = await asyncio.gather(*presses)
        assert [outcome.error for outcome in outcomes] == [None, None]
        await world.slack.wait_for(lambda _: card(world))
        assert await world.program.draining.wait(10)
        assert len([m for m in world.slack.workspace.messages_in("C0INC") if m.bot and m.thread_ts is None]) == 1


async def test_databases_of_sql_server_are_restored_under_the_names_that_everybody_saw(tmp_path):
    async with in_slack(tmp_path, http_mode=False, working=True) as world:
        actor = await form(world, "/rds-restore crm-prod to crm-test")
        assert "databases" in actor.modal.inputs
        await take_first(actor, "backup", "auto")
        assert "no database" in (await actor.submit(values={"databases": "nope = x", **REASON}))["databases"]
        assert await actor.submit(values={"databases": "crm_audit = crm_audit_old", **REASON}) == {}
        await modal(world, actor, "confirm_request")
        assert "`crm_audit` → `crm_audit_old`" in actor.modal.all_text
        assert await actor.submit() == {}
        await world.slack.wait_for(lambda _: card(world))
        assert "`crm_audit` → `crm_audit_old`" in card(world).all_text
        bob = world.slack.actor("U0BOB")
        await bob.click("C0INC", card(world).ts, "approve")
        await modal(world, bob, "approve_form")
        assert "`crm_audit` → `crm_audit_old`" in bob.modal.all_text
        await bob.close()
        await approve(world, typed="crm-test")
        await headline(world, "Restored")
        (call,) = [each for each in world.rds.calls if each.path.endswith("/instances/recovery")]
        assert call.body is not None
        assert call.body["source"]["database_name"] == {"crm_audit": "crm_audit_old"}


async def test_what_the_cloud_did_not_tell_is_asked_for_again(world):
    actor = await form(world, "/rds-restore")
    crm = world.rds.state.named("crm-prod")
    world.rds.faults.unavailable = True
    await actor.choose("source", {"text": {"type": "plain_text", "text": "crm-prod"}, "value": crm.id})
    await world.slack.wait_for(lambda _: "⚠️" in actor.modal.all_text, timeout=30)
    assert "databases" not in actor.modal.inputs
    world.rds.faults.unavailable = False
    await actor.choose("mode", "timestamp")
    await drawn(world, actor, "databases", "restore_time")
    assert "⚠️" not in actor.modal.all_text


async def test_thousands_of_instances(tmp_path):
    async with in_slack(tmp_path, http_mode=False) as world:
        for number in range(3000):
            world.rds.state.add_instance(
                Instance(
                    f"{number:032x}in01",
                    f"shard-{number}",
                    "MySQL",
                    "8.0",
                    PROJECT_ID,
                    "8.0.32.6",
                    200,
                    "ACTIVE",
                    "Single",
                    lower_case_table_names="1",
                    tags={"env": "blue" if number == 2999 else "green"},
                )
            )
        actor = await form(world, "/rds-restore")
        offered = await eventually(lambda: actor.suggest(actor.modal.id, "source", "shard-1"))
        names = [option["text"]["text"] for option in offered]
        assert len(names) == 100
        # The exact name stands first though more than a thousand others contain it.
        assert names[0].startswith("shard-1 ")
        hidden = sum("shard-1" in instance.name for instance in world.rds.state.instances.values()) - 99
        assert names[-1] == f"… and {hidden} more: type a part of the name"
        (tagged,) = await actor.suggest(actor.modal.id, "source", "blue")
        assert tagged["text"]["text"].startswith("shard-2999 ")
        await actor.choose("source", offered[-1])
        await take_first(actor, "target", "orders-staging")
        await take_first(actor, "source", "shard-2999")
        offered = await actor.suggest(actor.modal.id, "target", "orders-staging")
        assert offered[0]["description"]["text"].startswith("✗ Target storage 120 GB is smaller")


async def eventually(suggest):
    """What is offered once the cloud has told everything; until then the list asks to type again."""
    while True:
        offered = await suggest()
        if "does not answer in time" not in offered[0]["text"]["text"]:
            return offered


async def test_who_may_not_ask_is_told_at_the_form_and_stands_in_the_log(tmp_path):
    """There is no request yet, so the audit log cannot have it."""
    only_bob = PolicySettings(approvers=("S0DBA",), requesters=("U0BOB",))
    async with in_slack(tmp_path, http_mode=False, policies=(only_bob,)) as world:
        actor = await form(world, STAGING)
        await take_first(actor, "backup", "auto")
        with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as log:
            errors = await actor.submit(values=REASON)
        assert errors != {}
        assert [(each["code"], each["user"]) for each in log if each.get("action") == "refused"] == [
            ("not_a_requester", ALICE)
        ]
