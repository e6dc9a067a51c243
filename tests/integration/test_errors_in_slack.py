"""Every error is answered where the person is, over HTTP and over Socket Mode.

The payloads have the keys that Slack's own have.
"""

import asyncio
import json
import re
import sqlite3
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
import structlog

from bot.domain.errors import Refused
from bot.sandbox.scenario import SIGNING_SECRET
from bot.slack import errors
from bot.slack.answering import TITLE
from bot.slack.draining import DrainingApp
from tests.acceptance.journey import BOB, ask, card, headline, modal
from tests.acceptance.world import INCIDENT
from tests.contract.slack_world import bolt, client_of, over_socket, serving
from tests.integration.in_slack import in_slack

SAMPLES = Path(__file__).parents[1] / "data" / "slack"
KINDS = {"command": "slash_commands", "event": "events_api", "function_executed": "events_api"}
REFERENCE = re.compile(r"The log has it as `([0-9a-f]{8})`")


@pytest.fixture(params=["socket", "http"])
async def world(request, tmp_path):
    async with in_slack(tmp_path, http_mode=request.param == "http") as made:
        yield made


def sample(name, slack=None, *, in_modal=False, **changes):
    """A payload; with `slack`, its trigger and response URL are good there."""
    payload = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8")) | changes
    if slack is not None:
        user = payload["user"]["id"] if "user" in payload else payload.get("user_id", "")
        if "trigger_id" in payload:
            payload["trigger_id"] = slack.platform.trigger(user, channel="C0INC", in_modal=in_modal)
        if "response_url" in payload:
            payload["response_url"] = slack.platform.response_url(user, "C0INC")
    return payload


async def deliver(world, name, *, in_modal=False, **changes):
    payload = sample(name, world.slack, in_modal=in_modal, **changes)
    return await world.slack.deliver(KINDS.get(name, "interactive"), payload)


async def told(slack, user, words):
    """Wait for an ephemeral message that says this, and return it."""
    return await slack.wait_for(lambda _: [each for each in slack.actor(user).ephemerals if words in each.text][-1])


async def told_in_private(slack, user, words):
    def found(workspace):
        channel = workspace.direct(user, workspace.bot_user)
        return [message for message in workspace.messages_in(channel.id) if words in message.text][-1]

    return await slack.wait_for(found)


async def test_a_command_that_is_refused(world):
    ack = await deliver(world, "command", text="cancel R-AAAAA")
    assert ack.problem is None
    await told(world.slack, "U0ALICE", "R-AAAAA")


async def test_an_answer_whose_response_url_is_used_up_comes_all_the_same(world):
    payload = sample("command", world.slack, text="help") | {"response_url": f"{world.slack.url}/response/gone"}
    assert (await world.slack.deliver("slash_commands", payload)).problem is None
    await told(world.slack, "U0ALICE", "opens the form")


async def test_an_unforeseen_error_has_a_reference_that_the_log_has_too(world):
    world.slack.faults.errors = {"views.open": "internal_error"}
    with structlog.testing.capture_logs() as log:
        await deliver(world, "command", text="orders-prod to orders-staging")
        message = await told(world.slack, "U0ALICE", "Something went wrong")
    (reference,) = REFERENCE.findall(message.text)
    failures = [entry for entry in log if entry.get("action") == "listener_failed"]
    assert [(entry["reference"], entry["kind"]) for entry in failures] == [(reference, "command")]


async def test_a_window_that_opens_too_late(world):
    world.slack.faults.errors = {"views.open": "expired_trigger_id"}
    await deliver(world, "message_action")
    await told(world.slack, "U0ALICE", "took too long for Slack to open a window")


async def test_a_button_on_a_card_in_a_thread_is_answered_in_the_thread(world):
    container = {"type": "message", "message_ts": "2.1", "thread_ts": "1.1", "channel_id": "C0INC", "is_ephemeral": False}
    ack = await deliver(world, "block_actions_message", container=container)
    assert ack.problem is None
    message = await told(world.slack, "U0BOB", "R-7KQ2M")
    assert message.thread_ts == "1.1"


async def test_a_button_whose_response_url_is_used_up_is_answered_in_the_channel(world):
    gone = f"{world.slack.url}/response/gone"
    payload = sample("block_actions_message", world.slack) | {"response_url": gone}
    assert (await world.slack.deliver("interactive", payload)).problem is None
    await told(world.slack, "U0BOB", "R-7KQ2M")


