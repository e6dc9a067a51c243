"""A key is refused for all projects at once, so those that share it share what is known of it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from bot.cloud.credentials import ProviderChain
from bot.cloud.project import AkSk, Chain, Password
from bot.cloud.rds import HuaweiCloud
from bot.domain.errors import BotError, Misconfigured, Unavailable
from bot.workflow.outcome import NotSent
from tests.unit.cloud.world import NONE, PROJECT, Script, SetClock, cloud, ok, wish


async def test_a_refused_key_is_not_tried_again_at_once():
    clock = SetClock()
    script = Script(httpx.Response(401, json={"error_code": "APIGW.0301", "error_msg": "verify aksk signature fail"}))
    async with cloud(script, clock) as client:
        results = await asyncio.gather(*(client.check("prod") for _ in range(6)), return_exceptions=True)
        assert len(script.requests) == 1
        assert all(isinstance(result, Misconfigured) and result.code == "cloud.credentials" for result in results)
        assert isinstance(await client.recover("prod", wish()), NotSent)
        clock.move(timedelta(seconds=10))
        script.answers = [ok()]
        await client.check("prod")
    assert len(script.requests) == 2


REGIONS = ("eu-de", "eu-nl", "ap-southeast-1")


def in_regions(answer, *auths):
    """A project in each region, with these credentials in turn."""
    projects = [replace(PROJECT, name=name, region=name, auth=auth) for name, auth in zip(REGIONS, auths, strict=True)]
    return HuaweiCloud(projects, SetClock(), transport=httpx.MockTransport(answer))


@pytest.mark.parametrize(
    ("auths", "refused"),
    [
        ([AkSk("AK", "SK")] * 3, 1),
        ([Chain()] * 3, 0),  # nothing is found, so nothing is sent
        ([Password("bot", "one", "acme"), Password("bot", "another", "acme"), Password("bot", "one", "acme")], 1),
        ([AkSk("AK", "SK"), AkSk("AK2", "SK"), Password("bot", "SK", "acme")], 3),
        ([Password("bot", "one", "acme"), Password("bot", "one", "other"), Password("bob", "one", "acme")], 3),
    ],
)
async def test_a_credential_that_projects_share_is_refused_once_for_all(monkeypatch, auths, refused):
    monkeypatch.setattr(ProviderChain, "_read", missing)
    script = Script(httpx.Response(401, json={"error_code": "APIGW.0301", "error_msg": "verify aksk signature fail"}))
    async with in_regions(script, *auths) as client:
        results = await asyncio.gather(*map(client.check, REGIONS), return_exceptions=True)
    assert [isinstance(result, BotError) and result.code for result in results] == ["cloud.credentials"] * 3
    assert len(script.requests) == refused


def missing(_):
    raise ValueError("no credentials")


@pytest.mark.parametrize("nothing_said", [httpx.ConnectError("no"), httpx.Response(503), httpx.Response(429)])
async def test_a_region_that_is_away_does_not_make_the_key_a_good_one(nothing_said):
    script = Script(nothing_said, httpx.Response(401))

    async def answer(request):
        # Long enough for the other region's call to leave too, if nothing holds it.
        await asyncio.sleep(0)
        return script(request)

    first, *others = REGIONS
    async with in_regions(answer, *[AkSk("AK", "SK")] * 3) as client:
        with pytest.raises(Unavailable):
            await client.check(first, persistent=False)
        results = await asyncio.gather(*(client.instances(name) for name in others), return_exceptions=True)
    assert [type(result) for result in results] == [Misconfigured, Misconfigured]
    assert len(script.requests) == 2


async def test_a_good_key_that_turns_bad_is_found_out_by_one_background_look():
    answers = [200, 200, 200]

    async def answer(_):
        status = answers.pop(0) if answers else 401
        sent.append(status)
        await asyncio.sleep(0.01)  # long enough for the others to be sent as well
        return httpx.Response(status, json=NONE)

    sent: list[int] = []
    async with in_regions(answer, *[AkSk("AK", "SK")] * 3) as client:
        await asyncio.gather(*map(client.check, REGIONS))
        sent.clear()
        results = await asyncio.gather(*map(client.check, REGIONS), return_exceptions=True)
    assert [type(result) for result in results] == [Misconfigured] * 3
    assert len(sent) == 1


async def test_a_call_that_waited_for_another_regions_first_answer_asks_then_whether_it_may_be_sent():
    asked, held, may = asyncio.Event(), asyncio.Event(), [True]

    async def answer(request):
        seen.append(request.method)
        asked.set()
        await held.wait()
        return ok()

    seen: list[str] = []
    async with in_regions(answer, *[AkSk("AK", "SK")] * 3) as client:
        first = asyncio.create_task(client.check(REGIONS[0]))
        await asked.wait()
        restore = asyncio.create_task(client.recover(REGIONS[1], wish(), lambda: may[0]))
        for _ in range(20):
            await asyncio.sleep(0)
        may[0] = False
        held.set()
        await first
        late = await restore
    assert late.error.code == "cloud.too_late"
    assert seen == ["GET"]
