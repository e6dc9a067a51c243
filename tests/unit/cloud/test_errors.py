from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cloud.codes import MEANINGS
from bot.cloud.errors import error_of
from bot.cloud.faults import Fault, fault_of
from bot.domain.errors import Conflict, Misconfigured, Refused, Unavailable

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ECHO = (
    "Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:GET|/v3/0123/instances/|"
    "|host:rds|x-security-token:TOPSECRET|"
)


def read(status, **given_parts):
    return fault_of(httpx.Response(status, **given_parts), NOW)


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        ({"error_code": "DBS.200022", "error_msg": "It exists."}, "DBS.200022", "It exists."),
        ({"errCode": "RDS.1102", "externalMessage": "No."}, "RDS.1102", "No."),
        ({"errorCode": "X.1", "errorMsg": "No."}, "X.1", "No."),
        ({"itemNotFound": {"code": 404, "message": "Gone."}}, "404", "Gone."),
        ({"error_msg": "Bad.", "error_code": "APIGW.0301", "request_id": "r1"}, "APIGW.0301", "Bad."),
        ({"error": {"message": "'name' is required", "code": 400, "title": "Bad Request"}}, "400", "'name' is required"),
        ({"error_msg": "No.", "error_code": "IAM.0006"}, "IAM.0006", "No."),
        (
            {"error_code": "PAP5.0011", "error_msg": "Denied.", "encoded_authorization_message": "SECRET"},
            "PAP5.0011",
            "Denied.",
        ),
        ({"error_code": "not a code <b>", "error_msg": "x"}, None, "x"),
        ([], None, ""),
        ("text", None, ""),
    ],
)
def test_every_shape_of_an_error_body(body, code, text):
    fault = read(400, json=body)
    assert (fault.code, fault.text) == (code, text)


@pytest.mark.parametrize("content", [b"", b"<html>502</html>", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_a_body_that_is_no_error_body(content):
    assert read(502, content=content).code is None


@given(st.binary(max_size=200))
def test_no_body_breaks_the_reader(content):
    assert read(500, content=content).status == 500


def test_the_request_id_comes_from_the_header_or_the_body():
    assert read(400, headers={"X-Request-Id": "h1"}, json={"request_id": "b1"}).request_id == "h1"
    assert read(400, json={"request_id": "b1"}).request_id == "b1"
    assert read(400, headers={"X-Request-Id": "<!channel>"}).request_id is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Mon, 23 Nov 2026 10:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 10:00:30 -0000", 30.0),
        ("Mon, 23 Nov 2026 09:00:00 GMT", 0.0),
        ("soon", None),
        (None, None),
    ],
)
def test_retry_after(header, seconds):
    assert read(429, headers={} if header is None else {"Retry-After": header}).retry_after == seconds


def test_busy_says_what_to_do():
    error = error_of(Fault(409, "DBS.200047", "Another operation is being performed."))
    assert isinstance(error, Conflict)
    assert error.code == "cloud.busy"
    assert error.message == ("Another operation runs on the instance (DBS.200047). Wait until it is done, then ask again.")


@pytest.mark.parametrize(
    ("status", "code", "kind", "ours"),
    [
        (409, "DBS.201205", Conflict, "cloud.backup_running"),
        (400, "DBS.200086", Refused, "cloud.state"),
        (500, "DBS.280036", Refused, "cloud.state"),
        (409, "DBS.200316", Refused, "cloud.storage_full"),
        (404, "DBS.200045", Refused, "cloud.no_such_instance"),
        (400, "DBS.280214", Refused, "cloud.no_such_backup"),
        (400, "DBS.280128", Refused, "cloud.no_such_database"),
        (400, "DBS.200543", Refused, "cloud.no_such_job"),
        (400, "DBS.200037", Refused, "cloud.version"),
        (400, "DBS.200073", Refused, "cloud.storage"),
        (400, "DBS.280001", Refused, "cloud.parameter"),
        (403, "DBS.200010", Misconfigured, "cloud.permission"),
        (403, "APIG.0302", Misconfigured, "cloud.permission"),
        (401, "APIGW.0301", Misconfigured, "cloud.credentials"),
        (404, "APIGW.0101", Misconfigured, "cloud.not_published"),
        (404, None, Misconfigured, "cloud.not_published"),
        (404, "DBS.999999", Refused, "cloud.refused"),
        (429, "APIGW.0308", Unavailable, "cloud.throttled"),
        (429, None, Unavailable, "cloud.throttled"),
        (409, "DBS.200402", Conflict, "cloud.conflict"),
        (401, None, Misconfigured, "cloud.credentials"),
        (403, None, Misconfigured, "cloud.permission"),
        (409, None, Conflict, "cloud.conflict"),
        (400, "DBS.123", Refused, "cloud.refused"),
        (502, None, Unavailable, "cloud.down"),
        (500, "DBS.111205", Unavailable, "cloud.down"),
        (302, None, Unavailable, "cloud.down"),
    ],
)
def test_what_codes_mean(status, code, kind, ours):
    error = error_of(Fault(status, code))
    assert type(error) is kind
    assert error.code == ours
    assert (code or f"HTTP {status}") in error.message


def test_the_cloud_s_own_words_help_where_a_value_is_wrong():
    error = error_of(Fault(400, "DBS.280001", "Invalid\nparameter: restore_time."))
    assert error.message == (
        "The cloud did not accept a value (DBS.280001): Invalid parameter: restore_time. Check what was asked for."
    )


def test_long_words_are_cut():
    assert len(error_of(Fault(400, "DBS.280001", "x" * 5000)).message) < 400


@pytest.mark.parametrize("code", ["APIGW.0301", "APIGW.0999", "IAM.0006", None, "DBS.280001", "DBS.1"])
@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_echoed_secrets_never_leave(code, status):
    error = error_of(Fault(status, code, ECHO, "req-1"))
    said = error.message + str(getattr(error, "__notes__", "")) + repr(error)
    assert "TOPSECRET" not in said
    assert "canonical" not in said


def test_who_reports_trouble_gets_the_request_id():
    error = error_of(Fault(500, "DBS.290006", "", "req-7"))
    assert "req-7" in error.message
    assert error.__notes__ == ["HTTP 500, code DBS.290006, request id req-7"]


def test_every_code_of_the_reference_is_spelled_alike():
    assert all(code.split(".")[0] in ("DBS", "APIGW") and code.split(".")[1].isdecimal() for code in MEANINGS)


def test_sentences_are_sentences():
    for meaning in MEANINGS.values():
        assert meaning.what[0].isupper()
        assert not meaning.what.endswith(".")
        assert meaning.advice.endswith(".")


def test_a_moment_later_is_counted_from_now():
    later = (NOW + timedelta(minutes=2)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert read(503, headers={"Retry-After": later}).retry_after == 120.0
