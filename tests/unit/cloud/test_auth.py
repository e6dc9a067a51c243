import asyncio
import json
from datetime import timedelta

import httpx
import pytest

from bot.cloud.project import Password
from bot.domain.errors import BotError, Misconfigured, Unavailable
from bot.workflow.outcome import Accepted, NotSent, Rejected
from tests.unit.cloud.world import NOW, PROJECT, SetClock, cloud, wish

USER = Password("bot", "s3cret", "OTC-EU-DE-1")


class Iam:
    """Gives out tokens t1, t2, …; the RDS side takes those that are `good`."""

    def __init__(self, hours=24):
        self.hours = hours
        self.given = 0
        self.good = None
        self.log_ins: list[httpx.Request] = []
        self.used: list[str] = []
        self.answer: httpx.Response | Exception | None = None

    def __call__(self, request):
        if request.url.host == "iam.example.test":
            return self.log_in(request)
        self.used.append(request.headers["x-auth-token"])
        if self.good is not None and self.used[-1] not in self.good:
            return httpx.Response(401, json={"error_code": "APIGW.0301", "error_msg": "token expires"})
        return httpx.Response(200, json={"instances": [], "job_id": "j1"})

    def log_in(self, request):
        self.log_ins.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is not None:
            return self.answer
        self.given += 1
        expires = (NOW + timedelta(hours=self.hours)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        return httpx.Response(
            201, headers={"X-Subject-Token": f"t{self.given}"}, json={"token": {"expires_at": expires, "user": {}}}
        )


async def test_one_log_in_serves_all_calls():
    iam = Iam()
    async with cloud(iam, auth=USER) as client:
        await asyncio.gather(*(client.check("prod") for _ in range(4)))
    (log_in,) = iam.log_ins
    assert log_in.url.path == "/v3/auth/tokens"
    assert json.loads(log_in.content)["auth"] == {
        "identity": {
            "methods": ["password"],
            "password": {"user": {"name": "bot", "password": "s3cret", "domain": {"name": "OTC-EU-DE-1"}}},
        },
        "scope": {"project": {"id": PROJECT.project_id}},
    }
    assert log_in.extensions["timeout"]["connect"] == 5.0
    assert iam.used == ["t1"] * 4


async def test_the_scope_is_the_region_where_the_id_is_not_known():
    def answer(request):
        if request.url.path == "/v3/projects":
            assert request.headers["x-auth-token"] == "t1"
            return httpx.Response(200, json={"projects": [{"id": "p1"}]})
        return iam(request)

    iam = Iam()
    async with cloud(answer, auth=USER, project_id=None) as client:
        await client.check("prod")
    assert json.loads(iam.log_ins[0].content)["auth"]["scope"] == {"project": {"name": "eu-de"}}


@pytest.mark.parametrize(("hours", "still_good", "too_old"), [(24, 23.4, 23.6), (1, 0.89, 0.91)])
async def test_a_token_is_renewed_before_it_runs_out(hours, still_good, too_old):
    clock, iam = SetClock(), Iam(hours)
    async with cloud(iam, clock, auth=USER) as client:
        await client.check("prod")
        clock.move(timedelta(hours=still_good))
        await client.check("prod")
        clock.move(timedelta(hours=too_old - still_good))
        await client.check("prod")
    assert iam.used == ["t1", "t1", "t2"]


async def test_a_read_that_is_answered_401_logs_in_once_more():
    iam = Iam()
    async with cloud(iam, auth=USER) as client:
        await client.check("prod")
        iam.good = {"t2"}
        await client.check("prod")
    assert iam.used == ["t1", "t1", "t2"]


async def test_and_only_once():
    iam = Iam()
    iam.good = set()
    async with cloud(iam, auth=USER) as client:
        with pytest.raises(Misconfigured) as raised:
            await client.check("prod")
        with pytest.raises(Misconfigured):
            await client.check("prod")
    assert raised.value.code == "cloud.credentials"
    assert iam.used == ["t1", "t2"]


async def test_the_recovery_call_is_never_sent_twice():
    clock, iam = SetClock(), Iam()
    async with cloud(iam, clock, auth=USER) as client:
        await client.check("prod")
        iam.good = {"t2"}
        outcome = await client.recover("prod", wish())
        assert isinstance(outcome, Rejected)
        assert outcome.error.code == "cloud.credentials"
        assert iam.used == ["t1", "t1"]
        clock.move(timedelta(seconds=10))
        assert await client.recover("prod", wish()) == Accepted("j1")


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (httpx.Response(401, json={"error": {"code": 401, "message": "wrong"}}), Misconfigured, "cloud.credentials"),
        (httpx.Response(403), Misconfigured, "cloud.permission"),
        (httpx.Response(503), Unavailable, "cloud.down"),
        (httpx.Response(201, headers={"X-Subject-Token": "t"}, json={}), Unavailable, "cloud.unreadable"),
        (httpx.Response(201, json={"token": {"expires_at": "2027-01-01T00:00:00Z"}}), Unavailable, "cloud.unreadable"),
    ],
)
async def test_a_log_in_that_fails(answer, kind, code):
    iam = Iam()
    iam.answer = answer
    async with cloud(iam, auth=USER) as client:
        with pytest.raises(kind) as raised:
            await client.check("prod")
        assert raised.value.code == code
        assert isinstance(await client.recover("prod", wish()), NotSent)
    assert iam.used == []


async def test_no_answer_to_the_log_in_means_not_sent():
    iam = Iam()
    iam.answer = httpx.ReadTimeout("late")
    async with cloud(iam, auth=USER) as client:
        assert isinstance(await client.recover("prod", wish()), NotSent)


async def test_a_wrong_password_is_not_tried_again_at_once():
    iam = Iam()
    iam.answer = httpx.Response(401)
    async with cloud(iam, auth=USER) as client:
        results = await asyncio.gather(*(client.check("prod") for _ in range(5)), return_exceptions=True)
    assert all(isinstance(result, BotError) for result in results)
    assert len(iam.log_ins) == 1


def test_passwords_stay_out_of_words():
    assert "s3cret" not in repr(USER)
