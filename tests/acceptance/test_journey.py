"""The real program, from the slash command to the last message."""

import asyncio
import csv
import io
import json
import signal

import aiohttp
import pytest

from tests.acceptance.journey import (
    ALICE,
    BOB,
    CAROL,
    DANA,
    approve,
    ask,
    card,
    cards,
    form,
    headline,
    modal,
    take_first,
    thread,
    told,
)
from tests.acceptance.world import INCIDENT, World


async def test_a_backup_is_restored_from_form_to_final_message(world):
    await world.start_bot()
    request = await ask(world)
    assert "Waiting for approval" in card(world).text
    await approve(world)
    await headline(world, "Restored")
    await world.slack.wait_for(lambda _: "final:outcome" in thread(world))
    kinds = thread(world)
    assert kinds[0] == "thread:requested"
    assert kinds.index("thread:approved_by") < kinds.index("thread:submitted") < kinds.index("final:outcome")
    assert len(world.recovery_calls()) == 1
    assert card(world).buttons == ["verified", "not_as_expected", "details"]
    code, out, _ = await world.run("requests", "show", request)
    assert code == 0
    assert "succeeded" in out
    assert (await world.run("audit", "verify"))[0] == 0
    code, lines, _ = await world.run("audit", "export")
    entries = [json.loads(line) for line in lines.splitlines()]
    assert code == 0
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    code, table, _ = await world.run("audit", "export", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["hash"] for row in rows] == [entry["hash"] for entry in entries]
    assert [json.loads(row["data"]) for row in rows] == [entry["data"] for entry in entries]


async def test_a_point_in_time_with_v31(tmp_path):
    async with World(tmp_path, api_version="v3.1") as world:
        await world.start_bot()
        await ask(world, "/rds-restore orders-prod to orders-staging at 45 minutes ago", backup=None)
        await approve(world)
        await headline(world, "Restored")
        (call,) = world.recovery_calls()
        assert call.path.startswith("/v3.1/")
        assert call.body is not None
        assert call.body["source"]["type"] == "timestamp"


async def test_http_mode(tmp_path):
    async with World(tmp_path, http_mode=True) as world:
        await world.start_bot()
        ready = next(json.loads(line) for line in world.log().splitlines() if '"action": "ready"' in line)
        world.slack.enable_http(f"{ready['url']}/slack/events")
        async with aiohttp.ClientSession(ready["url"]) as session:
            for path in ("/healthz", "/readyz", "/metrics"):
                async with session.get(path) as answer:
                    assert answer.status == 200, await answer.text()
            async with session.post("/slack/events", data=b"payload=%7B%7D") as answer:
                assert answer.status == 401
        await ask(world)
        await approve(world)
        await headline(world, "Restored")


async def test_a_safety_backup_and_a_button_to_confirm(world):
    await world.start_bot()
    await ask(world, "/rds-restore crm-prod to crm-test", backup="auto")
    await approve(world, typed="")
    await headline(world, "Restored")
    kinds = thread(world)
    assert kinds.index("thread:backup_started") < kinds.index("thread:backup_done") < kinds.index("thread:submitted")


async def test_two_people_are_needed_where_the_policy_says_so(world):
    await world.start_bot()
    await ask(world, "/rds-restore billing-prod to billing-staging")
    await approve(world, BOB, "billing-staging")
    await world.slack.wait_for(lambda _: "1 of 2" in card(world).all_text)
    assert world.recovery_calls() == []
    await approve(world, DANA, "billing-staging")
    await headline(world, "Restored")


async def test_the_requester_is_refused_in_words(world):
    await world.start_bot()
    await ask(world)
    alice = world.slack.actor(ALICE)
    await alice.click(INCIDENT, card(world).ts, "approve")
    await told(world, ALICE, "somebody else must decide")
    assert alice.view is None
    carol = world.slack.actor(CAROL)
    await carol.click(INCIDENT, card(world).ts, "approve")
    await told(world, CAROL, "not among the people")
    assert "Waiting" in card(world).text


async def test_denied_with_a_reason(world):
    await world.start_bot()
    await ask(world)
    bob = world.slack.actor(BOB)
    await bob.click(INCIDENT, card(world).ts, "deny")
    await modal(world, bob, "deny_form")
    assert await bob.submit(values={"reason": "use the replica instead"}) == {}
    await headline(world, "Denied")
    assert "use the replica instead" in card(world).all_text


async def test_cancelled_by_button(world):
    await world.start_bot()
    await ask(world)
    await world.slack.actor(ALICE).click(INCIDENT, card(world).ts, "cancel")
    await headline(world, "Cancelled")


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("orders-prod to orders-staging at 2031-01-01 10:00", "restore_time", "future"),
        ("orders-prod to orders-staging at yesterdayish", "restore_time", "cannot be read"),
        ("orders-prod to orders-staging at 30 days ago", "restore_time", "orders-prod"),
        ("orders-prod to orders-small at 1 hour ago", "target", "40 GB is smaller"),
        ("orders-prod to billing-staging at 1 hour ago", "target", "PostgreSQL"),
    ],
)
async def test_errors_stand_at_their_field(world, text, field, words):
    await world.start_bot()
    actor = await form(world, f"/rds-restore {text}")
    errors = await actor.submit(values={"reason": "a test"})
    assert words in errors[field]


async def test_a_foreign_backup_is_refused_at_its_field(world):
    await world.start_bot()
    actor = await form(world)
    billing = next(item.id for item in world.cloud.state.instances.values() if item.name == "billing-prod")
    foreign = next(backup.id for backup in world.cloud.state.backups.values() if backup.instance_id == billing)
    actor.fill("backup", foreign)
    assert "no such backup" in (await actor.submit(values={"reason": "a test"}))["backup"]


