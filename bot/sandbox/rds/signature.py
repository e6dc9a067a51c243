"""SDK-HMAC-SHA256, computed from what arrived. Source: API gateway, "AK/SK Signing and Authentication"."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

ALGORITHM = "SDK-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
_AUTHORIZATION = re.compile(r"SDK-HMAC-SHA256 Access=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Claim:
    """What the Authorization header says."""

    access_key: str
    signed_headers: tuple[str, ...]
    signature: str


def claim_of(authorization: str) -> Claim | None:
    """Read the Authorization header; None if it is not of this scheme or not well-formed."""
    found = _AUTHORIZATION.fullmatch(authorization.strip())
    if found is None:
        return None
    return Claim(found[1], tuple(found[2].split(";")), found[3])


def canonical_request(
    method: str, path: str, query: str, headers: Mapping[str, str], signed_headers: Iterable[str], payload_hash: str
) -> str:
    """The text that is signed. `path` and `query` as sent, header names in lower case. Raises KeyError where a header that
    is said to be signed did not arrive."""
    segments = "/".join(_encoded(unquote(segment)) for segment in path.split("/"))
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    names = sorted(signed_headers)
    return "\n".join(
        (
            method.upper(),
            segments if segments.endswith("/") else f"{segments}/",
            "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in pairs),
            "".join(f"{name}:{headers[name].strip()}\n" for name in names),
            ";".join(names),
            payload_hash,
        )
    )


def signature(canonical: str, date: str, secret_key: str) -> str:
    """The signature of a canonical request, in hexadecimal; `date` is the X-Sdk-Date header."""
    text = f"{ALGORITHM}\n{date}\n{payload_hash(canonical.encode())}"
    return hmac.new(secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()


def payload_hash(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _encoded(text: str) -> str:
    return quote(text, safe="~")