async def test_a_field_of_a_form_is_answered_on_top_of_the_form(world):
    alice = world.slack.actor("U0ALICE")
    await alice.command("C0INC", "/rds-restore orders-prod to orders-staging")
    await world.slack.wait_for(lambda _: alice.view and alice.view.callback_id == "restore_form")
    assert (await deliver(world, "block_actions_view", in_modal=True)).problem is None
    await world.slack.wait_for(lambda _: alice.modal.title == TITLE)
    assert "This form is too old" in alice.modal.all_text
    assert [view.callback_id for view in alice.views] == ["restore_form", ""]


async def test_a_field_of_a_form_that_is_gone_is_answered_in_private(world):
    assert (await deliver(world, "block_actions_view", in_modal=True)).problem is None
    await told_in_private(world.slack, "U0ALICE", "This form is too old")


async def test_a_typeahead_is_answered_with_an_option_that_says_it(world):
    ack = await deliver(world, "block_suggestion")
    assert [option["text"]["text"] for option in ack.body["options"]] == ["This form is too old. Please open it again."]


async def test_a_submission_is_answered_in_its_window(world):
    view = sample("view_submission")["view"] | {"callback_id": "approve_form"}
    ack = await deliver(world, "view_submission", view=view)
    assert ack.body["response_action"] == "update"
    assert "This form is too old" in json.dumps(ack.body["view"])


async def test_an_event_that_fails_is_acknowledged_and_answered(world):
    world.slack.faults.errors = {"views.publish": "internal_error"}
    assert (await deliver(world, "event")).problem is None
    await told_in_private(world.slack, "U0ALICE", "Something went wrong")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("command", {"command": "/rds-restore-2"}),
        ("message_action", {"callback_id": "from_another_time"}),
        ("block_actions_message", {"actions": [{"type": "button", "action_id": "gone", "block_id": "b", "value": "x"}]}),
    ],
)
async def test_what_nobody_listens_to_is_answered(world, name, changes):
    assert (await deliver(world, name, **changes)).problem is None
    user = "U0BOB" if name == "block_actions_message" else "U0ALICE"
    await told(world.slack, user, "belongs to another version of the bot")


async def test_an_unknown_shortcut_is_answered_in_a_window(world):
    assert (await deliver(world, "shortcut", callback_id="from_another_time")).problem is None
    await world.slack.wait_for(
        lambda _: "belongs to another version of the bot" in world.slack.actor("U0ALICE").modal.all_text
    )


async def test_an_unknown_form_and_an_unknown_field_are_answered(world):
    view = sample("view_submission")["view"] | {"callback_id": "from_another_time"}
    ack = await deliver(world, "view_submission", view=view)
    assert "belongs to another version of the bot" in json.dumps(ack.body["view"])
    ack = await deliver(world, "block_suggestion", action_id="from_another_time")
    assert "belongs to another version" in ack.body["options"][0]["text"]["text"]


@pytest.mark.parametrize(
    ("name", "changes"), [("view_closed", {}), ("event", {"event": {"type": "team_join", "user": "U1"}})]
)
async def test_what_nobody_waits_for_is_only_acknowledged(world, name, changes):
    before = len(world.slack.calls)
    assert (await deliver(world, name, **changes)).problem is None
    assert [call.method for call in world.slack.calls[before:] if call.method != "auth.test"] == []


async def test_a_command_that_is_far_too_long_opens_the_form(world):
    alice = world.slack.actor("U0ALICE")
    await alice.command("C0INC", f"/rds-restore {'<!channel>' * 700} to {'`' * 5000} at {'x' * 3000}")
    await world.slack.wait_for(lambda _: alice.view and alice.view.callback_id == "restore_form")
    assert "<!channel>" not in alice.modal.all_text


async def test_a_payload_that_says_nobody_did_it_is_acknowledged(world):
    ack = await world.slack.deliver("interactive", {"type": "block_actions", "actions": [{"action_id": "approve"}]})
    assert ack.problem is None


async def test_a_payload_that_bolt_itself_stumbles_over_is_the_senders_fault(world):
    ack = await world.slack.deliver("interactive", {"type": "block_actions", "actions": []})
    assert ack.problem == ("operation_timeout" if world.program.socket_mode else "http_client_error")


async def test_an_error_after_the_acknowledgement_does_not_take_it_back():
    async with serving() as slack:
        app = bolt(slack)
        errors.register(app)

        @app.view("form")
        async def submitted(ack):
            await ack(response_action="clear")
            raise RuntimeError("the cloud fell down")

        async with over_socket(slack, app):
            view = sample("view_submission")["view"] | {"callback_id": "form"}
            ack = await slack.deliver("interactive", sample("view_submission", slack, view=view))
            assert ack.body == {"response_action": "clear"}
            await told_in_private(slack, "U0ALICE", "Something went wrong")


