"""More than ten thousand bodies at the door of the whole program: no server error, and nothing unsigned gets past it.

Each example is a batch, so that the number of bodies is the number of examples times `BATCH`.
"""

import asyncio
import copy
import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

import pytest
import structlog
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from slack_bolt.async_app import AsyncApp

from bot.sandbox.scenario import SIGNING_SECRET
from tests.integration.in_slack import in_slack
from tests.integration.test_errors_in_slack import SAMPLES

BATCH = 40
EXAMPLES = {
    "test_nothing_that_somebody_else_signed_gets_in": 150,
    "test_no_header_opens_the_door": 25,
    "test_signed_garbage_makes_no_server_error": 60,
    "test_damaged_payloads_make_no_server_error": 25,
}
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
PAYLOADS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(SAMPLES.glob("*.json"))}

SIGNATURES = ["", "v0=", "v0=" + "0" * 64, "v1=" + "a" * 64, "v0=\u00fc", "v0=" + "A" * 64]
TIMESTAMPS = ["", "0", "-1", "1e9", "9" * 30, "\u0661", "nan", str(2**40)]

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["", "\x00", "x" * 4000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
types = st.sampled_from([FORM, JSON, "", "text/html; charset=x", "application/json; charset=utf-8"])
bodies = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=100).map(lambda text: urlencode({"payload": text}).encode()),
    values.map(lambda value: urlencode({"payload": json.dumps(value)}).encode()),
    values.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from(["command", "text", "user_id", "team_id", "type", "payload"]), st.text(max_size=20)).map(
        lambda fields: urlencode(fields).encode("utf-8", "surrogatepass")
    ),
)


def places(value, path=()):
    """Where something stands in a payload."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from places(each, (*path, key))


@st.composite
def damaged(draw):
    """A payload with Slack's own keys in which something is missing or is something else."""
    name = draw(st.sampled_from(sorted(PAYLOADS)))
    payload = copy.deepcopy(PAYLOADS[name])
    for _ in range(draw(st.integers(1, 3))):
        paths = sorted(places(payload), key=str)
        path = paths[draw(st.integers(0, len(paths) - 1))]
        holder = payload
        for key in path[:-1]:
            holder = holder[key]
        if draw(st.booleans()):
            holder[path[-1]] = draw(values)
        else:
            del holder[path[-1]]
        if not payload:
            break
    if name == "command":
        return urlencode(payload, errors="surrogatepass").encode(), FORM
    if name in ("event", "function_executed"):
        return json.dumps(payload).encode(), JSON
    return urlencode({"payload": json.dumps(payload)}).encode(), FORM


def sign(body, content_type, secret=SIGNING_SECRET):
    timestamp = str(int(time.time()))
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}", "Content-Type": content_type}


def test_there_are_more_than_ten_thousand_bodies():
    assert sum(EXAMPLES.values()) * BATCH > 10_000


@pytest.fixture
async def past_the_door(monkeypatch):
    """What came to Bolt."""
    came = []
    dispatch = AsyncApp.async_dispatch

    async def watched(self, request):
        came.append(request)
        return await dispatch(self, request)

    monkeypatch.setattr(AsyncApp, "async_dispatch", watched)
    return came


@pytest.fixture
async def knock(tmp_path, past_the_door, request):
    sent: list[int] = []
    # Thousands of tracebacks on the screen would be slower than what is tested.
    with structlog.testing.capture_logs():
        async with in_slack(tmp_path, http_mode=True) as world:
            yield knocking(world, sent)
            assert await world.program.draining.wait(20)
    assert len(sent) >= EXAMPLES[request.node.name] * BATCH


def knocking(world, sent):
    async def one(body, headers):
        sent.append(len(body))
        async with world.http.post(f"{world.program.url}/slack/events", data=body, headers=headers) as answer:
            await answer.read()
            return answer.status, body

    async def knock(requests):
        """The statuses, and one of the bodies that were answered with a server error."""
        answers = await asyncio.gather(*(one(body, headers) for body, headers in requests))
        return {status for status, _ in answers}, [answer for answer in answers if answer[0] >= 500][:1]

    return knock


def batches(examples):
    return settings(
        max_examples=examples,
        deadline=None,
        # The bodies at fault are named by the assertion; making a batch smaller takes minutes.
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large, HealthCheck.too_slow],
    )


@batches(EXAMPLES["test_nothing_that_somebody_else_signed_gets_in"])
@given(batch=st.lists(st.tuples(bodies, types), min_size=BATCH, max_size=BATCH))
async def test_nothing_that_somebody_else_signed_gets_in(batch, knock, past_the_door):
    assert await knock((body, sign(body, kind, secret="guessed")) for body, kind in batch) == ({401}, [])
    assert past_the_door == []


@batches(EXAMPLES["test_no_header_opens_the_door"])
@given(
    batch=st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "X-Slack-Signature": st.sampled_from(SIGNATURES),
                "X-Slack-Request-Timestamp": st.sampled_from(TIMESTAMPS),
                "Content-Type": types,
            },
        ),
        min_size=BATCH,
        max_size=BATCH,
    )
)  # fmt: skip
async def test_no_header_opens_the_door(batch, knock, past_the_door):
    assert await knock((b"command=%2Frds-restore", headers) for headers in batch) == ({401}, [])
    assert past_the_door == []


@batches(EXAMPLES["test_signed_garbage_makes_no_server_error"])
@given(batch=st.lists(st.tuples(bodies, types), min_size=BATCH, max_size=BATCH))
async def test_signed_garbage_makes_no_server_error(batch, knock):
    _, errors = await knock((body, sign(body, kind)) for body, kind in batch)
    assert errors == []


@batches(EXAMPLES["test_damaged_payloads_make_no_server_error"])
@given(batch=st.lists(damaged(), min_size=BATCH, max_size=BATCH))
async def test_damaged_payloads_make_no_server_error(batch, knock):
    _, errors = await knock((body, sign(body, kind)) for body, kind in batch)
    assert errors == []
