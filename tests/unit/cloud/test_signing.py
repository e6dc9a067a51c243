import hashlib
import hmac
import string
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cloud.signing import Key, sign
from tests.unit.cloud.world import SetClock

# The vendor's published example ("Signing a Request"), with the sample keys of that page.
EXAMPLE_KEY = Key("QTWAOYTTINDUT2QVKYUC", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc")
EXAMPLE_URL = (
    "https://service.region.example.com/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs"
    "?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0"
)
EXAMPLE_TIME = datetime(2019, 11, 15, 3, 36, 55, tzinfo=UTC)


def expected(request: httpx.Request, key: Key) -> str:
    """The signature a gateway computes from what arrived, written after the vendor's description."""
    signed = sorted(part for part in request.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";"))
    path, _, query = request.url.raw_path.decode().partition("?")
    uri = "/".join(quote(unquote(part), safe="~") for part in path.split("/"))
    pairs = sorted(
        (quote(name, safe="~"), quote(value, safe="~")) for name, value in parse_qsl(query, keep_blank_values=True)
    )
    canonical = "\n".join(
        [
            request.method,
            uri if uri.endswith("/") else uri + "/",
            "&".join(f"{name}={value}" for name, value in pairs),
            "".join(f"{name}:{request.headers[name].strip()}\n" for name in signed),
            ";".join(signed),
            hashlib.sha256(request.content).hexdigest(),
        ]
    )
    text = "\n".join(["SDK-HMAC-SHA256", request.headers["x-sdk-date"], hashlib.sha256(canonical.encode()).hexdigest()])
    return hmac.new(key.sk.encode(), text.encode(), hashlib.sha256).hexdigest()


def test_the_published_example():
    request = httpx.Request("GET", EXAMPLE_URL, headers={"Content-Type": "application/json"})
    sign(request, EXAMPLE_KEY, SetClock(EXAMPLE_TIME))
    assert request.headers["X-Sdk-Date"] == "20191115T033655Z"
    assert request.headers["Authorization"] == (
        "SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, SignedHeaders=content-type;host;x-sdk-date, "
        "Signature=7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe"
    )


NAME = st.text(string.ascii_lowercase + "_", min_size=1, max_size=12)  # what the API's parameters are called
WORD = st.text(string.ascii_letters + string.digits + "-._~ /+%&=é", min_size=1, max_size=12)
SEGMENT = st.text(string.ascii_letters + string.digits + "-_~ %é", min_size=1, max_size=12)


@given(
    method=st.sampled_from(["GET", "POST"]),
    segments=st.lists(SEGMENT, max_size=4),
    query=st.lists(st.tuples(NAME, WORD), max_size=4, unique_by=lambda pair: pair[0]),
    body=st.one_of(st.none(), st.dictionaries(WORD, WORD, max_size=3)),
    token=st.one_of(st.none(), st.text(string.ascii_letters, min_size=1, max_size=20)),
    port=st.sampled_from(["", ":8443"]),
)
def test_any_request_is_signed_as_a_gateway_computes_it(method, segments, query, body, token, port):
    path = "/" + "/".join(quote(segment, safe="") for segment in segments)
    request = httpx.Request(
        method,
        f"https://rds.example.test{port}{path}",
        params=query,
        json=body,
        headers={"Content-Type": "application/json", "X-Project-Id": "0123", "X-Language": "en-us"},
    )
    key = Key("AK", "SK", token)
    sign(request, key, SetClock())
    assert request.headers["authorization"].endswith(f"Signature={expected(request, key)}")
    names = request.headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    wanted = ["content-type", "host", "x-project-id", "x-sdk-date"] + (["x-security-token"] if token else [])
    assert names == sorted(wanted)


def test_secrets_stay_out_of_the_key_s_words():
    assert "SECRET" not in repr(Key("AK", "SECRET", "SECRET-TOKEN"))


@pytest.mark.parametrize("token", [None, "T"])
def test_the_security_token_is_sent_for_temporary_keys_only(token):
    request = httpx.Request("GET", "https://rds.example.test/")
    sign(request, Key("AK", "SK", token), SetClock())
    assert request.headers.get("X-Security-Token") == token
