"""Who is calling: signatures with permanent and temporary keys, and tokens.

Sources: API gateway, "AK/SK Signing and Authentication" and "Error Codes" (APIGW.0301); IAM, "Obtaining a User Token" and
"Obtaining a Temporary Access Key and Security Token".
"""

import hmac
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.sandbox.rds.errors import ApiError, unauthenticated
from bot.sandbox.rds.exchange import ApiRequest
from bot.sandbox.rds.signature import UNSIGNED, Claim, canonical_request, claim_of, payload_hash, signature

SKEW = 15 * 60.0
"""Seconds by which a caller's clock may be wrong."""
FAILURES_ALLOWED = 5
"""Consecutive failures after which one more locks an access key."""
LOCKED_FOR = 5 * 60.0
TOKEN_LIFE = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called. `project_id` is set where the credentials hold for one project only."""

    name: str
    project_id: str | None = None


NOBODY = Caller("nobody")
"""The caller of an open server, or of an address that needs no credentials."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a token stands for."""

    user: str
    project_id: str | None
    issued_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class TemporaryKey:
    """A key for a while; every call signed with it carries its security token."""

    access: str
    secret: str
    security_token: str
    expires_at: float


class Authentication:
    """Checks calls and remembers tokens, temporary keys and failures. Without `access_keys` it lets everybody in."""

    def __init__(self, access_keys: Mapping[str, str] | None) -> None:
        self._open = access_keys is None
        self._keys = dict(access_keys or {})
        self._tokens: dict[str, Token] = {}
        self._temporary: dict[str, TemporaryKey] = {}
        self._failures: Counter[str] = Counter()
        self._locked_until: dict[str, float] = {}

    def issue_token(self, user: str, project_id: str | None, now: float) -> tuple[str, Token]:
        """A new token, valid for 24 hours."""
        value = f"MII{secrets.token_urlsafe(48)}"
        token = Token(user, project_id, now, now + TOKEN_LIFE)
        self._tokens[value] = token
        return value, token

    def issue_key(self, seconds: int, now: float) -> TemporaryKey:
        """A new temporary access key."""
        key = TemporaryKey(
            f"HST{secrets.token_hex(8).upper()}", secrets.token_hex(20), secrets.token_urlsafe(64), now + seconds
        )
        self._temporary[key.access] = key
        return key

    def token(self, value: str, now: float) -> Token:
        """What the token stands for. Raises ApiError if it is unknown or has expired."""
        token = self._tokens.get(value)
        if token is None:
            raise unauthenticated("decrypt token fail")
        if now >= token.expires_at:
            raise unauthenticated(f"token expires, expires_at: {_iso(token.expires_at)}")
        return token

    def identify(self, request: ApiRequest) -> Caller:
        """Raises ApiError (401, APIGW.0301) where the caller cannot be identified."""
        if self._open:
            return NOBODY
        token = request.headers.get("x-auth-token")
        if token is not None:
            found = self.token(token, request.at)
            return Caller(found.user, found.project_id)
        authorization = request.headers.get("authorization")
        if authorization is None:
            raise unauthenticated("x-auth-token not found")
        claim = claim_of(authorization)
        if claim is None:
            raise unauthenticated("the Authorization header is not well-formed")
        self._verify_counting(request, claim)
        return Caller(claim.access_key)

    def _verify_counting(self, request: ApiRequest, claim: Claim) -> None:
        """One success wipes the failures out; one too many in a row locks the key."""
        key = claim.access_key
        if request.at < self._locked_until.get(key, 0.0):
            raise unauthenticated("AK access failed to reach the limit, forbidden")
        try:
            self._verify(request, claim)
        except ApiError:
            self._failures[key] += 1
            if self._failures[key] > FAILURES_ALLOWED:
                self._locked_until[key] = request.at + LOCKED_FOR
                del self._failures[key]
            raise
        del self._failures[key]

    def _verify(self, request: ApiRequest, claim: Claim) -> None:
        secret_key = self._secret_key(request, claim)
        date = request.headers.get("x-sdk-date", "")
        if "x-sdk-date" not in claim.signed_headers or abs(_seconds(date) - request.at) > SKEW:
            raise unauthenticated("signature expired")
        try:
            canonical = canonical_request(
                request.method, request.path, request.query, request.headers, claim.signed_headers, _hash(request)
            )
        except KeyError as error:
            raise unauthenticated(f"signed header {error} not found") from error
        if not hmac.compare_digest(signature(canonical, date, secret_key), claim.signature):
            readable = canonical.replace("\n", "|")
            raise unauthenticated(f"verify aksk signature fail, canonicalRequest:{readable}")

    def _secret_key(self, request: ApiRequest, claim: Claim) -> str:
        if claim.access_key in self._keys:
            return self._keys[claim.access_key]
        temporary = self._temporary.get(claim.access_key)
        if temporary is None:
            raise unauthenticated("Get secretKey failed")
        sent = request.headers.get("x-security-token", "")
        if not hmac.compare_digest(sent.encode(), temporary.security_token.encode()):
            raise unauthenticated("decrypt token fail")
        if "x-security-token" not in claim.signed_headers:
            raise unauthenticated("x-security-token is not signed")
        if request.at >= temporary.expires_at:
            raise unauthenticated(f"token expires, expires_at: {_iso(temporary.expires_at)}")
        return temporary.secret


def _hash(request: ApiRequest) -> str:
    """The body's hash. A caller may say that a body is not signed; a wrong hash makes the signature wrong."""
    if request.content and request.headers.get("x-sdk-content-sha256") == UNSIGNED:
        return UNSIGNED
    return payload_hash(request.content)


def _seconds(date: str) -> float:
    """X-Sdk-Date in seconds since 1970; a time long ago where it is not well-formed."""
    try:
        return datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
