"""Socket Mode of the local Slack: turns, redelivery, reconnecting, and payloads with Slack's own keys."""

import asyncio

import aiohttp
import pytest

from bot.sandbox.scenario import APP_TOKEN
from tests.contract.slack_world import bolt, card, client_of, form, option, over_socket, refused, serving

WHO = {"type", "team", "user", "enterprise", "is_enterprise_install", "token"}
VIEW = {
    "id", "team_id", "type", "title", "submit", "close", "blocks", "private_metadata", "callback_id", "external_id", "state",
    "hash", "clear_on_close", "notify_on_close", "submit_disabled", "root_view_id", "previous_view_id", "app_id",
    "app_installed_team_id", "bot_id",
}  # fmt: skip
KEYS = {
    "slash_commands": {
        "token", "team_id", "team_domain", "channel_id", "channel_name", "user_id", "user_name", "command", "text",
        "api_app_id", "is_enterprise_install", "response_url", "trigger_id",
    },
    "block_actions from a message": WHO | {
        "api_app_id", "container", "trigger_id", "channel", "message", "state", "response_url", "actions",
    },
    "block_actions from a view": WHO | {"api_app_id", "container", "trigger_id", "view", "actions"},
    "block_suggestion": WHO | {"api_app_id", "container", "block_id", "action_id", "value", "view"},
    "view_submission": WHO | {"api_app_id", "trigger_id", "view", "response_urls"},
    "view_closed": WHO | {"api_app_id", "view", "is_cleared"},
    "shortcut": WHO | {"action_ts", "callback_id", "trigger_id"},
    "message_action": WHO | {
        "action_ts", "callback_id", "trigger_id", "response_url", "message_ts", "channel", "message",
    },
}  # fmt: skip


class RawApp:
    """An app that speaks Socket Mode by hand."""

    def __init__(self, socket):
        self.socket = socket

    async def next(self):
        async with asyncio.timeout(5):
            return await self.socket.receive_json()

    async def ack(self, frame, **payload):
        answer = {"envelope_id": frame["envelope_id"]}
        await self.socket.send_json({**answer, "payload": payload} if payload else answer)


@pytest.fixture
async def server():
    async with serving(ack_timeout=0.3, event_retries=(0.0, 0.0)) as server:
        yield server


@pytest.fixture
async def connect(server):
    async with aiohttp.ClientSession() as session:

        async def connect():
            url = (await client_of(server).apps_connections_open(app_token=APP_TOKEN))["url"]
            app = RawApp(await session.ws_connect(url))
            return app, await app.next()

        yield connect


async def test_hello_tells_the_number_of_connections(server, connect):
    apps = [await connect() for _ in range(10)]
    (_, first), (_, second) = apps[:2]
    assert (first["type"], first["num_connections"], second["num_connections"]) == ("hello", 1, 2)
    assert first["connection_info"] == {"app_id": "A0DEMO"}
    app, frame = await connect()
    assert frame["reason"] == "too_many_websockets"
    assert (await app.socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_a_ticket_serves_once(server):
    url = (await client_of(server).apps_connections_open(app_token=APP_TOKEN))["url"]
    async with aiohttp.ClientSession() as session:
        await session.ws_connect(url)
        again = await session.ws_connect(url)
        assert (await again.receive()).data == 4401


async def test_connections_take_turns(server, connect):
    apps = [(await connect())[0] for _ in range(2)]
    alice = server.actor("U0ALICE")
    for app in apps:
        doing = asyncio.create_task(alice.command("C0INC", "help"))
        await app.ack(await app.next(), text="Help")
        assert (await doing).ok


async def test_an_event_comes_again_until_it_is_acknowledged(server, connect):
    app, _ = await connect()
    outcome = asyncio.create_task(server.actor("U0ALICE").open_home())
    first, second = await app.next(), await app.next()
    await app.ack(second)
    assert (await outcome).error == "RDS Restore is not responding (operation_timeout)."
    assert first["payload"] == second["payload"]
    assert (first["retry_attempt"], second["retry_attempt"], second["retry_reason"]) == (0, 1, "timeout")
    assert first["payload"]["event"]["type"] == "app_home_opened"


async def test_nobody_connected(server):
    outcome = await server.actor("U0ALICE").command("C0INC", "help")
    assert outcome.error == '/rds-restore failed with the error "dispatch_failed"'


async def test_an_ack_counts_on_whichever_connection_it_comes(server, connect):
    app, _ = await connect()
    doing = asyncio.create_task(server.actor("U0ALICE").command("C0INC", "help"))
    frame = await app.next()
    await server.disconnect_sockets("refresh_requested")
    assert await app.next() == {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "sandbox"}}
    assert not server.bot_connected
    fresh, _ = await connect()
    await fresh.ack(frame)
    assert (await doing).ok


