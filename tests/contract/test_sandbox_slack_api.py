"""The local Slack's Web API, asked by Slack's own client."""

import re
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.scenario import APP_TOKEN
from bot.sandbox.workspace.config import installed
from bot.sandbox.workspace.errors import NotThere
from bot.sandbox.workspace.oauth import ACCESS
from bot.sandbox.workspace.server import AppConfig
from bot.sandbox.workspace.web_api import CONNECT, METHODS, REVOKE
from tests.contract.slack_world import Clock, card, client_of, refused, section, serving


@pytest.fixture
async def server():
    async with serving() as server:
        yield server


@pytest.fixture
def client(server):
    return client_of(server)


async def test_who_is_who(server, client):
    me = await client.auth_test()
    assert (me["team_id"], me["user_id"], me["user"]) == ("T0DEMO", "U0BOT", "rds-restore")
    gil = (await client.users_info(user="U0GIL"))["user"]
    assert (gil["is_restricted"], gil["tz"], gil["team_id"]) == (True, "Europe/Paris", "T0DEMO")
    eve = (await client.users_info(user="U0EVE"))["user"]
    assert (eve["is_stranger"], eve["team_id"]) == (True, "T0ACME")
    assert (await refused(client.users_info(user="U0NOBODY")))["error"] == "user_not_found"
    assert (await client.usergroups_users_list(usergroup="S0DBA"))["users"] == ["U0BOB", "U0DANA"]
    assert (await refused(client.usergroups_users_list(usergroup="S0X")))["error"] == "no_such_subteam"
    groups = (await client.usergroups_list(include_users=True))["usergroups"]
    assert [(group["handle"], group["users"]) for group in groups][1] == ("oncall", ["U0DANA"])
    assert (await client.team_info())["team"]["name"] == "Northwind"
    assert (await client.bots_info(bot=me["bot_id"]))["bot"]["name"] == "RDS Restore"


async def test_lists_come_in_pages(client):
    first = await client.users_list(limit=4)
    rest = await client.users_list(limit=4, cursor=first["response_metadata"]["next_cursor"])
    assert len(first["members"]) == 4
    assert len(rest["members"]) == 3
    assert rest["response_metadata"]["next_cursor"] == ""


async def test_channels_as_the_bot_sees_them(client):
    incident = (await client.conversations_info(channel="C0INC"))["channel"]
    assert (incident["name"], incident["is_member"], incident["is_private"]) == ("inc-2026-11-orders", True, False)
    assert (await client.conversations_info(channel="C0OLD"))["channel"]["is_archived"] is True
    assert (await client.conversations_info(channel="C0EXT"))["channel"]["is_ext_shared"] is True
    assert (await refused(client.conversations_info(channel="C0DBA")))["error"] == "channel_not_found"
    assert "U0ALICE" in (await client.conversations_members(channel="C0INC"))["members"]


async def test_messages_are_posted_edited_and_deleted(server, client):
    posted = await client.chat_postMessage(channel="C0INC", text="One", blocks=card("approve"))
    reply = await client.chat_postMessage(channel="C0INC", text="Two", thread_ts=posted["ts"], reply_broadcast=True)
    edited = await client.chat_update(channel="C0INC", ts=posted["ts"], text="Three")
    assert edited["message"]["blocks"][0]["text"]["text"] == "*Restore*"
    message = server.workspace.message("C0INC", posted["ts"])
    assert (message.text, message.edits[0].text, message.buttons) == ("Three", "One", ["approve"])
    thread = (await client.conversations_replies(channel="C0INC", ts=posted["ts"]))["messages"]
    assert [(each["text"], each.get("subtype")) for each in thread] == [("Three", None), ("Two", "thread_broadcast")]
    assert thread[0]["reply_count"] == 1
    history = (await client.conversations_history(channel="C0INC", limit=2))["messages"]
    assert [each["text"] for each in history] == ["Two", "Three"]
    await client.chat_delete(channel="C0INC", ts=reply["ts"])
    assert server.workspace.message("C0INC", reply["ts"]) is None
    link = (await client.chat_getPermalink(channel="C0INC", message_ts=posted["ts"]))["permalink"]
    assert link == f"{server.url}/archives/C0INC/p{posted['ts'].replace('.', '')}"


