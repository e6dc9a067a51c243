import asyncio
import json

import httpx
import pytest

from bot.cloud.budget import Budget, Priority
from bot.cloud.project import AkSk
from bot.cloud.rds import HuaweiCloud
from bot.domain.errors import BotError, Misconfigured, Refused, Unavailable
from bot.workflow.outcome import Accepted, NotSent, Rejected, Unclear
from tests.unit.cloud.world import MYSQL, NONE, NOW, PROJECT, Script, SetClock, an_instance, cloud, ok, wish

BUSY = httpx.Response(409, json={"error_code": "DBS.200047", "error_msg": "busy"})


async def test_address_and_headers_of_a_call():
    script = Script(ok())
    async with cloud(script, language="zh-cn", endpoint="https://rds.example.test/") as client:
        await client.check("prod")
    (request,) = script.requests
    assert str(request.url) == f"https://rds.example.test/v3/{PROJECT.project_id}/instances?limit=1"
    assert request.headers["x-language"] == "zh-cn"
    assert request.headers["x-project-id"] == PROJECT.project_id
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"].startswith("SDK-HMAC-SHA256 Access=AK, ")
    assert request.extensions["timeout"] == {"connect": 5.0, "read": 20.0, "write": 20.0, "pool": 5.0}


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(
    "trouble",
    [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.Response(503), httpx.Response(429), httpx.Response(500)],
)
async def test_reads_are_tried_again(trouble):
    script = Script(trouble, ok())
    async with cloud(script) as client:
        await client.check("prod")
    assert len(script.requests) == 2


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (httpx.ConnectError("x"), "cloud.unreachable"),
        (httpx.Response(502), "cloud.down"),
        (httpx.Response(429), "cloud.throttled"),
    ],
)
async def test_reads_give_up_in_words(trouble, code):
    script = Script(trouble)
    async with cloud(script) as client:
        with pytest.raises(Unavailable) as raised:
            await client.check("prod")
        assert client.last_seen("prod") is None
    assert raised.value.code == code
    assert len(script.requests) == 3


@pytest.mark.parametrize("project_id", [PROJECT.project_id, None])
async def test_a_look_in_the_background_is_made_once_and_tells_how_long_to_wait(project_id):
    script = Script(httpx.Response(429, headers={"Retry-After": "1"}))
    async with cloud(script, project_id=project_id) as client:
        with pytest.raises(Unavailable) as raised:
            await client.check("prod", persistent=False)
    assert raised.value.retry_after == 1.0
    assert len(script.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
async def test_a_refusal_is_not_asked_again(status):
    script = Script(httpx.Response(status, json={"error_code": "X.1", "error_msg": "no"}))
    async with cloud(script) as client:
        with pytest.raises(BotError):
            await client.check("prod")
    assert len(script.requests) == 1


async def test_a_busy_instance_may_answer_later():
    async with cloud(Script(BUSY)) as client:
        with pytest.raises(Unavailable) as raised:
            await client.windows("prod", MYSQL)
    assert raised.value.code == "cloud.busy"


async def test_retry_after_is_obeyed_and_not_waited_for_beyond_the_deadline():
    loop = asyncio.get_running_loop()
    script = Script(httpx.Response(429, headers={"Retry-After": "1"}), ok())
    async with cloud(script) as client:
        began = loop.time()
        await client.check("prod")
        assert 0.9 < loop.time() - began < 3
    script = Script(httpx.Response(429, headers={"Retry-After": "60"}), ok())
    async with cloud(script) as client:
        with pytest.raises(Unavailable):
            await client.check("prod")
    assert len(script.requests) == 1


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"instances": 1}', b'{"instances": [{}]}'])
async def test_an_answer_that_is_not_as_documented(content):
    async with cloud(Script(httpx.Response(200, content=content))) as client:
        with pytest.raises(Unavailable) as raised:
            await client.check("prod")
    assert raised.value.code == "cloud.unreadable"


