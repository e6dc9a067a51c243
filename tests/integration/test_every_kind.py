"""Each kind of payload that Slack sends, with the keys of Slack's own samples, over HTTP and over Socket Mode.

The samples in `tests/data/slack` have every key that Slack's have; here they say what a real one would, and it works.
"""

import pytest

from bot.sandbox.scenario import BOT_TOKEN
from bot.sandbox.workspace import shapes
from tests.acceptance.journey import ALICE, BOB, ask, card, cards, form, modal, take_first
from tests.integration.in_slack import in_slack
from tests.integration.test_errors_in_slack import deliver, sample

INCIDENT = "C0INC"
STAGING = "/rds-restore orders-prod to orders-staging"


@pytest.fixture(params=["socket", "http"])
async def world(request, tmp_path):
    async with in_slack(tmp_path, http_mode=request.param == "http", working=True, workflow_step=True) as made:
        yield made


def open_view(world, name, actor):
    """The sample's view, which says what the one on the person's screen says."""
    return sample(name)["view"] | shapes.view(world.slack.platform, actor.modal)


async def test_a_slash_command(world):
    assert (await deliver(world, "command", text="orders-prod to orders-staging")).problem is None
    await modal(world, world.slack.actor(ALICE), "restore_form")


async def test_a_button_on_a_message(world):
    request = await ask(world)
    posted = card(world)
    payload = sample("block_actions_message")
    action = payload["actions"][0] | {"value": request}
    container = payload["container"] | {"message_ts": posted.ts}
    ack = await deliver(world, "block_actions_message", actions=[action], container=container)
    assert ack.problem is None
    await modal(world, world.slack.actor(BOB), "approve_form")


async def test_a_field_of_a_view(world):
    alice = await form(world, STAGING)
    alice.fill("mode", "timestamp")
    action = sample("block_actions_view")["actions"][0] | {"type": "radio_buttons", "block_id": "mode", "action_id": "mode"}
    view = open_view(world, "block_actions_view", alice)
    assert (await deliver(world, "block_actions_view", in_modal=True, actions=[action], view=view)).problem is None
    await world.slack.wait_for(lambda _: "restore_time" in alice.modal.inputs)


async def test_a_typeahead(world):
    alice = await form(world, STAGING)
    view = sample("block_suggestion")["view"] | shapes.view(world.slack.platform, alice.modal)
    ack = await deliver(world, "block_suggestion", view=view, value="billing-p")
    assert ack.body is not None
    assert [option["text"]["text"].split(" ")[0] for option in ack.body["options"]] == ["billing-prod"]


async def test_a_submission_and_a_closed_view(world):
    alice = await form(world, STAGING)
    await take_first(alice, "backup", "auto")
    alice.fill("reason", "the table is gone")
    view = open_view(world, "view_submission", alice)
    ack = await deliver(world, "view_submission", in_modal=True, view=view)
    assert ack.body is not None
    assert ack.body["response_action"] == "push"
    assert ack.body["view"]["callback_id"] == "confirm_request"
    before = len(world.slack.calls)
    assert (await deliver(world, "view_closed", view=open_view(world, "view_closed", alice))).problem is None
    assert world.slack.calls[before:] == []
    assert cards(world) == []


async def test_a_shortcut_on_a_message(world):
    alice = world.slack.actor(ALICE)
    said = alice.say(INCIDENT, "orders are gone")
    message = sample("message_action")["message"] | {"ts": said.ts}
    assert (await deliver(world, "message_action", message=message, message_ts=said.ts)).problem is None
    await modal(world, alice, "restore_form")
    assert f'"thread":"{said.ts}"' in alice.modal.private_metadata


async def test_a_global_shortcut(world):
    alice = world.slack.actor(ALICE)
    assert (await deliver(world, "shortcut")).problem is None
    await modal(world, alice, "restore_form")
    assert "channel" in alice.modal.inputs


async def test_the_home_tab_is_opened(world):
    assert (await deliver(world, "event")).problem is None
    await world.slack.wait_for(lambda _: world.slack.actor(ALICE).home)


async def test_a_step_of_a_workflow(world):
    event = sample("function_executed")["event"] | {"bot_access_token": BOT_TOKEN}
    assert (await deliver(world, "function_executed", event=event)).problem is None
    await world.slack.wait_for(
        lambda workspace: "A workflow would have `orders-prod` restored" in workspace.messages_in(INCIDENT)[-1].text
    )
