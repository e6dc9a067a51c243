"""People at their screens: what they can do, what they cannot, and what a silent app looks like."""

import aiohttp
import pytest

from bot.sandbox.workspace.errors import NotThere
from bot.sandbox.workspace.people import Person
from bot.sandbox.workspace.server import AppConfig, WorkspaceServer
from tests.contract.slack_world import bolt, card, client_of, form, modal, option, over_socket, section, serving, words


@pytest.fixture
async def server():
    async with serving(ack_timeout=0.2, event_retries=()) as server:
        yield server


async def opened(server, view, user="U0ALICE"):
    """Somebody with this modal in front."""
    await client_of(server).views_open(trigger_id=server.platform.trigger(user, channel="C0INC"), view=view)
    return server.actor(user)


def answering(server, **answer):
    """An app that answers every submission of `form` with this."""
    app = bolt(server)

    @app.view("form")
    async def submitted(ack):
        await ack(**answer)

    return app


def simple(**more):
    return modal(section("Sure?"), callback_id="form", submit=words("Yes"), **more)


async def test_a_wait_in_vain_shows_all_screens(server):
    alice = await opened(server, simple())
    await client_of(server).chat_postMessage(channel="C0INC", text="Card", blocks=card("approve"))
    await client_of(server).chat_postEphemeral(channel="C0INC", user="U0BOB", text="Psst")
    await client_of(server).views_publish(user_id="U0BOB", view={"type": "home", "blocks": [section("At home")]})
    server.problems.append("a strange answer")
    with pytest.raises(TimeoutError) as caught:
        await server.wait_for(lambda w: w.messages_in("C0NONE")[0], timeout=0.01)
    for seen in (alice.modal.title, "*Restore*", "approve", "Psst", "At home", "views.open ok", "a strange answer"):
        assert seen in str(caught.value)


async def test_what_is_not_on_the_screen_cannot_be_used(server):
    alice, gil, carol = server.actor("U0ALICE"), server.actor("U0GIL"), server.actor("U0CAROL")
    ts = server.workspace.messages_in("C0INC")[0].ts
    for deed in (
        gil.command("C0GEN", "help"),
        carol.command("C0OLD", "help"),
        alice.click("C0INC", ts, "approve"),
        alice.click("C0INC", "1.000001", "approve"),
        alice.submit(),
        alice.submit("V0"),
        alice.shortcut("restore_here"),
    ):
        with pytest.raises(NotThere):
            await deed
    with pytest.raises(NotThere):
        server.actor("U0NOBODY")
    await opened(server, modal(section("Only words")))
    for deed in (alice.submit(), alice.press("approve"), alice.suggest(alice.modal.id, "nowhere", "x")):
        with pytest.raises(NotThere):
            await deed


async def test_somebody_new_can_act(server):
    server.workspace.people["U0EVE"] = Person("U0EVE", "eve", "Eve", is_stranger=True, team_id="T0OTHER")
    user = (await client_of(server).users_info(user="U0EVE"))["user"]
    assert (user["is_stranger"], user["team_id"]) == (True, "T0OTHER")
    assert server.actor("U0EVE").views == ()


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ({}, ["Under"]),
        ({"response_action": "clear"}, []),
        ({"response_action": "update", "view": modal(section("Updated"), callback_id="new")}, ["Under", "Updated"]),
        ({"response_action": "push", "view": modal(section("On top"))}, ["Under", "Sure?", "On top"]),
    ],
)
async def test_what_an_answer_does_to_the_stack(server, answer, left):
    alice = await opened(server, modal(section("Under")))
    trigger = server.platform.trigger("U0ALICE", in_modal=True)
    await client_of(server).views_push(trigger_id=trigger, view=simple())
    async with over_socket(server, answering(server, **answer)):
        assert await alice.submit() == {}
    assert [view.blocks[0]["text"]["text"] for view in alice.views] == left
    assert server.problems == []


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"reason": "No such input"}},
        {"response_action": "errors", "errors": {"reason": 1}},
        {"response_action": "update", "view": {"type": "modal", "blocks": []}},
        {"response_action": "push", "view": modal(submit=words("x" * 25))},
        {"response_action": "dance"},
    ],
)
async def test_nonsense_changes_nothing(server, answer):
    alice = await opened(server, simple())
    async with over_socket(server, answering(server, **answer)):
        assert list(await alice.submit()) == [""]
    assert len(server.problems) == len(alice.views) == 1


