"""HTTP mode: only what Slack signed reaches Bolt, once, and garbage is never a 500."""

import asyncio
import hashlib
import hmac
import io
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import Unavailable
from bot.slack.front_door import BODY_CAP, FrontDoor
from bot.store.database import Database
from tests.fakes import FixedClock

SECRET = "a-signing-secret"
OLD_SECRET = "the-one-before"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def sign(body: bytes, *, secret=SECRET, at=NOW):
    timestamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={digest}",
        "Content-Type": "application/x-www-form-urlencoded",
    }


COMMAND = urlencode(
    {"command": "/rds-restore", "text": "help", "team_id": "T1", "user_id": "U1", "channel_id": "C1", "trigger_id": "1.2"}
).encode()


@dataclass
class Silent:
    """A database that does not answer in time, or says so."""

    seconds: float = 0.0
    asked: list[str] = field(default_factory=list)

    async def first_time(self, signature, until, now):
        self.asked.append(signature)
        await asyncio.sleep(self.seconds)
        raise Unavailable("store.unavailable", "The database does not answer.")


@pytest.fixture
async def reached():
    return []


@pytest.fixture
async def app(reached):
    app = AsyncApp(client=AsyncWebClient(token="xoxb-x"), request_verification_enabled=False)
    # Without Bolt's own middleware, which would ask Slack who we are.
    app._async_middleware_list.clear()

    @app.middleware
    async def everything(body, next):  # noqa: A002
        reached.append(body)
        await next()

    @app.command("/rds-restore")
    async def command(ack):
        await ack("yes")

    return app


@pytest.fixture
async def serve(app):
    """Opens doors, and sessions to knock at them."""
    runners = []

    async def serve(replays, clock=None):
        server = web.Application(client_max_size=0)
        door = FrontDoor(app, (SECRET, OLD_SECRET), clock or FixedClock(NOW), replays)
        server.add_routes([web.post("/slack/events", door.handle)])
        runner = web.AppRunner(server, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        session = aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}")
        runners.append((session, runner))
        return session

    yield serve
    for session, runner in runners:
        await session.close()
        await runner.cleanup()


@pytest.fixture
async def database(tmp_path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def door(serve, database):
    return await serve(database.replays)


async def post(door, body, headers):
    async with door.post("/slack/events", data=body, headers=headers) as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
async def test_a_signed_command_is_answered(door, reached, secret):
    assert await post(door, COMMAND, sign(COMMAND, secret=secret)) == (200, "yes")
    assert len(reached) == 1


async def test_the_same_request_a_second_time_is_refused(door, reached):
    headers = sign(COMMAND)
    await post(door, COMMAND, headers)
    assert (await post(door, COMMAND, headers))[0] == 401
    assert len(reached) == 1


async def test_of_many_copies_at_once_to_two_replicas_one_gets_in(serve, database, reached):
    doors = [await serve(database.replays) for _ in range(2)]
    headers = sign(COMMAND)
    answers = await asyncio.gather(*(post(doors[number % 2], COMMAND, headers) for number in range(20)))
    assert sorted(status for status, _ in answers) == [200] + [401] * 19
    assert len(reached) == 1


async def test_a_copy_is_known_as_long_as_its_signature_is_good(serve, database, reached):
    clock = FixedClock(NOW)
    door = await serve(database.replays, clock)
    headers = sign(COMMAND, at=NOW + timedelta(minutes=5))
    await post(door, COMMAND, headers)
    for _ in range(11):
        assert (await post(door, COMMAND, headers))[0] == 401
        clock.forward(minutes=1)
        # Somebody else's request sweeps the old ones out.
        other = urlencode({"command": "/rds-restore", "text": clock.now().isoformat(), "user_id": "U1"}).encode()
        assert (await post(door, other, sign(other, at=clock.now())))[0] == 200


@pytest.mark.parametrize("seconds", [0.0, 30.0])
async def test_the_door_is_closed_while_the_database_does_not_answer(serve, reached, seconds):
    silent = Silent(seconds)
    door = await serve(silent)
    assert (await post(door, COMMAND, sign(COMMAND)))[0] == 503
    assert reached == []
    # What nobody signed is refused without asking.
    assert (await post(door, COMMAND, sign(COMMAND, secret="guessed")))[0] == 401
    assert len(silent.asked) == 1


@pytest.mark.parametrize(
    ("skew", "status"),
    [(-300, 200), (300, 200), (-301, 401), (301, 401)],
)
async def test_a_signature_is_good_for_five_minutes(door, skew, status):
    assert (await post(door, COMMAND, sign(COMMAND, at=NOW + timedelta(seconds=skew))))[0] == status


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v0=ü"},
        {"X-Slack-Signature": ""},
        {"X-Slack-Request-Timestamp": "now"},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "9" * 40},
        {"X-Slack-Request-Timestamp": "١٢٣"},
    ],
)
async def test_bad_headers_are_refused(door, reached, change):
    assert (await post(door, COMMAND, sign(COMMAND) | change))[0] == 401
    assert reached == []


