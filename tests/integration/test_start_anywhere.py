"""Where a restore can be asked for, how it is looked at afterwards, and what is said where it cannot be."""

import asyncio
import json
from dataclasses import replace

import pytest

from bot.policy_settings import PolicySettings
from bot.slack import home_tab
from tests.acceptance.journey import (
    ALICE,
    BOB,
    CAROL,
    approve,
    ask,
    card,
    cards,
    form,
    headline,
    kind_of,
    modal,
    request_of,
    take_first,
    told,
)
from tests.integration.in_slack import in_slack
from tests.integration.test_errors_in_slack import sample

INCIDENT = "C0INC"


@pytest.fixture
async def world(tmp_path):
    async with in_slack(tmp_path, http_mode=False, working=True) as made:
        yield made


async def fill_and_ask(world, actor, **values):
    await take_first(actor, "source", "orders-prod")
    await take_first(actor, "target", "orders-staging")
    await world.slack.wait_for(lambda _: "Newest first" in actor.modal.all_text)
    await take_first(actor, "backup", "auto")
    assert await actor.submit(values={"reason": "the table is gone", **values}) == {}
    await modal(world, actor, "confirm_request")
    assert await actor.submit() == {}


@pytest.mark.parametrize("on_a_reply", [False, True])
async def test_from_a_message_the_whole_restore_lives_in_its_thread(world, on_a_reply):
    alice = world.slack.actor(ALICE)
    root = alice.say(INCIDENT, "orders are gone")
    on = alice.say(INCIDENT, "since 14:32", root.ts) if on_a_reply else root
    await alice.shortcut("restore_here", INCIDENT, on.ts)
    await modal(world, alice, "restore_form")
    await fill_and_ask(world, alice)
    await world.slack.wait_for(lambda _: cards(world))
    await approve(world)
    await headline(world, "Restored")
    await world.slack.wait_for(lambda _: [m for m in from_bot(world) if kind_of(m) == "final:outcome"])
    assert {message.thread_ts for message in from_bot(world)} == {root.ts}
    assert [kind_of(message) for message in from_bot(world) if message.broadcast] == ["final:outcome"]
    private = world.slack.workspace.direct(ALICE, world.slack.workspace.bot_user)
    await world.slack.wait_for(lambda workspace: "is back after" in workspace.messages_in(private.id)[-1].text)


def from_bot(world):
    return [message for message in world.slack.workspace.messages_in(INCIDENT) if message.bot]


async def test_from_anywhere_a_channel_is_asked_for(world):
    alice = world.slack.actor(ALICE)
    await alice.shortcut("restore")
    await modal(world, alice, "restore_form")
    assert "channel" in alice.modal.inputs
    await fill_and_ask(world, alice, channel=INCIDENT)
    await world.slack.wait_for(lambda _: cards(world))
    assert card(world).thread_ts is None


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("C0DBA", "/invite"),
        ("C0OLD", "archived"),
        ("C0EXT", "shared with another organisation"),
        ("direct", "in a channel"),
    ],
)
async def test_a_place_that_will_not_do_is_said_at_the_channel(world, channel, words):
    alice = world.slack.actor(ALICE)
    if channel == "direct":
        channel = world.slack.workspace.direct(ALICE, world.slack.workspace.bot_user).id
    await alice.shortcut("restore")
    await modal(world, alice, "restore_form")
    await take_first(alice, "source", "orders-prod")
    await take_first(alice, "target", "orders-staging")
    await world.slack.wait_for(lambda _: "Newest first" in alice.modal.all_text)
    await take_first(alice, "backup", "auto")
    errors = await alice.submit(values={"channel": channel, "reason": "the table is gone"})
    assert list(errors) == ["channel"]
    assert words in errors["channel"]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("C0DBA", "/invite"),
        ("C0NOWHERE", "/invite"),
        ("C0OLD", "archived"),
        ("C0EXT", "shared with another organisation"),
        ("D0BOB", "in a channel, where a second person can approve"),
    ],
)
async def test_a_command_in_a_place_that_will_not_do_says_what_to_do(world, place, words):
    payload = sample("command", world.slack, channel_id=place)
    await world.slack.deliver("slash_commands", payload)
    await world.slack.wait_for(lambda _: words in world.slack.actor(ALICE).modal.all_text)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("missing_scope", "I may not look at this conversation (missing_scope). Ask in a channel"),
        ("fatal_error", "try again"),
    ],
)
async def test_a_place_that_slack_does_not_tell_about(world, code, words):
    world.slack.faults.errors = {"conversations.info": code}
    alice = world.slack.actor(ALICE)
    await alice.command(INCIDENT, "/rds-restore")
    await world.slack.wait_for(lambda _: words in alice.modal.all_text)