async def test_a_silent_app(server):
    alice = await opened(server, simple())
    app = bolt(server)

    @app.view("nothing")
    async def nothing(ack):
        await ack()

    async with over_socket(server, app):
        assert await alice.submit() == {"": "We had some trouble connecting. Try again?"}
        await opened(server, form())
        outcome = await alice.options(alice.modal.id, "source", "x")
        assert outcome.error == "The options could not be loaded (operation_timeout)."
        assert (await alice.shortcut("restore")).error == "RDS Restore is not responding (operation_timeout)."
        outcome = await alice.open_home()
        assert outcome.error == "RDS Restore is not responding (operation_timeout)."


async def test_the_cross_closes_everything(server):
    closed = []
    app = bolt(server)

    @app.view_closed("under")
    async def under(ack, body):
        closed.append(body["is_cleared"])
        await ack()

    alice = await opened(server, modal(callback_id="under", notify_on_close=True))
    trigger = server.platform.trigger("U0ALICE", in_modal=True)
    await client_of(server).views_push(trigger_id=trigger, view=modal())
    async with over_socket(server, app):
        await alice.close(everything=True)
    assert (alice.views, closed) == ((), [True])


async def test_buttons_menus_and_groups(server):
    app, seen = bolt(server), []

    @app.action({"block_id": "both"})
    async def acted(ack, body):
        seen.append((body["actions"][0]["type"], body["actions"][0].get("selected_option") or body["actions"][0]["value"]))
        await ack()

    @app.options("ext")
    async def offered(ack):
        await ack(option_groups=[{"label": words("Group"), "options": [option("one"), option("two")]}])

    elements = [
        {"type": "button", "action_id": "go", "text": words("Go"), "value": "R-1"},
        {"type": "static_select", "action_id": "pick", "options": [option("a"), option("b")]},
        {"type": "external_select", "action_id": "ext", "min_query_length": 1},
    ]
    blocks = [{"type": "actions", "block_id": "both", "elements": elements}]
    alice = await opened(server, modal(*blocks))
    posted = await client_of(server).chat_postMessage(channel="C0INC", text="x", blocks=blocks)
    async with over_socket(server, app):
        await alice.press("go")
        await alice.view_action(alice.modal.id, "both", {"action_id": "pick", "selected_option": option("b")})
        assert alice.modal.values["both"]["pick"]["selected_option"] == option("b")
        await alice.click("C0INC", posted["ts"], "pick", action={"selected_option": option("a")})
        assert (await alice.options(alice.modal.id, "both", "", "ext")).options == ()
        assert (await alice.options(alice.modal.id, "both", "o", "ext")).options == (option("one"), option("two"))
        async with aiohttp.ClientSession(server.url) as session:
            place = {"channel": "C0INC", "ts": posted["ts"]}
            body = {"user": "U0ALICE", "message": place, "block_id": "both", "action_id": "ext", "value": "t"}
            async with session.post("/_page/options", json=body) as answer:
                assert len((await answer.json())["options"]) == 2
    assert seen == [("button", "R-1"), ("static_select", option("b")), ("static_select", option("a"))]


async def test_too_many_options_are_a_problem(server):
    app = bolt(server)

    @app.options("source")
    async def sources(ack):
        await ack(options=[option(str(number)) for number in range(101)])

    alice = await opened(server, form())
    async with over_socket(server, app):
        assert await alice.suggest(alice.modal.id, "source", "") == []
    assert "no more than 100 items" in server.problems[0]


async def test_a_bad_answer_to_a_command_is_a_problem(server):
    app = bolt(server)

    @app.command("/rds-restore")
    async def command(ack):
        await ack(text="x", blocks=[{"type": "carousel"}])

    async with over_socket(server, app):
        outcome = await server.actor("U0ALICE").command("C0INC", "help")
    assert outcome.error == "The app's answer could not be shown (invalid_blocks)."
    assert "carousel" in server.problems[0]


async def test_an_app_behind_a_dead_or_slow_url(server):
    alice = server.actor("U0ALICE")
    server.enable_http("http://127.0.0.1:9/slack/events")
    assert server.bot_connected
    assert (await alice.command("C0INC", "x")).error == '/rds-restore failed with the error "dispatch_failed"'


async def test_a_taken_port_is_an_error_and_a_server_can_start_again(server):
    port = int(server.url.rpartition(":")[2])
    other = WorkspaceServer(server.workspace, app=AppConfig())
    with pytest.raises(OSError, match="in use"):
        await other.start(port=port)
    await other.stop()
    await server.stop()
    await server.start(port=port)
    assert (await client_of(server).auth_test())["ok"]
    assert server.people["U0BOB"].user == "U0BOB"