async def test_when_the_cloud_was_last_seen():
    clock = SetClock()
    async with cloud(Script(ok()), clock) as client:
        assert client.last_seen("prod") is None
        await client.check("prod")
        assert client.last_seen("prod") == NOW


async def test_a_project_that_is_not_configured():
    async with cloud(Script(ok())) as client:
        with pytest.raises(Misconfigured) as raised:
            await client.instances("other")
        assert raised.value.code == "cloud.no_such_project"
        assert isinstance(await client.recover("other", wish()), NotSent)
        assert isinstance(await client.back_up("other", MYSQL, "name", ""), NotSent)


def test_an_empty_key_is_noticed_at_the_start():
    with pytest.raises(Misconfigured):
        cloud(Script(ok()), auth=AkSk("AK", ""))


async def test_what_is_told_to_the_observer():
    told: list[tuple[str, str, str]] = []
    script = Script(httpx.Response(500), ok(), BUSY, ok({"job_id": "j"}))
    async with HuaweiCloud(
        [PROJECT],
        SetClock(),
        transport=httpx.MockTransport(script),
        observe=lambda project, operation, code, seconds: told.append((project, operation, code)),
    ) as client:
        await client.check("prod")
        await client.recover("prod", wish())
        await client.recover("prod", wish())
    assert told == [
        ("prod", "check", "cloud.down"),
        ("prod", "check", "ok"),
        ("prod", "recover", "cloud.busy"),
        ("prod", "recover", "ok"),
    ]


@pytest.mark.parametrize("version", ["v3", "v3.1"])
async def test_the_recovery_call(version):
    script = Script(httpx.Response(202, json={"job_id": "j1"}))
    async with cloud(script, api_version=version) as client:
        assert await client.recover("prod", wish()) == Accepted("j1")
    (request,) = script.requests
    assert request.method == "POST"
    assert request.url.path == f"/{version}/{PROJECT.project_id}/instances/recovery"
    assert json.loads(request.content)["target"] == {"instance_id": MYSQL}
    assert request.extensions["timeout"]["read"] == 60.0


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (BUSY, Rejected),
        (httpx.Response(429, headers={"Retry-After": "0"}), Rejected),
        (httpx.Response(503, headers={"Retry-After": "0"}), Unclear),
        (httpx.Response(200, json={}), Unclear),
        (httpx.ConnectError("x"), NotSent),
        (httpx.ConnectTimeout("x"), NotSent),
        (httpx.PoolTimeout("x"), NotSent),
        (httpx.ReadTimeout("x"), Unclear),
        (httpx.RemoteProtocolError("x"), Unclear),
        (ValueError("nobody foresaw this"), Unclear),
    ],
)
async def test_calls_that_change_something_are_made_once_and_do_not_raise(answer, kind):
    script = Script(answer)
    async with cloud(script) as client:
        assert type(await client.recover("prod", wish())) is kind
        assert type(await client.back_up("prod", MYSQL, "name", "why")) is kind
    assert len(script.requests) == 2


async def test_a_backup_is_begun():
    script = Script(ok({"backup": {"id": "b1", "status": "BUILDING"}}))
    async with cloud(script, api_version="v3.1") as client:
        assert await client.back_up("prod", MYSQL, "before-R-7KQ2M", "why") == Accepted("b1")
    (request,) = script.requests
    assert request.url.path == f"/v3/{PROJECT.project_id}/backups"
    assert json.loads(request.content) == {"instance_id": MYSQL, "name": "before-R-7KQ2M", "description": "why"}


@pytest.mark.usefixtures("no_waiting")
async def test_where_the_project_cannot_be_found_nothing_is_sent():
    script = Script(httpx.Response(503))
    async with cloud(script, project_id=None) as client:
        outcome = await client.recover("prod", wish())
    assert isinstance(outcome, NotSent)
    assert {request.url.host for request in script.requests} == {"iam.example.test"}


@pytest.mark.parametrize("endpoint", ["not a url", "https://rds.example.test:port", "ftp://rds.example.test", "https://"])
async def test_an_endpoint_that_is_no_web_address(endpoint):
    script = Script(ok())
    async with cloud(script, endpoint=endpoint) as client:
        assert isinstance(await client.recover("prod", wish()), NotSent)
        with pytest.raises(Misconfigured) as raised:
            await client.check("prod")
    assert raised.value.code == "cloud.endpoint"
    assert script.requests == []


