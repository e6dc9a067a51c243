"""HTTP mode: only what Slack signed reaches Bolt, and garbage is never a 500."""

import hashlib
import hmac
import io
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.front_door import BODY_CAP, FrontDoor
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


@pytest.fixture
async def reached():
    return []


@pytest.fixture
async def door(reached):
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

    server = web.Application(client_max_size=0)
    server.add_routes([web.post("/slack/events", FrontDoor(app, (SECRET, OLD_SECRET), FixedClock(NOW)).handle)])
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
        yield session
    await runner.cleanup()


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


async def test_a_signed_body_that_cannot_be_read_is_a_bad_request(door, reached):
    for payload in (b"payload=%7Bbroken", b"payload=" + b"%5B" * 5000, b"\xff\xfe"):
        assert (await post(door, payload, sign(payload)))[0] in (400, 401, 404)
    assert reached == []


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.one_of(
        st.binary(max_size=400),
        st.text(max_size=200).map(lambda text: urlencode({"payload": text}).encode()),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=10),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
            max_leaves=8,
        ).map(lambda value: urlencode({"payload": json.dumps(value)}).encode()),
    ),
    signed=st.booleans(),
)
async def test_no_body_makes_a_server_error(body, signed, door, reached):
    before = len(reached)
    status, _ = await post(door, body, sign(body) if signed else sign(body, secret="guessed"))
    assert status < 500
    assert signed or (status == 401 and len(reached) == before)
