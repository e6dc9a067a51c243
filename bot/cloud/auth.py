"""The ways to prove who calls, each an httpx.Auth: access key, SDK's provider chain, token."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from pydantic import ValidationError

from bot.cloud.codes import CREDENTIALS
from bot.cloud.credentials import ProviderChain
from bot.cloud.errors import error_of, unreadable
from bot.cloud.faults import fault_of
from bot.cloud.models import TokenAnswer
from bot.cloud.project import AkSk, Chain, Password, Project
from bot.cloud.signing import Key, sign
from bot.domain.errors import Misconfigured
from bot.workflow.ports import Clock

READ_TIMEOUT = httpx.Timeout(20.0, connect=5.0, pool=5.0)
"""Seconds for calls that change nothing."""
_MARGIN = timedelta(minutes=30)
_Flow = AsyncGenerator[httpx.Request, httpx.Response]


class KeyAuth(httpx.Auth):
    """A fixed access key, or a temporary one with its security token."""

    def __init__(self, key: Key, clock: Clock) -> None:
        if not key.ak or not key.sk:
            raise Misconfigured(CREDENTIALS.code, "An access key or its secret is empty. The operator must set both.")
        self._key = key
        self._clock = clock

    async def async_auth_flow(self, request: httpx.Request) -> _Flow:
        """Sign and send. Nothing is sent again after a 401: refusals in a row lock the key."""
        sign(request, self._key, self._clock)
        yield request


class ChainAuth(httpx.Auth):
    """Whatever key the SDK's provider chain has at the moment."""

    def __init__(self, chain: ProviderChain, clock: Clock) -> None:
        self._chain = chain
        self._clock = clock

    async def project_id(self) -> str | None:
        """The project's id where the provider tells it. Raises Misconfigured `cloud.credentials`."""
        return (await self._chain.current()).project_id

    async def async_auth_flow(self, request: httpx.Request) -> _Flow:
        """Sign and send. Raises Misconfigured where the chain finds no credentials, before anything is sent."""
        sign(request, (await self._chain.current()).key, self._clock)
        yield request


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    good_until: datetime


class TokenAuth(httpx.Auth):
    """A user's token for the project (source: IAM, "Obtaining a User Token"), renewed before it runs out.

    A read that is answered 401 is sent once more with a new token, since tokens can become invalid early. A call that
    changes something is not: whoever makes it has just read with the same token.
    """

    def __init__(self, project: Project, password: Password, clock: Clock) -> None:
        self._project = project
        self._password = password
        self._clock = clock
        self._token: _Token | None = None
        self._logging_in = asyncio.Lock()

    async def async_auth_flow(self, request: httpx.Request) -> _Flow:
        """Log in where needed, send, log in once more after a 401. Raises Misconfigured or Unavailable where the log-in
        fails, before the request is sent."""
        for last in (request.method != "GET", True):
            async with self._logging_in:
                token = self._token
                if token is None or self._clock.now() >= token.good_until:
                    answer = yield self._log_in()
                    await answer.aread()
                    token = self._token = self._taken_from(answer)
            request.headers["X-Auth-Token"] = token.value
            response = yield request
            if response.status_code != httpx.codes.UNAUTHORIZED:
                return
            if self._token is token:
                self._token = None
            if last:
                return

    def _log_in(self) -> httpx.Request:
        user = {
            "name": self._password.username,
            "password": self._password.password,
            "domain": {"name": self._password.domain},
        }
        project = {"id": self._project.project_id} if self._project.project_id else {"name": self._project.region}
        identity = {"methods": ["password"], "password": {"user": user}}
        return httpx.Request(
            "POST",
            self._project.iam_endpoint.rstrip("/") + "/v3/auth/tokens",
            params={"nocatalog": "true"},
            json={"auth": {"identity": identity, "scope": {"project": project}}},
            extensions={"timeout": READ_TIMEOUT.as_dict()},
        )

    def _taken_from(self, answer: httpx.Response) -> _Token:
        now = self._clock.now()
        if not answer.is_success:
            raise error_of(fault_of(answer, now))
        value = answer.headers.get("X-Subject-Token")
        try:
            expires_at = TokenAnswer.model_validate_json(answer.content).token.expires_at
        except ValidationError:
            raise unreadable("the log-in") from None
        if not value:
            raise unreadable("the log-in")
        return _Token(value, expires_at - min(_MARGIN, (expires_at - now) / 10))


def auth_for(project: Project, clock: Clock) -> httpx.Auth:
    """The project's way to prove who calls. Raises Misconfigured `cloud.credentials` where a key is empty."""
    match project.auth:
        case AkSk(access_key, secret_key, security_token):
            return KeyAuth(Key(access_key, secret_key, security_token), clock)
        case Password() as password:
            return TokenAuth(project, password, clock)
        case Chain():
            return ChainAuth(ProviderChain(clock), clock)
