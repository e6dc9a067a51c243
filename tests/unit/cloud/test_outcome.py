import httpx
import pytest
from pydantic import BaseModel

from bot.cloud.outcome import ENDINGS, of_answer, of_exception
from bot.domain.errors import Misconfigured, Refused, Unavailable
from bot.workflow.outcome import Accepted, NotSent, Rejected, Unclear
from tests.unit.cloud.world import NOW

REQUEST = httpx.Request("POST", "https://rds.example.test/")
BEFORE_SENDING = {
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
}


class Body(BaseModel):
    job_id: str


def id_of(body: bytes) -> str:
    return Body.model_validate_json(body).job_id


def kinds(root: type[Exception]) -> set[type[Exception]]:
    return {root}.union(*(kinds(child) for child in root.__subclasses__()))


def test_the_map_knows_every_error_of_httpx():
    assert set(ENDINGS) == kinds(httpx.RequestError) | {httpx.InvalidURL}
    assert {kind for kind, ending in ENDINGS.items() if ending is NotSent} == BEFORE_SENDING


@pytest.mark.parametrize("kind", sorted(ENDINGS, key=repr))
def test_without_an_answer(kind):
    cause = kind("broken")
    outcome = of_exception(cause, REQUEST)
    assert type(outcome) is (NotSent if kind in BEFORE_SENDING else Unclear)
    assert isinstance(outcome.error, Unavailable)
    assert outcome.error.__cause__ is cause


def test_an_error_that_nobody_foresaw_is_unclear():
    class Future(httpx.ConnectTimeout):
        pass

    assert isinstance(of_exception(RuntimeError("?"), REQUEST), Unclear)
    assert isinstance(of_exception(Future("slower still"), REQUEST), NotSent)


def test_what_befell_the_log_in_leaves_the_call_unsent():
    log_in = httpx.Request("POST", "https://iam.example.test/v3/auth/tokens")
    assert isinstance(of_exception(httpx.ReadTimeout("late", request=log_in), REQUEST), NotSent)
    assert isinstance(of_exception(httpx.ReadTimeout("late", request=REQUEST), REQUEST), Unclear)


def answer(status, body=None, **more):
    parts = more if body is None else {"json": body, **more}
    return of_answer(httpx.Response(status, **parts), id_of, NOW)


@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_success_with_a_job_is_accepted(status):
    assert answer(status, {"job_id": "j1", "more": 1}) == Accepted("j1")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {}),
        (200, {"job_id": None}),
        (202, []),
        (302, None),
        (400, None),
        (408, {"error_code": "X.1"}),
        (499, None),
        (400, {"error_code": "DBS.111205"}),
        (500, {"error_code": "DBS.111205", "error_msg": "timeout"}),
        (500, {"error_code": "DBS.200005", "error_msg": "?"}),
        (500, {"error_code": "APIGW.0611", "error_msg": "?"}),
        (500, None),
        (502, None),
        (503, None),
        (503, {"error_code": "APIGW.0613", "error_msg": "?"}),
        (504, {"error_code": "APIGW.0201", "error_msg": "Backend timeout."}),
    ],
)
def test_without_a_clear_word_it_is_unclear(status, body):
    outcome = answer(status, body)
    assert isinstance(outcome, Unclear)
    assert outcome.error.code == "cloud.unclear"


@pytest.mark.parametrize("content", [b"", b"{", b"<html>Bad gateway</html>", b'{"job_id": 5}'])
def test_a_success_that_cannot_be_read_is_unclear(content):
    assert isinstance(answer(200, content=content), Unclear)
    assert isinstance(answer(504, content=content), Unclear)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (409, {"error_code": "DBS.200047", "error_msg": "busy"}, "cloud.busy"),
        (500, {"error_code": "DBS.280036", "error_msg": "not ready"}, "cloud.state"),
        (400, {"error_code": "DBS.280001", "error_msg": "bad"}, "cloud.parameter"),
        (400, {"errCode": "RDS.1102", "externalMessage": "bad"}, "cloud.refused"),
        (404, {"error_code": "APIGW.0101", "error_msg": "none"}, "cloud.not_published"),
        (401, None, "cloud.credentials"),
        (403, {"error_code": "DBS.200010", "error_msg": "no"}, "cloud.permission"),
        (429, {"error_code": "APIGW.0308", "error_msg": "slow"}, "cloud.throttled"),
        (429, None, "cloud.throttled"),
    ],
)
def test_a_clear_no_is_rejected(status, body, code):
    outcome = answer(status, body)
    assert isinstance(outcome, Rejected)
    assert outcome.error.code == code


def test_throttled_says_that_nothing_was_done():
    outcome = answer(429)
    assert isinstance(outcome, Rejected)
    assert "not carried out" in outcome.error.message
    assert not isinstance(outcome.error, Refused | Misconfigured)
