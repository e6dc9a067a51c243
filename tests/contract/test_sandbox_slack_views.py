"""Modals, trigger ids and response URLs of the local Slack."""

import aiohttp
import pytest

from bot.sandbox.workspace.errors import ApiError, NotThere
from bot.sandbox.workspace.passes import ResponsePasses
from tests.contract.slack_world import Clock, card, client_of, form, modal, option, refused, section, serving, words


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def server(clock):
    async with serving(now=clock) as server:
        yield server


@pytest.fixture
def client(server):
    return client_of(server)


def trigger(server, *, in_modal=False):
    return server.platform.trigger("U0ALICE", channel="C0INC", in_modal=in_modal)


async def test_a_trigger_serves_once_and_for_three_seconds(server, client, clock):
    name = trigger(server)
    await client.views_open(trigger_id=name, view=modal())
    assert (await refused(client.views_open(trigger_id=name, view=modal())))["error"] == "exchanged_trigger_id"
    late = trigger(server)
    clock.at += 3.1
    assert (await refused(client.views_open(trigger_id=late, view=modal())))["error"] == "expired_trigger_id"
    assert (await refused(client.views_open(trigger_id="1.2.x", view=modal())))["error"] == "invalid_trigger_id"


async def test_a_refused_view_does_not_use_the_trigger_up(server, client):
    name = trigger(server)
    error = await refused(client.views_open(trigger_id=name, view=modal(title=words("t" * 25))))
    assert error["error"] == "invalid_arguments"
    assert "/view/title/text" in error["response_metadata"]["messages"][0]
    await client.views_open(trigger_id=name, view=modal())


async def test_three_modals_and_no_more(server, client):
    await client.views_open(trigger_id=trigger(server), view=modal(external_id="first"))
    for _ in range(2):
        pushed = await client.views_push(trigger_id=trigger(server, in_modal=True), view=modal())
    assert pushed["view"]["root_view_id"] == server.actor("U0ALICE").views[0].id
    assert pushed["view"]["previous_view_id"] == server.actor("U0ALICE").views[1].id
    error = await refused(client.views_push(trigger_id=trigger(server, in_modal=True), view=modal()))
    assert error["error"] == "push_limit_reached"
    with pytest.raises(NotThere):
        await server.actor("U0ALICE").close(server.actor("U0ALICE").views[0].id)


async def test_updates_by_hash_and_external_id(server, client):
    opened = (await client.views_open(trigger_id=trigger(server), view=modal(external_id="one")))["view"]
    updated = (await client.views_update(external_id="one", view=modal(section("New"), external_id="one")))["view"]
    assert updated["id"] == opened["id"]
    stale = client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal())
    assert (await refused(stale))["error"] == "hash_conflict"
    await client.views_update(view_id=opened["id"], hash=updated["hash"], view=modal(external_id="one"))
    server.workspace.show("U0BOB", [])
    other = client.views_open(trigger_id=server.platform.trigger("U0BOB"), view=modal(external_id="one"))
    assert (await refused(other))["error"] == "duplicate_external_id"
    assert (await refused(client.views_update(view_id="V0", view=modal())))["error"] == "not_found"


async def test_what_was_entered_survives_an_update_where_ids_stay(server, client):
    opened = (await client.views_open(trigger_id=trigger(server), view=form()))["view"]
    alice = server.actor("U0ALICE")
    alice.fill("reason", "A reason")
    alice.fill("mode", "timestamp")
    changed = form()
    changed["blocks"][1]["element"]["action_id"] = "mode2"
    await client.views_update(view_id=opened["id"], view=changed)
    assert alice.modal.values["reason"]["reason"]["value"] == "A reason"
    assert alice.modal.values["mode"]["mode2"]["selected_option"] == option("backup")


async def test_home_tabs(server, client):
    home = {"type": "home", "blocks": [section("One")]}
    first = (await client.views_publish(user_id="U0ALICE", view=home))["view"]
    second = (await client.views_publish(user_id="U0ALICE", view=home, hash=first["hash"]))["view"]
    assert second["id"] == first["id"]
    stale = client.views_publish(user_id="U0ALICE", view=home, hash=first["hash"])
    assert (await refused(stale))["error"] == "hash_conflict"
    assert server.actor("U0ALICE").home.all_text == "One"


async def test_a_response_url_serves_five_times_in_thirty_minutes(server, client, clock):
    posted = await client.chat_postMessage(channel="C0INC", text="Card", blocks=card("approve"))
    original = server.workspace.message("C0INC", posted["ts"])
    url = server.platform.response_url("U0BOB", "C0INC", original)
    bob = server.actor("U0BOB")
    async with aiohttp.ClientSession() as session:

        async def respond(**body):
            async with session.post(url, json=body) as answer:
                return answer.status, await answer.text()

        assert await respond(text="Only you") == (200, "ok")
        assert await respond(text="All", response_type="in_channel") == (200, "ok")
        assert await respond(text="Changed", replace_original=True) == (200, "ok")
        assert await respond(text="x", blocks=[section("")]) == (400, '{"ok": false, "error": "invalid_blocks"}')
        assert [message.text for message in bob.ephemerals] == ["Only you"]
        assert [message.text for message in server.workspace.messages_in("C0INC")][-2:] == ["Changed", "All"]
        assert await respond(delete_original=True) == (200, "ok")
        assert server.workspace.message("C0INC", posted["ts"]) is None
        assert (await respond(text="x"))[0] == 404
        url = server.platform.response_url("U0BOB", "C0INC")
        clock.at += 31 * 60
        assert await respond(text="x") == (404, '{"ok": false, "error": "expired_url"}')


def test_an_unknown_response_url_counts_as_expired():
    with pytest.raises(ApiError, match="expired_url"):
        ResponsePasses().use("nothing", 0.0)