async def test_metadata_is_kept_and_checked(client):
    metadata = {"event_type": "restore", "event_payload": {"request_id": "R-1"}}
    posted = await client.chat_postMessage(channel="C0INC", text="One", metadata=metadata)
    await client.chat_update(channel="C0INC", ts=posted["ts"], text="Two")
    found = await client.conversations_history(channel="C0INC", limit=1, include_all_metadata=True)
    assert found["messages"][0]["metadata"] == metadata
    for wrong, code in (
        ([1], "invalid_metadata_format"),
        ({"event_type": "x"}, "invalid_metadata_schema"),
        ({"event_type": "x", "event_payload": {"deep": {}}}, "invalid_metadata_schema"),
        ({"event_type": "x", "event_payload": {"long": "x" * 9000}}, "metadata_too_large"),
    ):
        assert (await refused(client.chat_postMessage(channel="C0INC", text="x", metadata=wrong)))["error"] == code


async def test_what_cannot_be_posted(server, client):
    human = server.workspace.messages_in("C0INC")[0].ts
    reply = next(message.ts for message in server.workspace.messages_in("C0INC") if message.thread_ts)
    post, update = client.chat_postMessage, client.chat_update
    for call, code in (
        (post(channel="C0NONE", text="x"), "channel_not_found"),
        (post(channel="C0DBA", text="x"), "channel_not_found"),
        (post(channel="C0OLD", text="x"), "is_archived"),
        (client.api_call("chat.postMessage", json={"channel": "C0INC", "text": " "}), "no_text"),
        (post(channel="C0INC", text="x" * 40_001), "msg_too_long"),
        (post(channel="C0INC", text="x", thread_ts="1.000001"), "thread_not_found"),
        (post(channel="C0INC", text="x", thread_ts=reply), "cannot_reply_to_message"),
        (post(channel="C0INC", text="x", blocks=[section("y" * 3000)] * 5), "msg_blocks_too_long"),
        (update(channel="C0INC", ts="1.000001", text="x"), "message_not_found"),
        (update(channel="C0INC", ts=human, text="x"), "cant_update_message"),
        (client.chat_delete(channel="C0INC", ts=human), "cant_delete_message"),
        (client.chat_postEphemeral(channel="C0GEN", user="U0GIL", text="x"), "user_not_in_channel"),
        (client.api_call("chat.postPoem"), "unknown_method"),
    ):
        assert (await refused(call))["error"] == code
    own = (await post(channel="C0INC", text="x"))["ts"]
    assert (await refused(update(channel="C0INC", ts=own, text="x" * 4001)))["error"] == "msg_too_long"
    error = await refused(post(channel="C0INC", text="x", blocks=[section("y" * 3001)]))
    assert error["error"] == "invalid_blocks"
    assert "/blocks/0/text/text" in error["response_metadata"]["messages"][0]


async def test_a_bot_outside_a_channel_must_join(server, client):
    channel = server.workspace.channels["C0GEN"]
    server.workspace.set_channel(
        type(channel)(channel.id, channel.name, members=channel.members - {"U0BOT"}, topic=channel.topic)
    )
    assert (await refused(client.chat_postMessage(channel="C0GEN", text="x")))["error"] == "not_in_channel"
    assert (await client.conversations_join(channel="C0GEN"))["channel"]["is_member"] is True
    assert (await client.chat_postMessage(channel="C0GEN", text="x"))["ok"]


