"""What the web page asks of the local Slack, and what is pushed to it."""

import asyncio
from typing import Any

import aiohttp
import pytest

from bot.sandbox.workspace.page_api import FOLDER
from tests.contract.slack_world import card, client_of, over_socket, restore_app, serving


class Page:
    """A page that somebody has open."""

    def __init__(self, session, user):
        self.session = session
        self.user = user

    async def state(self):
        async with self.session.get("/_page/state", params={"user": self.user}) as answer:
            return await answer.json()

    async def does(self, deed, **body):
        async with self.session.post(f"/_page/{deed}", json={"user": self.user, **body}) as answer:
            return await answer.json()


@pytest.fixture
async def server():
    async with serving() as server, over_socket(server, restore_app(server)):
        yield server


@pytest.fixture
async def session(server):
    async with aiohttp.ClientSession(server.url) as session:
        yield session


@pytest.fixture
def alice(session):
    return Page(session, "U0ALICE")


def state_of(view, **entered):
    values = {block: dict(held) for block, held in view["state"]["values"].items()}
    for name, held in entered.items():
        values[name] = {name: held}
    return {"values": values}


async def test_a_person_sees_their_own_screen(session, alice):
    state = await alice.state()
    assert state["team"] == {"id": "T0DEMO", "name": "Northwind"}
    tabs = {"home_tab": True, "messages_tab": True}
    assert state["bot"] == {"user_id": "U0BOT", "name": "RDS Restore", "connected": True, **tabs}
    assert {channel["id"] for channel in state["channels"]} == {"C0INC", "C0GEN", "C0OLD", "C0EXT"}
    assert state["messages"]["C0INC"][0]["reply_count"] == 2
    assert state["commands"][0]["command"] == "/rds-restore"
    assert {channel["id"] for channel in (await Page(session, "U0GIL").state())["channels"]} == {"C0INC"}
    assert {channel["id"] for channel in (await Page(session, "U0BOB").state())["channels"]} > {"C0DBA"}
    assert next(each for each in state["people"] if each["id"] == "U0GIL")["is_guest"] is True
    async with session.get("/_page/state", params={"user": "U0X"}) as answer:
        assert answer.status == 404


async def test_the_form_by_the_page(server, session, alice):
    assert await alice.does("command", channel="C0INC", text="/rds-restore") == {"ok": True}
    await server.wait_for(lambda _: server.actor("U0ALICE").modal.callback_id == "form")
    view = (await alice.state())["views"][0]
    found = await alice.does("options", view_id=view["id"], block_id="source", action_id="source", value="orders")
    assert [each["value"] for each in found["options"]] == ["orders-prod", "orders-staging"]
    chosen = {"type": "external_select", "selected_option": found["options"][0]}
    typed = {"type": "plain_text_input", "value": "just because"}
    state = state_of(view, reason=typed)
    answer = await alice.does(
        "action", view_id=view["id"], block_id="source", action_id="source", action=chosen, state=state
    )
    assert answer == {"ok": True}
    await server.wait_for(lambda _: "Chosen" in server.actor("U0ALICE").modal.all_text)
    view = (await alice.state())["views"][0]
    assert view["state"]["values"]["reason"]["reason"] == typed
    refused = await alice.does("submit", view_id=view["id"], state=state_of(view))
    assert (refused["ok"], refused["errors"]) == (True, {"reason": "Say why."})
    good = state_of(view, reason={"type": "plain_text_input", "value": "A table was dropped"})
    taken = await alice.does("submit", view_id=view["id"], state=good)
    assert [each["callback_id"] for each in taken["views"]] == ["form", "summary"]
    back = await alice.does("close", view_id=taken["views"][1]["id"])
    assert [each["callback_id"] for each in back["views"]] == ["form"]
    stale = await alice.does("submit", view_id=taken["views"][1]["id"], state={"values": {}})
    assert stale["ok"] is False


