"""Two changes of one modal: the newest one is what stays, whichever is ready first."""

import pytest

from bot.slack.render.form import notice
from bot.slack.showing import Turns, show
from tests.contract.slack_world import client_of, serving


@pytest.fixture
async def slack():
    async with serving() as server:
        yield server


async def opened(slack, client):
    trigger = slack.platform.trigger("U0ALICE", channel="C0INC")
    return (await client.views_open(trigger_id=trigger, view=notice("First", "first")))["view"]


async def test_an_older_change_that_is_shown_first_is_replaced(slack):
    client, turns = client_of(slack), Turns()
    view = await opened(slack, client)
    where = {"view_id": view["id"], "hash": view["hash"]}
    older = turns.begin(view["id"])
    assert await turns.show(client, notice("Older", "older"), **where, turn=older)
    newer = turns.begin(view["id"])
    # It was begun from what stood there before the older one was shown.
    assert await turns.show(client, notice("Newer", "newer"), **where, turn=newer)
    assert slack.actor("U0ALICE").modal.title == "Newer"


async def test_an_older_change_that_is_ready_last_is_not_shown(slack):
    client, turns = client_of(slack), Turns()
    view = await opened(slack, client)
    where = {"view_id": view["id"], "hash": view["hash"]}
    older, newer = turns.begin(view["id"]), turns.begin(view["id"])
    assert await turns.show(client, notice("Newer", "newer"), **where, turn=newer)
    assert await turns.show(client, notice("Older", "older"), **where, turn=older) is None
    assert slack.actor("U0ALICE").modal.title == "Newer"


async def test_a_modal_that_is_gone_is_no_error(slack):
    client, turns = client_of(slack), Turns()
    view = await opened(slack, client)
    await slack.actor("U0ALICE").close()
    turn = turns.begin(view["id"])
    assert await turns.show(client, notice("Late", "late"), view_id=view["id"], hash=view["hash"], turn=turn) is None
    assert await show(client, notice("Late", "late"), view_id=view["id"], hash=view["hash"]) is None


async def test_the_first_answer_does_not_undo_what_came_meanwhile(slack):
    client = client_of(slack)
    view = await opened(slack, client)
    assert await show(client, notice("Second", "second"), view_id=view["id"], hash=view["hash"])
    assert await show(client, notice("Stale", "stale"), view_id=view["id"], hash=view["hash"]) is None
    assert slack.actor("U0ALICE").modal.title == "Second"