async def test_direct_and_ephemeral_messages(server, client):
    opened = (await client.conversations_open(users="U0ALICE"))["channel"]["id"]
    await client.chat_postMessage(channel=opened, text="Done")
    await client.chat_postMessage(channel="U0ALICE", text="Again")
    assert [message.text for message in server.workspace.messages_in(opened)] == ["Done", "Again"]
    assert (await client.conversations_info(channel=opened))["channel"]["is_im"] is True
    await client.chat_postEphemeral(channel="C0INC", user="U0ALICE", text="Only you")
    assert [message.text for message in server.actor("U0ALICE").ephemerals] == ["Only you"]
    assert "Only you" not in [message.text for message in server.workspace.messages_in("C0INC")]


async def test_tokens_and_scopes(server):
    assert (await refused(client_of(server, "xoxb-wrong").auth_test()))["error"] == "invalid_auth"
    assert (await refused(client_of(server, "").auth_test()))["error"] == "not_authed"
    assert (await refused(client_of(server, APP_TOKEN).auth_test()))["error"] == "not_allowed_token_type"
    assert (await refused(client_of(server).apps_connections_open(app_token="xoxb-demo-bot-token")))["error"] == (
        "not_allowed_token_type"
    )


async def test_a_missing_scope_is_named():
    async with serving(app=AppConfig(scopes=frozenset({"chat:write", "channels:read"}))) as server:
        client = client_of(server)
        error = await refused(client.users_info(user="U0BOB"))
        assert (error["error"], error["needed"]) == ("missing_scope", "users:read")
        opened = server.workspace.direct("U0BOB", "U0BOT")
        error = await refused(client.conversations_info(channel=opened.id))
        assert (error["error"], error["needed"]) == ("missing_scope", "im:read")


async def test_the_app_gets_what_its_manifest_declares():
    bare = installed(
        {
            "features": {"bot_user": {"display_name": "Small"}},
            "oauth_config": {"scopes": {"bot": ["chat:write"]}},
            "settings": {},
        }
    )
    async with serving(app=bare) as server:
        client = client_of(server)
        home = {"type": "home", "blocks": [section("Hello")]}
        assert (await refused(client.views_publish(user_id="U0ALICE", view=home)))["error"] == "not_enabled"
        assert (await refused(client.chat_postMessage(channel="U0ALICE", text="x")))["error"] == "messages_tab_disabled"
        assert (await refused(client.users_info(user="U0BOB")))["needed"] == "users:read"
        assert server.workspace.people["U0BOT"].real_name == "Small"
        alice = server.actor("U0ALICE")
        assert (await alice.open_home()).ok, "an event that was not subscribed to is not sent"
        assert (await alice.command("C0INC", "/rds-restore")).error == "/rds-restore is not a valid command."
        with pytest.raises(NotThere):
            await alice.shortcut("restore")


async def test_people_cannot_answer_an_app_that_wants_no_answers(server):
    alice = server.actor("U0ALICE")
    direct = server.workspace.direct("U0ALICE", "U0BOT")
    with pytest.raises(NotThere, match="turned off"):
        alice.say(direct.id, "hello?")
    with pytest.raises(NotThere, match="turned off"):
        await alice.command(direct.id, "/rds-restore")


async def test_calls_are_recorded(server, client):
    await client.chat_postMessage(channel="C0INC", text="x")
    await refused(client.users_info(user="U0NOBODY"))
    assert [(call.method, call.ok, call.error) for call in server.calls] == [
        ("chat.postMessage", True, None),
        ("users.info", False, "user_not_found"),
    ]
    assert server.calls[0].arguments == {"channel": "C0INC", "text": "x"}


def test_the_documentation_lists_every_method():
    documented = (Path(__file__).parents[2] / "docs/sandbox.md").read_text(encoding="utf-8")
    listed = set(
        re.findall(
            r"`((?:api|apps|auth|bots|chat|conversations|functions|oauth|team|users|usergroups|views)\.[\w.]+)`", documented
        )
    )
    assert listed == {*METHODS, CONNECT, REVOKE, ACCESS}


