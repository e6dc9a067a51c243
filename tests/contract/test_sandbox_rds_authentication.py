"""Who may call the sandbox cloud. Sources: API gateway (signature, APIGW.0301); IAM (tokens, temporary keys)."""

import httpx
import pytest

from bot.sandbox.rds.signature import canonical_request, payload_hash, signature
from tests.contract.rds_world import (
    NOW,
    OTHER_PROJECT,
    PROJECT,
    REGION,
    USER,
    Caller,
    Clock,
    refused,
    running,
    sdk_date,
    signed,
)

PATH = f"/v3/{PROJECT}/instances"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def call(clock):
    async with running(clock=clock) as caller:
        yield caller


def password(**changes: object) -> dict[str, object]:
    user = {"name": USER.name, "password": USER.password, "domain": {"name": USER.domain}} | changes
    identity = {"methods": ["password"], "password": {"user": user}}
    return {"auth": {"identity": identity, "scope": {"project": {"name": REGION}}}}


async def token_of(call: Caller) -> httpx.Response:
    return await call.http.post(f"{call.server.url}/v3/auth/tokens", json=password())


def test_the_published_vector():
    """The example of "AK/SK Signing and Authentication"."""
    canonical = canonical_request(
        "GET",
        "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
        "limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
        {
            "content-type": "application/json",
            "host": "service.region.example.com",
            "x-sdk-date": "20191115T033655Z",
            "accept": "*/*",
        },
        ("content-type", "host", "x-sdk-date"),
        payload_hash(b""),
    )
    assert payload_hash(canonical.encode()) == "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a"
    made = signature(canonical, "20191115T033655Z", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc")
    assert made == "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"


@pytest.mark.parametrize("wrong_by", [-900, 0, 900])
async def test_a_clock_that_is_wrong_by_no_more_than_15_minutes(call, wrong_by):
    headers = signed("GET", call.server.url + PATH, b"", call.key, NOW + wrong_by)
    assert (await call.http.get(call.server.url + PATH, headers=headers)).status_code == 200


@pytest.mark.parametrize("wrong_by", [-901, 901])
async def test_a_clock_that_is_wrong_by_more(call, wrong_by):
    headers = signed("GET", call.server.url + PATH, b"", call.key, NOW + wrong_by)
    answer = await call.http.get(call.server.url + PATH, headers=headers)
    assert refused(answer) == (401, "APIGW.0301")
    assert "signature expired" in answer.json()["error_msg"]
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]


async def test_values_that_need_encoding(call):
    odd = {"name": "*prod & more/äöü~", "tags": "a=b c+d"}
    assert (await call("GET", PATH, query=odd)).status_code == 200


async def test_a_changed_call(call):
    """The signature holds for the method, the address, the query, the signed headers and the body."""
    url = f"{call.server.url}{PATH}?limit=1"
    headers = signed("GET", url, b"", call.key, NOW)
    for method, where, more, body in (
        ("GET", f"{call.server.url}{PATH}?limit=2", {}, b""),
        ("GET", f"{call.server.url}/v3/{PROJECT}/jobs?limit=1", {}, b""),
        ("GET", url, {"X-Sdk-Date": sdk_date(NOW + 1)}, b""),
        ("GET", url, {}, b"{}"),
    ):
        answer = await call.http.request(method, where, headers=headers | more, content=body)
        assert refused(answer) == (401, "APIGW.0301")
        assert "verify aksk signature fail, canonicalRequest:GET|" in answer.json()["error_msg"]


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({}, "x-auth-token not found"),
        ({"X-Auth-Token": "nonsense"}, "decrypt token fail"),
        ({"Authorization": "Bearer x"}, "not well-formed"),
        (
            {"Authorization": f"SDK-HMAC-SHA256 Access=NOBODY, SignedHeaders=x-sdk-date, Signature={'0' * 64}"},
            "Get secretKey failed",
        ),
        (
            {"Authorization": f"SDK-HMAC-SHA256 Access=AKTEST, SignedHeaders=host, Signature={'0' * 64}"},
            "signature expired",
        ),
        (
            {
                "Authorization": f"SDK-HMAC-SHA256 Access=AKTEST, SignedHeaders=x-more;x-sdk-date, Signature={'0' * 64}",
                "X-Sdk-Date": sdk_date(NOW),
            },
            "signed header 'x-more' not found",
        ),
    ],
)
async def test_no_valid_credentials(call, headers, text):
    answer = await call.http.get(call.server.url + PATH, headers=headers)
    assert refused(answer) == (401, "APIGW.0301")
    assert text in answer.json()["error_msg"]


async def test_six_failures_in_a_row_lock_the_key_for_five_minutes(call, clock):
    call.key = ("AKTEST", "WRONG")
    for _ in range(6):
        assert "verify aksk signature fail" in (await call("GET", PATH)).json()["error_msg"]
    call.key = ("AKTEST", "SKTEST")
    assert "AK access failed to reach the limit" in (await call("GET", PATH)).json()["error_msg"]
    clock.at += 299.9
    assert (await call("GET", PATH)).status_code == 401
    clock.at += 0.1
    assert (await call("GET", PATH)).status_code == 200


async def test_a_success_forgives_failures(call):
    for _ in range(2):
        call.key = ("AKTEST", "WRONG")
        for _ in range(5):
            assert (await call("GET", PATH)).status_code == 401
        call.key = ("AKTEST", "SKTEST")
        assert (await call("GET", PATH)).status_code == 200


