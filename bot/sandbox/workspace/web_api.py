"""The Web API: tokens, scopes, limits and faults; then the method itself. Every call is recorded.

Source: Slack's documentation of the Web API (request and response formats, authentication, rate limits).
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from aiohttp import web

from bot.sandbox.workspace import api_chat, api_conversations, api_directory, api_functions, api_views
from bot.sandbox.workspace.calls import ApiCall, Call
from bot.sandbox.workspace.changes import CallMade
from bot.sandbox.workspace.errors import ApiError
from bot.sandbox.workspace.faults import Faults
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.oauth import ACCESS, OAuth
from bot.sandbox.workspace.platform import Platform
from bot.sandbox.workspace.rates import Rates
from bot.sandbox.workspace.sockets import Sockets

METHODS = {
    **api_chat.METHODS,
    **api_conversations.METHODS,
    **api_directory.METHODS,
    **api_functions.METHODS,
    **api_views.METHODS,
}
CONNECT = "apps.connections.open"
REVOKE = "auth.revoke"
DOWN = "<!DOCTYPE html><html><head><title>Service Unavailable</title></head><body>Service Unavailable</body></html>"


class RateLimited(Exception):
    """Too many calls."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


@dataclass(slots=True)
class WebApi:
    """Answers /api/{method}."""

    platform: Platform
    sockets: Sockets
    faults: Faults
    rates: Rates | None
    """None where limits are off."""
    oauth: OAuth
    calls: list[ApiCall] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call."""
        method = request.match_info["method"]
        if self.faults.delay and self.faults.concerns(method):
            await asyncio.sleep(self.faults.delay)
        try:
            arguments = await _arguments(request)
        except ValueError:
            return self._answer(method, "", {}, {"ok": False, "error": "invalid_json"})
        token = _token(request, arguments)
        if self.faults.down:
            self._record(method, token, arguments, "service_unavailable")
            return down()
        try:
            if method == ACCESS:
                answer = {"ok": True, **self.oauth.access(arguments, request.headers.get("Authorization", ""))}
            else:
                answer = {"ok": True, **self._result(method, token, arguments)}
        except ApiError as error:
            answer = _refusal(error)
        except RateLimited as limit:
            self._record(method, token, arguments, "ratelimited")
            body = {"ok": False, "error": "ratelimited"}
            return web.json_response(body, status=429, headers={"Retry-After": str(limit.retry_after)})
        if self.faults.drop_next and self.faults.concerns(method):
            self.faults.drop_next -= 1
            if request.transport is not None:
                request.transport.abort()
        return self._answer(method, token, arguments, answer)

    def _result(self, method: str, token: str, arguments: Mapping[str, Any]) -> Json:
        if method not in (CONNECT, REVOKE) and method not in METHODS:
            raise ApiError("unknown_method", req_method=method)
        self._authenticate(method, token)
        if method in self.faults.errors:
            raise ApiError(self.faults.errors[method])
        self._limit(method, arguments)
        if method == REVOKE:
            return {"revoked": self.oauth.tokens.pop(token, None) is not None}
        if method == CONNECT:
            url = f"{self.platform.url}/link?ticket={self.sockets.ticket()}"
            return {"url": url.replace("http", "ws", 1)}
        found = METHODS[method]
        call = Call(self.platform, arguments)
        if found.scopes:
            call.needs(*found.scopes)
        return found.answer(call)

    def _authenticate(self, method: str, token: str) -> None:
        app = self.platform.app
        if method == "api.test":
            return
        if not token:
            raise ApiError("not_authed")
        if token in self.oauth.tokens and method != CONNECT:
            return
        if token not in (app.bot_token, app.app_token):
            raise ApiError("invalid_auth")
        if token != (app.app_token if method == CONNECT else app.bot_token):
            raise ApiError("not_allowed_token_type")

    def _limit(self, method: str, arguments: Mapping[str, Any]) -> None:
        if self.faults.rate_limit_next and self.faults.concerns(method):
            self.faults.rate_limit_next -= 1
            raise RateLimited(self.faults.retry_after)
        if self.rates is None:
            return
        now = self.platform.now()
        wait = self.rates.method(method, METHODS[method].per_minute if method in METHODS else 50, now)
        if not wait and method == "chat.postMessage":
            wait = self.rates.post(str(arguments.get("channel")), now)
        if wait:
            raise RateLimited(wait)

    def _answer(self, method: str, token: str, arguments: Mapping[str, Any], answer: Json) -> web.Response:
        self._record(method, token, arguments, answer.get("error"))
        scopes = ",".join(sorted(self.platform.app.scopes))
        date = formatdate(self.platform.now(), usegmt=True)
        return web.json_response(answer, headers={"X-OAuth-Scopes": scopes, "Date": date})

    def _record(self, method: str, token: str, arguments: Mapping[str, Any], error: str | None) -> None:
        self.calls.append(ApiCall(self.platform.now(), method, arguments, error is None, error, token))
        self.platform.workspace.tell(CallMade(method))


def down() -> web.Response:
    """What a load balancer says while Slack is down."""
    return web.Response(status=503, text=DOWN, content_type="text/html")


def _refusal(error: ApiError) -> Json:
    answer: Json = {"ok": False, "error": error.code, **error.extra}
    if error.messages:
        answer["response_metadata"] = {"messages": list(error.messages)}
    return answer


async def _arguments(request: web.Request) -> dict[str, Any]:
    """Query, form and JSON arguments together. Raises ValueError if the JSON is damaged."""
    arguments: dict[str, Any] = dict(request.query)
    if request.method != "POST":
        return arguments
    if request.content_type != "application/json":
        form = await request.post()
        return {**arguments, **{name: value for name, value in form.items() if isinstance(value, str)}}
    body = json.loads(await request.text() or "{}")
    return {**arguments, **body} if isinstance(body, dict) else arguments


def _token(request: web.Request, arguments: dict[str, Any]) -> str:
    header = request.headers.get("Authorization", "")
    given = str(arguments.pop("token", "") or "")
    return header.removeprefix("Bearer ").strip() if header.startswith("Bearer ") else given