@asynccontextmanager
async def patient():
    """An app in a local Slack, and what sets how long (in seconds) its listeners may take from now on."""
    async with serving() as slack:
        app = DrainingApp(client=client_of(slack), signing_secret=SIGNING_SECRET, raise_error_for_unhandled_request=True)
        errors.register(app)

        def let_take(seconds):
            for registered in app._async_listeners:
                registered.ack_timeout = seconds

        yield slack, app, let_take


@pytest.mark.parametrize("name", ["view_submission", "block_actions_message"])
async def test_a_listener_that_is_late_is_not_taken_for_none(name):
    async with patient() as (slack, app, let_take):
        may_end, ended, others = asyncio.Event(), asyncio.Event(), []

        async def slow(ack):
            await may_end.wait()
            await ack()
            ended.set()

        async def other(ack):
            others.append(await ack())

        for listener in (slow, other):
            app.view("form")(listener)
            app.action(re.compile(".*"))(listener)
        let_take(0)
        async with over_socket(slack, app):
            view = sample("view_submission")["view"] | {"callback_id": "form"}
            changes = {"view": view} if name == "view_submission" else {}
            with structlog.testing.capture_logs() as log:
                assert (await slack.deliver("interactive", sample(name, slack, **changes))).problem is None
                if name == "view_submission":
                    await told_in_private(slack, "U0ALICE", "I am still at it")
                else:
                    await told(slack, "U0BOB", "I am still at it")
            assert [entry["action"] for entry in log if "action" in entry] == ["listener_late"]
            may_end.set()
            await ended.wait()
            assert others == []


def said_to(slack, user):
    """All that the bot said to this person alone."""
    workspace = slack.workspace
    in_private = workspace.messages_in(workspace.direct(user, workspace.bot_user).id)
    return [message.text for message in (*slack.actor(user).ephemerals, *in_private)]


async def test_who_is_refused_at_the_last_moment_is_told_that_alone():
    async with patient() as (slack, app, let_take):

        @app.command("/rds-restore")
        async def refusing():
            # Slack's patience ends while the refusal is on its way.
            let_take(0)
            slack.faults.change({"delay": 0.5, "methods": ["chat.postEphemeral"]})
            raise Refused("not_yours", "You are not among them.")

        let_take(60)
        async with over_socket(slack, app):
            payload = sample("command", slack) | {"response_url": f"{slack.url}/response/gone"}
            with structlog.testing.capture_logs() as log:
                assert (await slack.deliver("slash_commands", payload)).problem is None
                await told(slack, "U0ALICE", "You are not among them.")
            assert said_to(slack, "U0ALICE") == ["You are not among them."]
            assert [entry["action"] for entry in log if "action" in entry] == ["refused"]


async def test_who_is_refused_when_slack_waits_no_longer_is_told_all_the_same():
    async with patient() as (slack, app, let_take):
        may_end = asyncio.Event()

        @app.view("form")
        async def refusing():
            await may_end.wait()
            raise Refused("not_yours", "You are not among them.")

        let_take(0)
        async with over_socket(slack, app):
            view = sample("view_submission")["view"] | {"callback_id": "form"}
            assert (await slack.deliver("interactive", sample("view_submission", slack, view=view))).problem is None
            await told_in_private(slack, "U0ALICE", "I am still at it")
            may_end.set()
            await told_in_private(slack, "U0ALICE", "You are not among them.")


async def test_an_approval_that_a_slow_database_delays_is_not_denied_and_counts(tmp_path):
    async with in_slack(tmp_path, http_mode=False, working=True) as world:
        await ask(world)
        bob = world.slack.actor(BOB)
        await bob.click(INCIDENT, card(world).ts, "approve")
        await modal(world, bob, "approve_form")
        file = sqlite3.connect(tmp_path / "bot.db", isolation_level=None, check_same_thread=False)
        with closing(file) as somebody_else:
            # In a thread, since the bot may be in the middle of a transaction.
            await asyncio.to_thread(somebody_else.execute, "BEGIN IMMEDIATE")
            approving = asyncio.create_task(bob.submit(values={"confirm_target": "orders-staging"}))
            await told_in_private(world.slack, BOB, "I am still at it")
            somebody_else.execute("ROLLBACK")
        await asyncio.gather(approving, return_exceptions=True)
        await headline(world, "Restored")
        workspace = world.slack.workspace
        said = [message.text for channel in workspace.channels for message in workspace.messages_in(channel)]
        assert [text for text in said if "Nothing was done" in text] == []