async def test_changes_are_pushed(server, session, alice):
    socket = await session.ws_connect("/_page/live", params={"user": "U0ALICE"})
    other = await session.ws_connect("/_page/live", params={"user": "U0GIL"})

    async def pushed(kind):
        async with asyncio.timeout(5):
            while True:
                frame = await socket.receive_json()
                if frame["type"] == kind:
                    return frame

    said = await alice.does("message", channel="C0INC", text="Hello <b>")
    assert (await pushed("message"))["message"] == said["message"]
    await alice.does("message", channel="C0INC", text="Reply", thread_ts=said["message"]["ts"])
    assert (await pushed("message"))["message"]["thread_ts"] == said["message"]["ts"]
    assert (await pushed("message"))["message"]["reply_count"] == 1
    client = client_of(server)
    posted = await client.chat_postMessage(channel="C0INC", text="Card", blocks=card("approve"))
    await pushed("message")
    clicked = await alice.does(
        "action",
        message={"channel": "C0INC", "ts": posted["ts"]},
        block_id="buttons",
        action_id="approve",
        action={"type": "button"},
        state={"values": {}},
    )
    assert clicked == {"ok": True}
    assert (await pushed("message"))["message"]["edited"] is True
    assert (await pushed("message"))["message"]["ephemeral_to"] == "U0ALICE"
    await client.chat_delete(channel="C0INC", ts=posted["ts"])
    assert (await pushed("message_deleted"))["ts"] == posted["ts"]
    await alice.does("command", channel="C0INC", text="/rds-restore")
    assert len((await pushed("views"))["views"]) == 1
    await client.views_publish(user_id="U0ALICE", view={"type": "home", "blocks": []})
    assert (await pushed("home"))["home"]["type"] == "home"
    opened = await alice.does("open_dm", **{"with": "U0BOB"})
    assert (await pushed("channel"))["channel"] == opened["channel"]
    assert (opened["channel"]["kind"], opened["channel"]["with"]) == ("im", "U0BOB")
    await server.disconnect_sockets()
    assert (await pushed("bot"))["connected"] is False
    assert (await pushed("bot"))["connected"] is True
    frames: list[dict[str, Any]] = []
    while not frames or frames[-1]["type"] != "bot":
        frames.append(await other.receive_json())
    assert {frame["type"] for frame in frames} == {"message", "message_deleted", "bot"}
    assert not [frame for frame in frames if frame.get("message", {}).get("ephemeral_to")]


async def test_what_was_read_stays_read_in_every_window_of_a_person(server, session, alice):
    first, second = [each.ts for each in server.workspace.messages_in("C0INC")][:2]
    server.workspace.read["U0ALICE"].clear()
    socket = await session.ws_connect("/_page/live", params={"user": "U0ALICE"})
    assert await alice.does("read", channel="C0INC", ts=second) == {"ok": True}
    assert await socket.receive_json() == {"type": "read", "channel": "C0INC", "ts": second}
    await alice.does("read", channel="C0INC", ts=first)
    assert (await alice.state())["read"] == {"C0INC": second}
    assert (await Page(session, "U0BOB").state())["read"].get("C0INC") != second
    assert (await alice.does("read", channel="C0DBA", ts=first))["ok"] is False
    assert (await alice.does("read", channel="C0INC", ts="soon"))["ok"] is False


async def test_what_does_not_work_is_said_in_words(alice):
    unknown = await alice.does("command", channel="C0INC", text="/restore")
    assert unknown == {"ok": False, "error": "/restore is not a valid command."}
    for deed, body in (
        ("message", {"channel": "C0DBA", "text": "x"}),
        ("message", {"channel": "C0OLD", "text": "x"}),
        ("shortcut", {"callback_id": "nothing"}),
        ("open_dm", {"with": "U0X"}),
        ("message", {}),
    ):
        answer = await alice.does(deed, **body)
        assert answer["ok"] is False
        assert answer["error"]


async def test_files_come_from_the_page_folder_only(session):
    for path, status in (("/page/server.py", 404), ("/page/..%2Fserver.py", 404), ("/page/nothing.js", 404)):
        async with session.get(path) as answer:
            assert answer.status == status
    async with session.get("/") as answer:
        assert answer.status == (200 if (FOLDER / "index.html").exists() else 404)
