"""The line in Socket Mode: it is up or says why not, comes back by itself, loses no envelope, and knows when to give up."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.domain.errors import Misconfigured
from bot.sandbox.scenario import APP_TOKEN
from bot.slack.socket_mode import LONGEST_WAIT, SocketMode, back_off
from tests.contract.slack_world import bolt, serving


@pytest.fixture
async def slack():
    async with serving() as server:
        yield server


@pytest.fixture
async def heard():
    return []


@pytest.fixture
async def line(slack, heard):
    """A line of a small app that acknowledges slowly enough for things to happen meanwhile."""
    app = bolt(slack)

    @app.command("/rds-restore")
    async def command(ack, command):
        heard.append(command["text"])
        await asyncio.sleep(0.1)
        await ack()

    line = SocketMode(app, APP_TOKEN, overlap=0.5, wait=lambda failures: 0.05 if failures else 0.0)
    yield line
    await line.close()


async def until(condition, seconds=10.0):
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - nothing tells when a line is up
            await asyncio.sleep(0.01)


def opened(slack):
    return [call for call in slack.calls if call.method == "apps.connections.open" and call.ok]


async def commands(slack, *texts):
    alice = slack.actor("U0ALICE")
    outcomes = await asyncio.gather(*(alice.command("C0INC", f"/rds-restore {text}") for text in texts))
    return [outcome.error for outcome in outcomes]


async def test_the_line_is_up_and_says_so(slack, line):
    assert await line.trouble() == "the socket is not connected: no connection was made yet"
    await line.connect()
    assert await line.trouble() is None
    assert await commands(slack, "help") == [None]


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_no_envelope_is_lost_when_slack_renews_the_connection(slack, line, heard, reason):
    await line.connect()
    before = [str(number) for number in range(20)]
    doing = asyncio.create_task(commands(slack, *before))

    async def all_at_work():
        return len(heard) == 20

    await until(all_at_work)
    # Twenty listeners are at work: their answers go out on another connection.
    await slack.disconnect_sockets(reason)
    during = [f"during {number}" for number in range(20)]
    assert await commands(slack, *during) + await doing == [None] * 40
    assert sorted(heard) == sorted(before + during)
    assert len(opened(slack)) == 2
    assert await line.connected()


async def test_a_connection_that_breaks_is_replaced(slack, line):
    await line.connect()
    slack.break_sockets()
    await until(lambda: two_opened(slack))
    await until(line.connected)
    assert await commands(slack, "help") == [None]


async def two_opened(slack):
    return len(opened(slack)) == 2


async def test_while_slack_is_down_the_line_says_why_and_comes_back(slack, line):
    await line.connect()
    slack.faults.errors = {"apps.connections.open": "internal_error"}
    slack.break_sockets()

    async def knows():
        return "internal_error" in (await line.trouble() or "")

    await until(knows)
    slack.faults.errors = {}
    await until(line.connected)


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "not_allowed_token_type", "socket_mode_disabled"])
async def test_a_token_that_is_refused_later_ends_the_line(slack, line, code):
    await line.connect()
    slack.faults.errors = {"apps.connections.open": code}
    await slack.disconnect_sockets("refresh_requested")
    async with asyncio.timeout(10):
        with pytest.raises(Misconfigured, match=f"SLACK_APP_TOKEN: Slack refuses it \\({code}\\)"):
            await line.fallen()
    before = len(slack.calls)
    assert not await line.connected()
    assert len(slack.calls) == before


async def test_socket_mode_switched_off_ends_the_line(slack, line):
    await line.connect()
    await slack.disconnect_sockets("link_disabled")
    async with asyncio.timeout(10):
        with pytest.raises(Misconfigured, match="Socket Mode was switched off"):
            await line.fallen()


async def test_an_app_token_that_is_refused_at_the_start(slack, line):
    slack.faults.errors = {"apps.connections.open": "invalid_auth"}
    with pytest.raises(Misconfigured, match="invalid_auth"):
        await line.connect()


async def test_a_slack_that_has_trouble_at_the_start_is_tried_again(slack, line):
    slack.faults.errors = {"apps.connections.open": "internal_error"}
    with capture_logs() as lines:
        await line.connect()
        assert "internal_error" in await line.trouble()
        slack.faults.errors = {}
        await until(line.connected)
    said = [entry["action"] for entry in lines if entry.get("action", "").startswith("socket_")]
    assert said[0] == "socket_failed"
    assert said[-1] == "socket_opened"
    assert await commands(slack, "help") == [None]


async def test_an_app_token_that_is_refused_when_slack_is_back_ends_the_line(slack, line):
    slack.faults.down = True
    await line.connect()
    assert await line.trouble() is not None
    slack.faults.errors = {"apps.connections.open": "token_revoked"}
    slack.faults.down = False
    async with asyncio.timeout(10):
        with pytest.raises(Misconfigured, match="token_revoked"):
            await line.fallen()


async def test_slack_is_left_alone_for_as_long_as_it_asks(slack, line):
    slack.faults.rate_limit_next, slack.faults.retry_after = 1, 2
    began = asyncio.get_running_loop().time()
    await line.connect()
    await until(line.connected)
    assert asyncio.get_running_loop().time() - began >= 2


async def test_no_line_is_opened_before_slack_knows_the_bot(slack):
    known = asyncio.Event()
    line = SocketMode(bolt(slack), APP_TOKEN, known=known.wait)
    await line.connect(patience=0.2)
    assert opened(slack) == []
    known.set()
    await until(line.connected)
    await line.close()


async def test_a_line_that_comes_back_says_so(slack, line):
    await line.connect()
    with capture_logs() as lines:
        slack.break_sockets()
        await until(lambda: two_opened(slack))
        await until(line.connected)
    assert [entry["action"] for entry in lines] == ["socket_ended", "socket_opened"]


async def test_too_many_connections(slack, line):
    others = [SocketMode(line._app, APP_TOKEN) for _ in range(10)]
    for other in others:
        await other.connect()
    await line.connect()
    assert "too_many_websockets" in await line.trouble()
    await asyncio.gather(*(other.close() for other in others))
    await until(line.connected)


async def test_an_envelope_that_cannot_be_read_harms_nobody(slack, line):
    await line.connect()
    ack = await slack.deliver("interactive", {"type": "block_actions", "actions": []})
    assert ack.problem == "operation_timeout"
    assert await commands(slack, "help") == [None]


async def test_a_line_that_is_closed_leaves_nothing_behind(slack, line):
    await line.connect()
    await slack.disconnect_sockets("refresh_requested")
    await until(lambda: two_opened(slack))
    await line.close()
    await slack.wait_for(lambda _: not slack.bot_connected)
    assert not await line.connected()
    names = {task.get_name() for task in asyncio.all_tasks()}
    assert not names & {"socket mode", "old socket"}


def test_the_wait_grows_and_is_spread():
    assert [back_off(failures, 0.0) for failures in (0, 1, 2, 3, 4)] == [0, 0, 1, 2, 4]
    assert back_off(100, 0.0) == LONGEST_WAIT
    assert back_off(100, 1.0) == LONGEST_WAIT / 2
