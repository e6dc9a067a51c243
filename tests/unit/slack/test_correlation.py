"""By what an interaction is found, and what a call to Slack came to."""

import asyncio

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.slack.calls import outcome_of, watched
from bot.slack.correlation import correlation


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (
            {"command": "/rds-restore", "trigger_id": "1.2.ab", "user_id": "U1", "team_id": "T1", "text": "secret words"},
            {"interaction": "command", "on": "/rds-restore", "trigger": "1.2.ab", "user": "U1", "team": "T1"},
        ),
        (
            {
                "type": "block_actions",
                "actions": [{"action_id": "approve", "value": "R-7KQ2M"}],
                "user": {"id": "U1", "team_id": "T1"},
                "trigger_id": "1.2.ab",
                "response_url": "https://hooks.slack.com/actions/T1/2/3",
            },
            {
                "interaction": "block_actions", "on": "approve", "request": "R-7KQ2M", "trigger": "1.2.ab",
                "user": "U1", "team": "T1",
            },
        ),
        (
            {
                "type": "view_submission",
                "view": {"callback_id": "approve_form", "private_metadata": '{"request_id": "R-7KQ2M"}'},
                "user": {"id": "U1"},
                "team": {"id": "T1"},
            },
            {"interaction": "view_submission", "on": "approve_form", "request": "R-7KQ2M", "user": "U1", "team": "T1"},
        ),
        (
            {"type": "event_callback", "event": {"type": "app_home_opened", "user": "U1"}, "event_id": "Ev1",
             "team_id": "T1"},
            {"interaction": "event_callback", "on": "app_home_opened", "event_id": "Ev1", "user": "U1", "team": "T1"},
        ),
        ({"type": "a\nline", "trigger_id": "x" * 500, "actions": [{"action_id": ["?"]}]}, {"interaction": "command"}),
        ({"type": 7, "actions": "none", "view": "none", "user": 3}, {"interaction": "command"}),
    ],
)  # fmt: skip
def test_only_ids_and_names_are_taken(body, found):
    assert correlation(body) == found


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b'{"ok":true,"ts":"1"}', "ok"),
        (200, b'{"ts": "1", "ok": true}', "ok"),
        (200, b'{"ok":false,"error":"channel_not_found"}', "channel_not_found"),
        (200, b'{"error": "invalid_auth", "ok": false}', "invalid_auth"),
        (429, b"", "ratelimited"),
        (503, b"<html>down</html>", "http_503"),
        (200, b"<html>a proxy</html>", "http_200"),
        (500, b'{"ok":false,"error":"fatal_error"}', "fatal_error"),
    ],
)
def test_how_a_call_ended(status, body, outcome):
    assert outcome_of(status, body) == outcome


async def test_calls_under_the_address_are_told_and_others_are_not():
    told = []

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("slow"):
            await asyncio.Event().wait()
        return web.json_response({"ok": True}, status=429 if request.path.endswith("busy") else 200)

    application = web.Application()
    application.router.add_get("/{rest:.*}", answer)
    async with TestServer(application) as server, TestServer(application) as another:
        api = str(server.make_url("/api/"))
        observing = watched(api, lambda method, outcome, seconds: told.append((method, outcome, seconds >= 0)))
        async with aiohttp.ClientSession(trace_configs=[observing]) as session:
            addresses = [server.make_url(path) for path in ("/api/chat.update", "/api/busy", "/elsewhere")]
            for url in (*addresses, another.make_url("/api/of.another")):
                async with session.get(url) as response:
                    await response.json(content_type=None)
            with pytest.raises(TimeoutError):
                await session.get(server.make_url("/api/slow"), timeout=aiohttp.ClientTimeout(total=0.05))
    assert told == [("chat.update", "ok", True), ("busy", "ratelimited", True), ("slow", "no_answer", True)]