async def test_the_project_id_is_looked_up_once():
    def answer(request):
        seen.append(request.url.host)
        if request.url.host == "iam.example.test":
            assert request.url.path == "/v3/projects"
            assert request.url.params["name"] == "eu-de"
            return ok({"projects": [{"id": "p1", "name": "eu-de"}], "links": {}})
        assert request.url.path.startswith("/v3/p1/")
        assert request.headers["x-project-id"] == "p1"
        return ok()

    seen: list[str] = []
    async with cloud(answer, project_id=None) as client:
        await asyncio.gather(client.check("prod"), client.check("prod"))
    assert seen.count("iam.example.test") == 1


@pytest.mark.parametrize(
    ("asked", "priority"),
    [
        (lambda client: client.check("prod"), Priority.POLL),
        (lambda client: client.instance("prod", MYSQL), Priority.FORM),
        (lambda client: client.recover("prod", wish()), Priority.SUBMIT),
    ],
)
async def test_a_project_id_is_looked_up_with_the_priority_of_the_call_that_needs_it(monkeypatch, asked, priority):
    taken: list[Priority] = []
    take = Budget.take

    async def noted(budget, wanted):
        taken.append(wanted)
        await take(budget, wanted)

    monkeypatch.setattr(Budget, "take", noted)
    async with cloud(Script(ok({"projects": [{"id": "p1"}], **NONE})), project_id=None) as client:
        await asked(client)
    assert len(taken) > 1
    assert set(taken) == {priority}


@pytest.mark.parametrize("projects", [[], [{"id": "a"}, {"id": "b"}]])
async def test_a_region_without_exactly_one_project(projects):
    async with cloud(Script(ok({"projects": projects})), project_id=None) as client:
        with pytest.raises(Misconfigured) as raised:
            await client.check("prod")
    assert raised.value.code == "cloud.project_id"


async def test_after_a_restore_the_typeahead_is_read_again():
    def answer(request):
        if request.method == "POST":
            return ok({"job_id": "j", "backup": {"id": "b"}})
        seen.append(request.url.path.rsplit("/", 1)[-1])
        return ok({"instances": [an_instance()], "backups": [], "total_count": 1})

    seen: list[str] = []
    async with cloud(answer) as client:
        for _ in range(2):
            assert [one.name for one in await client.instances("prod")] == ["orders-001"]
            await client.backups("prod", MYSQL)
        assert sorted(seen) == ["backups", "instances", "instances"]  # plain and flexus
        await client.recover("prod", wish())
        await client.back_up("prod", MYSQL, "name", "why")
        await client.instances("prod")
        await client.backups("prod", MYSQL)
    assert sorted(seen) == ["backups"] * 2 + ["instances"] * 4


async def test_closing_ends_what_waits():
    started = asyncio.Event()

    async def never(request):
        started.set()
        await asyncio.Event().wait()
        return ok()

    client = cloud(never)
    async with client:
        asker = asyncio.create_task(client.instances("prod"))
        await started.wait()
    with pytest.raises(asyncio.CancelledError):
        await asker


async def test_a_wrong_id_never_becomes_part_of_an_address():
    script = Script(ok())
    async with cloud(script) as client:
        assert await client.instance("prod", "../../v3/other") is None
        with pytest.raises(Refused):
            await client.windows("prod", "a/b?c")
    assert script.requests == []


async def test_a_call_is_not_sent_where_its_right_is_gone_at_the_last_moment():
    script = Script(httpx.Response(200, json={"job_id": "j1"}))
    async with cloud(script) as client:
        late = await client.recover("prod", wish(), lambda: False)
        assert isinstance(late, NotSent)
        assert late.error.code == "cloud.too_late"
        assert script.requests == []
        assert await client.recover("prod", wish(), lambda: True) == Accepted("j1")