@pytest.mark.parametrize("name", ["X-Slack-Signature", "X-Slack-Request-Timestamp"])
async def test_a_header_that_comes_twice_is_refused(door, reached, name):
    headers = sign(COMMAND)
    assert (await post(door, COMMAND, [*headers.items(), (name, headers[name])]))[0] == 401
    assert reached == []


async def test_missing_headers_are_refused(door, reached):
    assert (await post(door, COMMAND, {}))[0] == 401
    assert reached == []


async def test_another_secret_is_refused(door, reached):
    assert (await post(door, COMMAND, sign(COMMAND, secret="guessed")))[0] == 401
    assert reached == []


async def test_a_body_that_is_too_large_is_not_read(door, reached):
    body = b"x" * (BODY_CAP + 1)
    assert (await post(door, io.BytesIO(body), sign(body)))[0] == 413

    async def without_length():
        for _ in range(3):
            yield b"x" * (BODY_CAP // 2)

    assert (await post(door, without_length(), sign(body)))[0] == 413
    assert reached == []


async def test_a_packed_body_is_not_unpacked(door, reached):
    assert (await post(door, COMMAND, sign(COMMAND) | {"Content-Encoding": "gzip"}))[0] == 415
    assert reached == []


async def test_a_body_that_does_not_come_is_not_waited_for(door, reached):
    def slow():
        return asyncio.sleep(30, b"")

    async def body():
        yield b"command="
        yield await slow()

    assert (await post(door, body(), sign(COMMAND)))[0] == 408
    assert reached == []


@pytest.mark.parametrize("frame", [b"zz\r\nnot a chunk\r\n", b"5\r\nab"])
async def test_a_body_that_breaks_off_is_no_server_error(door, reached, frame):
    reader, writer = await asyncio.open_connection(door._base_url.host, door._base_url.port)
    head = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    writer.write(head + frame)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    assert b" 500 " not in answer.partition(b"\r\n")[0]
    assert reached == []


async def test_a_signed_body_that_cannot_be_read_is_a_bad_request(door, reached):
    for payload in (b"payload=%7Bbroken", b"payload=%5B%5D", b"payload=" + b"%5B" * 5000, b"\xff\xfe"):
        assert (await post(door, payload, sign(payload)))[0] == 400
    assert reached == []


async def test_no_body_gets_into_the_log(door, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    body = urlencode({"command": "/rds-restore", "text": "the-secret-plan", "user_id": "U1"}).encode()
    await post(door, body, sign(body))
    await post(door, body, sign(body))
    await post(door, body, sign(body, secret="guessed"))
    damaged = b"payload=%7Bthe-secret-plan"
    await post(door, damaged, sign(damaged))
    seen = capsys.readouterr()
    assert "a copy" in seen.out
    assert "the-secret-plan" not in caplog.text + seen.out + seen.err