async def test_reconnecting_loses_nothing():
    async with serving() as server:
        app, seen = bolt(server), []

        @app.command("/rds-restore")
        async def command(ack, command):
            seen.append(command["text"])
            await ack()

        async with over_socket(server, app):
            alice = server.actor("U0ALICE")
            for number in range(4):
                doing = [asyncio.create_task(alice.command("C0INC", f"{number}.{each}")) for each in range(3)]
                await asyncio.sleep(0)
                await server.disconnect_sockets("refresh_requested")
                assert [(await each).error for each in doing] == [None] * 3
        assert sorted(seen) == [f"{number}.{each}" for number in range(4) for each in range(3)]


async def test_payloads_have_slacks_keys(server, connect):
    app, _ = await connect()
    alice, client = server.actor("U0ALICE"), client_of(server)
    frames = {}

    async def does(name, deed, **answer):
        doing = asyncio.create_task(deed)
        frame = frames[name] = await app.next()
        await app.ack(frame, **answer)
        await doing
        return frame["payload"]

    command = await does("slash_commands", alice.command("C0INC", "/rds-restore  a to b "))
    assert command["text"] == "a to b"
    await client.views_open(trigger_id=command["trigger_id"], view=form(notify_on_close=True))
    view_id = alice.modal.id
    suggestion = await does("block_suggestion", alice.suggest(view_id, "source", "or"), options=[option("orders")])
    alice.fill("reason", "A good reason")
    action = await does("block_actions from a view", alice.choose("source", "orders"))
    submission = await does("view_submission", alice.submit(), response_action="push", view=form(callback_id="second"))
    await alice.close()
    closed = await does("view_closed", alice.close())
    posted = await client.chat_postMessage(channel="C0INC", text="x", blocks=card("approve"))
    click = await does("block_actions from a message", alice.click("C0INC", posted["ts"], "approve"))
    shortcut = await does("message_action", alice.shortcut("restore_here", "C0INC", posted["ts"]))
    await does("shortcut", alice.shortcut("restore"))

    assert {name: frame["payload"].keys() for name, frame in frames.items()} == KEYS
    assert {frame["type"] for frame in frames.values()} == {"slash_commands", "interactive"}
    assert suggestion["view"]["state"]["values"]["source"]["source"]["selected_option"] is None
    assert submission["view"].keys() == closed["view"].keys() == VIEW
    assert submission["view"]["state"]["values"]["source"]["source"] == {
        "type": "external_select", "selected_option": option("orders"),
    }  # fmt: skip
    assert {**action["actions"][0], "action_ts": ""} == {
        "type": "external_select", "block_id": "source", "action_id": "source", "selected_option": option("orders"),
        "action_ts": "",
    }  # fmt: skip
    assert click["actions"][0]["value"] == "R-1"
    assert click["container"] == {
        "type": "message", "message_ts": posted["ts"], "channel_id": "C0INC", "is_ephemeral": False,
    }  # fmt: skip
    assert click["message"]["blocks"][1]["block_id"] == "buttons"
    assert shortcut["channel"] == {"id": "C0INC", "name": "inc-2026-11-orders"}


async def test_a_down_slack_opens_no_connection(server):
    server.faults.errors = {"apps.connections.open": "internal_error"}
    error = await refused(client_of(server).apps_connections_open(app_token=APP_TOKEN))
    assert error["error"] == "internal_error"
