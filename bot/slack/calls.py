"""Watches the calls to Slack's Web API, whoever makes them: all clients, Bolt's own too, share one HTTP session."""

import asyncio
import re
from collections.abc import Callable
from types import SimpleNamespace

import aiohttp
from yarl import URL

Observe = Callable[[str, str, float], None]
"""Told of every call: the method, "ok" or Slack's error code (`ratelimited` for a 429), seconds until the whole answer was
there. An answer that is no JSON of Slack's ends as `http_` and its status, a broken line as `no_answer`."""
_OK = re.compile(rb'^\s*\{\s*"ok"\s*:\s*true\b|"ok"\s*:\s*true\s*[,}]')
_ERROR = re.compile(rb'"error"\s*:\s*"(\w{1,60})"')
ANSWER_HEAD = 65_536
"""Bytes of an answer that are looked at."""


def watched(api_url: str, observe: Observe) -> aiohttp.TraceConfig:
    """For `aiohttp.ClientSession(trace_configs=[…])`. Other addresses than those under `api_url` are not told."""
    server, base = _server(URL(api_url)), URL(api_url).path.rstrip("/") + "/"
    config = aiohttp.TraceConfig()

    def tell(call: SimpleNamespace, url: URL, outcome: str) -> None:
        if url.path.startswith(base) and _server(url) == server:
            observe(url.path.removeprefix(base), outcome, asyncio.get_running_loop().time() - call.began)

    async def starts(_: aiohttp.ClientSession, call: SimpleNamespace, asked: aiohttp.TraceRequestStartParams) -> None:
        del asked
        call.began, call.status = asyncio.get_running_loop().time(), 0

    async def answered(_: aiohttp.ClientSession, call: SimpleNamespace, answer: aiohttp.TraceRequestEndParams) -> None:
        call.status = answer.response.status

    async def read(_: aiohttp.ClientSession, call: SimpleNamespace, chunk: aiohttp.TraceResponseChunkReceivedParams) -> None:
        tell(call, chunk.url, outcome_of(call.status, chunk.chunk[:ANSWER_HEAD]))

    async def broke(_: aiohttp.ClientSession, call: SimpleNamespace, fault: aiohttp.TraceRequestExceptionParams) -> None:
        tell(call, fault.url, "no_answer")

    config.on_request_start.append(starts)
    config.on_request_end.append(answered)
    config.on_response_chunk_received.append(read)
    config.on_request_exception.append(broke)
    return config


def _server(url: URL) -> tuple[str, str | None, int | None]:
    """With the port also where the address leaves it to the scheme."""
    return url.scheme, url.host, url.port


def outcome_of(status: int, body: bytes) -> str:
    """How a call ended, by its answer. The body is not parsed: that is done once already, by Slack's client."""
    if status == 429:
        return "ratelimited"
    error = _ERROR.search(body)
    if status == 200 and _OK.search(body):
        return "ok"
    return error[1].decode() if error is not None else f"http_{status}"
