"""A whole restore through the local Slack, by the real Bolt over Socket Mode and over HTTP."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.scenario import SIGNING_SECRET
from bot.sandbox.workspace.server import WorkspaceServer
from tests.contract.slack_world import bolt, modal, over_socket, restore_app, section, serving


@asynccontextmanager
async def over_http(server: WorkspaceServer, handler):
    """The handler behind a request URL."""
    application = web.Application()
    application.router.add_post("/slack/events", handler)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.enable_http(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    try:
        yield
    finally:
        await runner.cleanup()


@asynccontextmanager
async def restore_over_socket():
    async with serving() as server, over_socket(server, restore_app(server)):
        yield server


@asynccontextmanager
async def restore_over_http():
    async with serving() as server:
        bolt_server = restore_app(server).web_app(path="/slack/events")
        handler = next(iter(bolt_server.router.routes())).handler
        async with over_http(server, handler):
            yield server


@pytest.mark.parametrize("way", [restore_over_socket, restore_over_http])
async def test_a_restore_from_command_to_finished_card(way):
    async with way() as server:
        alice, bob = server.actor("U0ALICE"), server.actor("U0BOB")

        assert (await alice.command("C0INC", "orders-prod to orders-staging")).ok
        await server.wait_for(lambda _: alice.modal.callback_id == "form")
        view_id = alice.modal.id

        options = await alice.suggest(view_id, "source", "orders")
        assert [each["value"] for each in options] == ["orders-prod", "orders-staging"]
        alice.fill("reason", "just because")
        await alice.choose("source", "orders-prod")
        await server.wait_for(lambda _: "Chosen: orders-prod" in alice.modal.all_text)
        assert alice.modal.values["reason"]["reason"]["value"] == "just because"

        assert await alice.submit() == {"reason": "Say why."}
        assert alice.modal.errors == {"reason": "Say why."}
        assert await alice.submit(view_id, {"reason": "A table was dropped"}) == {}
        assert [view.callback_id for view in alice.views] == ["form", "summary"]

        assert await alice.submit() == {}
        assert alice.views == ()
        posted = await server.wait_for(lambda w: [m for m in w.messages_in("C0INC") if m.bot])
        assert posted[0].metadata == {"event_type": "restore", "event_payload": {"request_id": "R-1"}}

        assert (await bob.click("C0INC", posted[0].ts, "approve")).ok
        await server.wait_for(lambda _: bob.ephemerals)
        message = server.workspace.message("C0INC", posted[0].ts)
        assert message is not None
        assert (message.text, message.buttons, len(message.edits)) == ("Approved", ["details"], 1)
        assert bob.ephemerals[0].text == "Thank you."
        assert alice.ephemerals == []
        assert server.problems == []


async def test_what_is_missing_is_refused_before_the_app_is_asked():
    async with restore_over_socket() as server:
        alice = server.actor("U0ALICE")
        await alice.command("C0INC", "")
        await server.wait_for(lambda _: alice.modal.callback_id == "form")
        errors = await alice.submit(values={"reason": "no"})
        assert errors == {
            "source": "Please complete this required field.",
            "reason": "Please enter at least 3 characters.",
        }


async def test_a_late_ack_is_an_error_for_the_person():
    async with serving(ack_timeout=0.2) as server:
        app = bolt(server)
        late = asyncio.Event()

        @app.command("/rds-restore")
        async def command(ack):
            await late.wait()
            await ack("too late")

        async with over_socket(server, app):
            alice = server.actor("U0ALICE")
            outcome = await alice.command("C0INC", "help")
            assert outcome.error == '/rds-restore failed with the error "operation_timeout"'
            assert [message.text for message in alice.ephemerals] == [outcome.error]
            late.set()


async def test_an_ack_can_answer_a_command():
    async with serving() as server:
        app = bolt(server)

        @app.command("/rds-restore")
        async def command(ack, command):
            everybody = "in_channel" if command["text"] == "aloud" else "ephemeral"
            await ack(text="Here is help", response_type=everybody)

        async with over_socket(server, app):
            alice = server.actor("U0ALICE")
            await alice.command("C0INC", "help")
            assert [message.text for message in alice.ephemerals] == ["Here is help"]
            await alice.command("C0INC", "/rds-restore aloud")
            assert server.workspace.messages_in("C0INC")[-1].text == "Here is help"


async def test_a_submission_that_gets_nonsense_stays_open_and_is_remembered():
    async with serving() as server:
        app = bolt(server)

        @app.command("/rds-restore")
        async def command(ack, body, client):
            await ack()
            view = modal(section("x"), callback_id="form", submit={"type": "plain_text", "text": "Go"})
            await client.views_open(trigger_id=body["trigger_id"], view=view)

        @app.view("form")
        async def submitted(ack):
            await ack(response_action="errors", errors={"nowhere": "Wrong"})

        async with over_socket(server, app):
            alice = server.actor("U0ALICE")
            await alice.command("C0INC", "")
            await server.wait_for(lambda _: alice.modal)
            assert list(await alice.submit()) == [""]
            assert alice.view is not None
            assert "nowhere" in server.problems[0]


async def test_shortcuts_home_and_closing():
    async with serving() as server:
        app = bolt(server)
        seen: list[object] = []

        @app.message_shortcut("restore_here")
        async def here(ack, body, client):
            await ack()
            seen.append((body["channel"]["id"], body["message"]["ts"], body["message"].get("thread_ts")))
            await client.views_open(trigger_id=body["trigger_id"], view=modal(notify_on_close=True, callback_id="m"))

        @app.global_shortcut("restore")
        async def anywhere(ack, body):
            await ack()
            seen.append("channel" in body)

        @app.view_closed("m")
        async def closed(ack, body):
            await ack()
            seen.append(body["is_cleared"])

        @app.event("app_home_opened")
        async def opened(event, client):
            await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [section("Welcome")]})

        async with over_socket(server, app):
            alice = server.actor("U0ALICE")
            root = server.workspace.messages_in("C0INC")[0]
            reply = alice.say("C0INC", "Restore it <!channel>", root.ts)
            assert reply.text == "Restore it &lt;!channel&gt;"
            await alice.shortcut("restore_here", "C0INC", reply.ts)
            await server.wait_for(lambda _: alice.modal)
            await alice.close()
            await alice.shortcut("restore")
            await alice.open_home()
            await server.wait_for(lambda _: alice.home)
        assert alice.home is not None
        assert alice.home.all_text == "Welcome"
        assert seen == [("C0INC", reply.ts, root.ts), False, False]


async def test_http_requests_are_signed_and_events_are_sent_again():
    seen = []

    async def handler(request):
        body = (await request.read()).decode()
        assert SignatureVerifier(SIGNING_SECRET).is_valid_request(body, dict(request.headers))
        seen.append(
            (request.content_type, request.headers.get("X-Slack-Retry-Num"), request.headers.get("X-Slack-Retry-Reason"))
        )
        return web.Response(status=500 if len(seen) < 3 else 200)

    async with serving(event_retries=(0.0, 0.0, 0.0)) as server, over_http(server, handler):
        outcome = await server.actor("U0ALICE").open_home()
        assert outcome.error == "RDS Restore is not responding (http_service_error)."
        async with asyncio.timeout(5):
            while len(seen) < 3:  # noqa: ASYNC110 - the server under test gives no event for it
                await asyncio.sleep(0.01)
        error = (await server.actor("U0ALICE").command("C0INC", "/rds-restore help")).error
    assert error is None
    assert seen == [
        ("application/json", None, None),
        ("application/json", "1", "http_error"),
        ("application/json", "2", "http_error"),
        ("application/x-www-form-urlencoded", None, None),
    ]