async def test_a_token_for_24_hours(call, clock):
    answer = await token_of(call)
    assert answer.status_code == 201
    token = answer.json()["token"]
    assert (token["project"]["id"], token["expires_at"]) == (PROJECT, "2027-01-16T08:00:00.000000Z")
    headers = {"X-Auth-Token": answer.headers["X-Subject-Token"]}
    clock.at += 24 * 3600 - 1
    assert (await call.http.get(call.server.url + PATH, headers=headers)).status_code == 200
    clock.at += 1
    late = await call.http.get(call.server.url + PATH, headers=headers)
    assert refused(late) == (401, "APIGW.0301")
    assert "token expires, expires_at: 2027-01-16" in late.json()["error_msg"]


async def test_a_token_holds_for_its_project(call):
    headers = {"X-Auth-Token": (await token_of(call)).headers["X-Subject-Token"]}
    other = await call.http.get(f"{call.server.url}/v3/{OTHER_PROJECT}/instances", headers=headers)
    assert refused(other) == (403, "DBS.280015")
    projects = (await call.http.get(f"{call.server.url}/v3/projects", headers=headers)).json()["projects"]
    assert [project["id"] for project in projects] == [PROJECT]


async def test_an_unknown_project(call):
    assert refused(await call("GET", "/v3/00000000000000000000000000000000/instances")) == (403, "DBS.280015")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (password(password="wrong"), 401),
        (password(domain={"name": "other"}), 401),
        ({}, 400),
        ({"auth": {"identity": {"methods": ["assume_role"]}}}, 400),
        ({"auth": {**password()["auth"], "scope": {"project": {"name": "moon"}}}}, 401),  # type: ignore[dict-item]
    ],
)
async def test_no_token(call, body, status):
    answer = await call.http.post(f"{call.server.url}/v3/auth/tokens", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == status


async def test_a_token_without_a_catalog_or_a_scope(call):
    body = {"auth": {"identity": password()["auth"]["identity"]}}  # type: ignore[index]
    token = (await call.http.post(f"{call.server.url}/v3/auth/tokens?nocatalog=true", json=body)).json()["token"]
    assert "catalog" not in token
    assert "project" not in token


async def test_temporary_keys_expire(call, clock):
    token = (await token_of(call)).headers["X-Subject-Token"]
    body = {"auth": {"identity": {"methods": ["token"]}}}
    address = f"{call.server.url}/v3.0/OS-CREDENTIAL/securitytokens"
    answer = await call.http.post(address, json=body, headers={"X-Auth-Token": token})
    assert answer.status_code == 201
    given = answer.json()["credential"]
    assert given["expires_at"] == "2027-01-15T08:15:00.000000Z"
    call.key, call.token = (given["access"], given["secret"]), given["securitytoken"]
    clock.at += 899
    assert (await call("GET", PATH)).status_code == 200
    clock.at += 1
    assert "token expires" in (await call("GET", PATH)).json()["error_msg"]
    call.token = "other"
    assert "decrypt token fail" in (await call("GET", PATH)).json()["error_msg"]


async def test_a_security_token_must_be_signed(call):
    token = (await token_of(call)).headers["X-Subject-Token"]
    body = {"auth": {"identity": {"methods": ["token"], "token": {"id": token}}}}
    answer = await call.http.post(f"{call.server.url}/v3.0/OS-CREDENTIAL/securitytokens", json=body)
    given = answer.json()["credential"]
    headers = signed("GET", call.server.url + PATH, b"", (given["access"], given["secret"]), NOW)
    headers["X-Security-Token"] = given["securitytoken"]
    assert "x-security-token is not signed" in (await call.http.get(call.server.url + PATH, headers=headers)).text


@pytest.mark.parametrize(
    ("identity", "status"),
    [
        ({"methods": ["token"], "token": {"id": "nonsense"}}, 401),
        ({"methods": ["token"], "token": {"duration_seconds": 899}}, 400),
        ({"methods": ["token"], "token": {"duration_seconds": 86_401}}, 400),
        ({"methods": ["assume_role"]}, 400),
    ],
)
async def test_no_temporary_key(call, identity, status):
    address = f"{call.server.url}/v3.0/OS-CREDENTIAL/securitytokens"
    assert (await call.http.post(address, json={"auth": {"identity": identity}})).status_code == status


async def test_the_limit_of_calls_a_minute():
    clock = Clock()
    async with running(clock=clock, rate_per_minute=3) as call:
        for _ in range(3):
            assert (await call("GET", PATH)).status_code == 200
            clock.at += 1.0
        answer = await call("GET", PATH)
        assert refused(answer) == (429, "APIGW.0308")
        assert answer.headers["Retry-After"] == "57"
        clock.at += 57.0
        assert (await call("GET", PATH)).status_code == 200
        assert (await call("GET", PATH)).status_code == 429


async def test_a_body_that_is_said_not_to_be_signed(call):
    """The vendor's signer leaves bodies out that are not JSON; what they hold is refused later."""
    url = f"{call.server.url}/v3/{PROJECT}/backups"
    headers = signed("POST", url, b"text", call.key, NOW, content_type="text/plain")
    assert headers["X-Sdk-Content-Sha256"] == "UNSIGNED-PAYLOAD"
    assert refused(await call.http.post(url, headers=headers, content=b"other")) == (400, "DBS.200001")


async def test_a_date_that_is_none(call):
    headers = signed("GET", call.server.url + PATH, b"", call.key, NOW) | {"X-Sdk-Date": "now"}
    assert "signature expired" in (await call.http.get(call.server.url + PATH, headers=headers)).text


async def test_a_request_for_a_token_that_is_no_json(call):
    assert (await call.http.post(f"{call.server.url}/v3/auth/tokens", content=b"{")).status_code == 400