@pytest.mark.parametrize("text", ["/rds-restore frobnicate", "/rds-restore please help me", "/rds-restore help"])
async def test_unknown_words_get_help(world, text):
    await world.start_bot()
    await world.slack.actor(ALICE).command(INCIDENT, text)
    await told(world, ALICE, "opens the form")
    assert world.slack.actor(ALICE).view is None


async def test_a_channel_without_the_bot_says_what_to_do(world):
    await world.start_bot()
    bob = world.slack.actor(BOB)
    await bob.command("C0DBA", "/rds-restore")
    await world.slack.wait_for(lambda _: bob.view is not None and "/invite" in bob.view.all_text)


async def test_typeahead_narrows_and_never_offers_nothing(world):
    await world.start_bot()
    actor = await form(world, "/rds-restore")
    names = [option["text"]["text"] for option in await actor.suggest(actor.modal.id, "source", "orders")]
    assert names
    assert all("orders" in name for name in names)
    (nothing,) = await actor.suggest(actor.modal.id, "source", "no-such-thing")
    assert "No instance matches" in nothing["text"]["text"]
    await take_first(actor, "source", "no-such-thing")
    await take_first(actor, "target", "orders-staging")
    await take_first(actor, "backup", "")
    assert "source" in await actor.submit(values={"reason": "a test"})


async def test_the_cloud_is_down_and_nothing_is_lost(world):
    await world.start_bot()
    actor = await form(world, "/rds-restore orders-prod to orders-staging at 1 hour ago")
    world.cloud.faults.unavailable = True
    await actor.submit(values={"reason": "a test"})
    await world.slack.wait_for(lambda _: "Not possible" in actor.modal.title or bool(actor.modal.errors), timeout=30)
    assert cards(world) == []
    world.cloud.faults.unavailable = False
    if actor.modal.callback_id != "restore_form":
        await actor.close()
    assert await actor.submit() == {}
    await modal(world, actor, "confirm_request")


async def test_a_failed_job_shows_the_clouds_reason(world):
    await world.start_bot()
    world.cloud.faults.job_fails_with = "The data disk is broken."
    await ask(world)
    await approve(world)
    await headline(world, "Failed")
    assert "The data disk is broken." in card(world).all_text


async def test_sigterm_ends_it_in_order(world):
    bot = await world.start_bot()
    bot.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(bot.wait(), 10) == 0


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("SLACK_BOT_TOKEN", "", "SLACK_BOT_TOKEN"),
        ("SLACK_BOT_TOKEN", "xoxb-wrong", "SLACK_BOT_TOKEN"),
        ("SLACK_APP_TOKEN", "xapp-wrong", "SLACK_APP_TOKEN"),
        ("RDS_RESTORE_CONFIG", "nowhere.toml", "RDS_RESTORE_CONFIG"),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL"),
        ("HUAWEICLOUD_SDK_SK", "", "HUAWEICLOUD_SDK_SK"),
        ("PORT", "many", "PORT"),
    ],
)
async def test_wrong_settings_end_the_program_with_2_and_the_key(world, variable, value, words):
    code, _, err = await world.run("serve", **{variable: value})
    assert code == 2
    assert words in err
    assert "Traceback" not in err


async def test_who_comes_second_is_told_who_holds_the_target_with_a_link(world):
    await world.start_bot()
    first = await ask(world)
    actor = await form(world, person=BOB)
    await take_first(actor, "backup", "auto")
    assert await actor.submit(values={"reason": "me too"}) == {}
    await world.slack.wait_for(lambda _: actor.modal.callback_id not in ("restore_form", "confirm_request"))
    assert f"Request {first} holds the target" in actor.modal.all_text
    assert f"|Open {first}>" in actor.modal.all_text
    assert len(cards(world)) == 1


async def test_the_typeahead_says_why_a_target_does_not_fit(world):
    await world.start_bot()
    actor = await form(world, "/rds-restore orders-prod to orders-staging")
    offered = await actor.suggest(actor.modal.id, "target", "")
    said = {each["text"]["text"].split(" ")[0]: each.get("description", {}).get("text", "") for each in offered}
    assert said["orders-small"] == "✗ Target storage 40 GB is smaller than the source's 100 GB."
    assert said["billing-prod"].startswith("✗ The target runs PostgreSQL")
    assert said["orders-staging"] == "staging"
    assert list(said).index("orders-staging") < list(said).index("orders-small")


async def test_enter_in_the_time_field_shows_what_it_means(world):
    await world.start_bot()
    actor = await form(world, "/rds-restore orders-prod to orders-staging at 2 hours ago")
    await actor.choose("restore_time", "10 minutes ago")
    await world.slack.wait_for(lambda _: "is left out" in actor.modal.all_text)
    assert "UTC" in actor.modal.all_text
    assert "What was written in the last 10 minutes is left out" in actor.modal.all_text
    await actor.choose("restore_time", "the day after tomorrowish")
    await world.slack.wait_for(lambda _: "cannot be read" in actor.modal.all_text)


async def test_an_approver_decides_from_the_home_tab(world):
    await world.start_bot()
    request_id = await ask(world)
    bob = world.slack.actor(BOB)
    await bob.open_home()
    await world.slack.wait_for(lambda _: bob.home is not None and request_id in bob.home.all_text)
    await bob.press("deny", view_id=bob.home.id)
    await modal(world, bob, "deny_form")
    assert await bob.submit(values={"reason": "not now"}) == {}
    await headline(world, "Denied")