async def test_rate_limits_hold_per_channel_and_per_method():
    clock = Clock()
    async with serving(rate_limits=True, now=clock) as server:
        client = client_of(server)
        for _ in range(4):
            posted = await client.chat_postMessage(channel="C0INC", text="x")
        assert (await refused(client.chat_postMessage(channel="C0INC", text="x")))["error"] == "ratelimited"
        await client.chat_postMessage(channel="C0GEN", text="x")
        clock.at += 1
        await client.chat_postMessage(channel="C0INC", text="x")
        for _ in range(50):
            await client.chat_update(channel="C0INC", ts=posted["ts"], text="y")
        assert (await refused(client.chat_update(channel="C0INC", ts=posted["ts"], text="y")))["error"] == "ratelimited"
        clock.at += 60
        await client.chat_update(channel="C0INC", ts=posted["ts"], text="y")


async def test_faults(server, client):
    server.faults.rate_limit_next = 1
    server.faults.retry_after = 7
    with pytest.raises(SlackApiError, match="ratelimited") as caught:
        await client.auth_test()
    assert caught.value.response.headers["Retry-After"] == "7"
    server.faults.errors = {"auth.test": "account_inactive"}
    assert (await refused(client.auth_test()))["error"] == "account_inactive"
    server.faults.clear()
    server.faults.methods = frozenset({"chat.postMessage"})
    server.faults.drop_next = 1
    await client.auth_test()
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel="C0INC", text="Heard, not answered")
    assert server.workspace.messages_in("C0INC")[-1].text == "Heard, not answered"


async def test_faults_from_outside(server, client):
    async with aiohttp.ClientSession(server.url) as session:
        async with session.post("/_control/faults", json={"down": True}) as answer:
            assert (await answer.json())["faults"]["down"] is True
        with pytest.raises(SlackApiError, match="status: 503"):
            await client.auth_test()
        async with session.post("/_control/faults", json={"rain": 1}) as answer:
            assert answer.status == 400
        async with session.delete("/_control/faults"):
            await client.auth_test()


async def test_conversations_that_are_refused(server, client):
    direct = (await client.conversations_open(users="U0ALICE", return_im=True))["channel"]
    assert (direct["is_im"], direct["user"]) == (True, "U0ALICE")
    assert (await client.conversations_open(channel=direct["id"]))["channel"]["id"] == direct["id"]
    people = server.workspace.people
    people["U0CAROL"] = replace(people["U0CAROL"], deleted=True)
    for call, code in (
        (client.conversations_open(channel="C0INC"), "method_not_supported_for_channel_type"),
        (client.conversations_open(users="U0ALICE,U0BOB"), "missing_scope"),
        (client.conversations_open(users="U0X"), "user_not_found"),
        (client.conversations_open(users="U0BOT"), "cannot_dm_bot"),
        (client.conversations_open(users="U0CAROL"), "user_disabled"),
        (client.conversations_join(channel=direct["id"]), "method_not_supported_for_channel_type"),
        (client.conversations_join(channel="C0OLD"), "is_archived"),
        (client.conversations_replies(channel="C0INC", ts="1.000001"), "thread_not_found"),
        (client.conversations_members(channel="C0INC", cursor="x"), "invalid_cursor"),
        (client.conversations_members(channel="C0INC", limit=2000), "invalid_limit"),
        (client.chat_getPermalink(channel="C0INC", message_ts="1.000001"), "message_not_found"),
        (client.chat_postMessage(channel="U0BOT", text="x"), "channel_not_found"),
        (client.chat_postMessage(channel="C0INC", text="x", blocks="{"), "invalid_json"),
        (client.chat_postMessage(channel="C0INC", text="x", blocks="{}"), "invalid_blocks_format"),
        (client.bots_info(bot="B0X"), "bot_not_found"),
        (client.users_info(user=""), "invalid_arguments"),
    ):
        assert (await refused(call))["error"] == code
    members = await client.conversations_info(channel="C0INC", include_num_members=True)
    assert members["channel"]["num_members"] == 6
    since = server.workspace.messages_in("C0INC")[-2].ts
    newer = await client.conversations_history(channel="C0INC", oldest=since, inclusive=True)
    assert len(newer["messages"]) == 2