async def test_of_many_who_ask_in_a_good_channel_slack_is_asked_about_it_once(world):
    for person in (ALICE, BOB):
        actor = world.slack.actor(person)
        await actor.command(INCIDENT, "/rds-restore")
        await modal(world, actor, "restore_form")
    assert [call.method for call in world.slack.calls].count("conversations.info") == 1


async def test_a_channel_that_was_mended_is_good_at_once(world):
    bob = world.slack.actor(BOB)
    await bob.command("C0DBA", "/rds-restore")
    await world.slack.wait_for(lambda _: "/invite" in bob.modal.all_text)
    channel = world.slack.workspace.channels["C0DBA"]
    world.slack.workspace.set_channel(replace(channel, members=channel.members | {world.slack.workspace.bot_user}))
    await bob.close(everything=True)
    await bob.command("C0DBA", "/rds-restore")
    await modal(world, bob, "restore_form")


async def test_the_sub_commands(world):
    alice, bob = world.slack.actor(ALICE), world.slack.actor(BOB)

    async def says(text, *words, actor=alice):
        await actor.command(INCIDENT, f"/rds-restore {text}")
        await told(world, actor.user, words[0])
        answer = next(message for message in reversed(actor.ephemerals) if words[0] in message.text)
        assert [word for word in words if word not in answer.text] == []
        assert answer.blocks

    await says("status", "Newest in this channel", "Nothing.")
    await says("list", "Not finished", "Nothing.")
    request = await ask(world)
    await says("status", "Newest in this channel*\n⏳", request)
    await says(f"status {request.lower()}", f"⏳ *{request}* Waiting for approval", "asked by <@U0ALICE>")
    await says("list", "Not finished*\n⏳", request)
    await says("cancel", "Say which request, for example `/rds-restore cancel R-7KQ2M`")
    await says(f"cancel {request}", "Only", actor=bob)
    await says(f"cancel {request}", f"Cancelled {request}. Nothing was changed.")
    await headline(world, "Cancelled")
    await says(f"cancel {request}", "already cancelled")
    await says("history", "Finished", request, "Cancelled", "{date_short_pretty}")
    await says("status R-AAAAA", "R-AAAAA")
    await says("help", "opens the form")


async def test_a_command_fills_the_form_in(world):
    name = next(
        each.name
        for each in world.rds.state.backups.values()
        if each.name.startswith("orders-prod-") and each.type == "auto"
    )
    actor = await form(world, f"/rds-restore orders-prod onto orders-staging from backup {name}")
    held = {
        name: actor.modal.values[name][name]["selected_option"]["text"]["text"] for name in ("source", "target", "backup")
    }
    assert held["source"].startswith("orders-prod · MySQL 8.0.32.6 · 100 GB")
    assert held["target"].startswith("orders-staging")
    assert name in held["backup"]
    actor = await form(world, "/rds-restore orders-prod to orders-nowhere from backup never-made")
    assert "There is no instance named orders-nowhere" in actor.modal.all_text
    assert "has no backup named never-made" in actor.modal.all_text


async def test_the_home_tab_follows_what_is_done_in_it(world, monkeypatch):
    monkeypatch.setattr(home_tab, "SHOWN", 2)
    alice, bob = world.slack.actor(ALICE), world.slack.actor(BOB)
    requests = []
    for source, target in (("orders-prod", "orders-staging"), ("billing-prod", "billing-staging")):
        requests.append(await ask(world, f"/rds-restore {source} to {target}"))
    await bob.open_home()
    await world.slack.wait_for(lambda _: bob.home and all(request in bob.home.all_text for request in requests))
    parts = home_parts(bob.home)
    assert requests[0] in parts["Waiting for you"]
    assert requests[1] in parts["Waiting for you"]
    await alice.open_home()
    await world.slack.wait_for(lambda _: alice.home is not None)
    assert all(request in home_parts(alice.home)["Yours"] for request in requests)
    assert home_parts(alice.home)["Waiting for you"].strip() == "Nothing."

    # Bob denies one, and it leaves his tab without his opening it anew.
    (block,) = [each["block_id"] for each in bob.home.blocks if each["block_id"] == f"decision-{requests[0]}"]
    deny = next(e for b in bob.home.blocks if b["block_id"] == block for e in b["elements"] if e["action_id"] == "deny")
    await bob.view_action(bob.home.id, block, {"action_id": "deny", "value": deny["value"]})
    await modal(world, bob, "deny_form")
    assert await bob.submit(values={"reason": "not now"}) == {}
    await world.slack.wait_for(lambda _: requests[0] not in home_parts(bob.home)["Waiting for you"])
    assert requests[0] in home_parts(bob.home)["History"]


async def test_what_was_done_in_a_home_tab_that_cannot_be_drawn_is_done(world):
    await ask(world)
    bob = world.slack.actor(BOB)
    await bob.open_home()
    await world.slack.wait_for(lambda _: bob.home)
    world.slack.faults.errors = {"views.publish": "fatal_error"}
    await bob.press("deny", view_id=bob.home.id)
    await modal(world, bob, "deny_form")
    assert await bob.submit(values={"reason": "not now"}) == {}
    await headline(world, "Denied")
    assert await world.program.draining.wait(10)
    private = world.slack.workspace.direct(BOB, world.slack.workspace.bot_user)
    assert world.slack.workspace.messages_in(private.id) == []


async def test_the_history_has_pages(world, monkeypatch):
    monkeypatch.setattr(home_tab, "SHOWN", 2)
    alice = world.slack.actor(ALICE)
    made = []
    for _ in range(3):
        made.append(await ask(world))
        await alice.command(INCIDENT, f"/rds-restore cancel {made[-1]}")
        await headline(world, "Cancelled")
    await alice.open_home()
    await world.slack.wait_for(lambda _: alice.home and made[2] in alice.home.all_text)
    assert made[0] not in home_parts(alice.home)["History"]
    await alice.press("older", view_id=alice.home.id)
    await world.slack.wait_for(lambda _: made[0] in home_parts(alice.home)["History"])
    assert made[2] not in home_parts(alice.home)["History"]
    await alice.press("newer", view_id=alice.home.id)
    await world.slack.wait_for(lambda _: made[2] in home_parts(alice.home)["History"])


def home_parts(view):
    """The text under each bold title of the Home tab."""
    parts, title = {}, ""
    for block in view.blocks:
        words = json.dumps(block, ensure_ascii=False)
        if block["type"] == "section" and (block.get("text") or {}).get("text", "").strip("*") in TITLES:
            title = block["text"]["text"].strip("*")
            parts[title] = ""
        elif title and block["type"] == "context":
            parts[title] += "\n".join(each["text"] for each in block["elements"])
        elif title and block["type"] != "divider":
            parts[title] += words
    return parts


TITLES = ("Waiting for you", "Yours", "Waiting for others", "Running", "History")


async def test_the_home_tab_opens_the_form(world):
    carol = world.slack.actor(CAROL)
    await carol.open_home()
    await world.slack.wait_for(lambda _: carol.home is not None)
    await carol.press("start", view_id=carol.home.id)
    await modal(world, carol, "restore_form")
    assert "channel" in carol.modal.inputs


async def test_only_those_to_notify_are_called(tmp_path):
    policy = PolicySettings(approvers=("S0DBA", "U0DANA"), notify=("S0ONCALL",))
    async with in_slack(tmp_path, http_mode=False, working=True, policies=(policy,)) as world:
        await ask(world)
        await world.slack.wait_for(lambda _: len(from_bot(world)) == 2)
        said = json.dumps([[message.text, message.blocks] for message in from_bot(world)])
        assert "<!subteam^S0ONCALL>" in said
        assert "S0DBA" not in said
        assert "U0DANA" not in said
        bob = world.slack.actor(BOB)
        await bob.click(INCIDENT, card(world).ts, "details")
        # A window calls nobody: there the approvers are named.
        await world.slack.wait_for(lambda _: "<!subteam^S0DBA>" in bob.modal.all_text)


async def test_approving_twice_is_said_and_counts_once(tmp_path):
    policy = PolicySettings(approvers=("S0DBA",), approvals=2, confirm="button")
    async with in_slack(tmp_path, http_mode=False, working=True, policies=(policy,)) as world:
        await ask(world)
        bob = world.slack.actor(BOB)
        await bob.click(INCIDENT, card(world).ts, "approve")
        await modal(world, bob, "approve_form")
        view = bob.modal.id
        await asyncio.gather(*(world.slack._submissions.submit(BOB, view, {}) for _ in range(2)))
        await headline(world, "Waiting for approval")
        await world.slack.wait_for(lambda _: "1 of 2" in card(world).all_text)
        assert await world.program.draining.wait(10)
        assert request_of(card(world)) in card(world).all_text
        await world.slack.wait_for(lambda _: "thread:approved_by" in map(kind_of, from_bot(world)))
        assert [kind_of(message) for message in from_bot(world)].count("thread:approved_by") == 1


async def test_a_step_whose_listener_fails_ends(tmp_path):
    async with in_slack(tmp_path, http_mode=False, workflow_step=True) as world:
        world.slack.faults.drop_next, world.slack.faults.methods = 2, frozenset({"chat.postMessage"})
        step = await world.slack.run_step("restore_database", {"channel": INCIDENT, "source": "orders-prod"})
        await world.slack.wait_for(lambda _: step.ended)
        assert "Something went wrong" in (step.error or "")
