"""The client against servers that break in every way a network does: real sockets, real httpx."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from bot.cloud import client as client_module
from bot.cloud.rds import HuaweiCloud
from bot.domain.errors import Unavailable
from bot.workflow.outcome import Accepted, NotSent, Outcome, Rejected, Unclear
from tests.unit.cloud.world import PROJECT, SetClock, wish

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Reads whole requests and lets `reply` do what it likes with the connection."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.requests: list[bytes] = []
        self.asked = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lines = [line.lower() for line in head.split(b"\r\n")]
                length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), 0)
                self.requests.append(head + await reader.readexactly(length))
                self.asked.set()
                await self.reply(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def served(reply: Reply) -> AsyncIterator[tuple[Server, HuaweiCloud]]:
    server = Server(reply)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with listening, HuaweiCloud([replace(PROJECT, endpoint=f"http://127.0.0.1:{port}")], SetClock()) as cloud:
        yield server, cloud


def says(text: bytes) -> Reply:
    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()
        if b"Content-Length" not in text:
            raise ConnectionResetError

    return reply


def http(status: str, body: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(body), body)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    raise ConnectionResetError


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    raise ConnectionResetError


async def silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (says(http("202 Accepted", b'{"job_id":"j1"}')), Accepted),
        (says(http("409 Conflict", b'{"error_code":"DBS.200047","error_msg":"busy"}')), Rejected),
        (says(http("502 Bad Gateway", b"<html>")), Unclear),
        (says(b"HTTP/1.1 202 Accepted\r\nContent-Length: 500\r\n\r\n{"), Unclear),
        (says(b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"), Unclear),
        (says(b"no protocol at all\r\n\r\n"), Unclear),
        (says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"), Unclear),
        (hang_up, Unclear),
        (reset, Unclear),
        (silence, Unclear),
    ],
)
async def test_a_recovery_call_is_on_the_wire_once_and_ends_as_it_must(reply, kind, monkeypatch):
    monkeypatch.setattr(client_module, "CHANGE_TIMEOUT", httpx.Timeout(0.2))
    async with served(reply) as (server, cloud):
        outcome: Outcome = await cloud.recover("prod", wish())
    assert type(outcome) is kind
    assert len(server.requests) == 1
    assert server.requests[0].startswith(b"POST /v3/")


async def test_nobody_listens():
    listening = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    listening.close()
    await listening.wait_closed()
    async with HuaweiCloud([replace(PROJECT, endpoint=f"http://127.0.0.1:{port}")], SetClock()) as cloud:
        assert isinstance(await cloud.recover("prod", wish()), NotSent)


async def test_a_name_that_does_not_resolve():
    async with HuaweiCloud([replace(PROJECT, endpoint="http://rds.invalid")], SetClock()) as cloud:
        assert isinstance(await cloud.recover("prod", wish()), NotSent)


async def test_reads_survive_a_dropped_connection():
    answers = [hang_up, says(http("200 OK", b'{"instances":[]}'))]

    async def in_turn(writer: asyncio.StreamWriter) -> None:
        await (answers.pop(0) if len(answers) > 1 else answers[0])(writer)

    async with served(in_turn) as (server, cloud):
        await cloud.check("prod")
    assert len(server.requests) == 2


async def test_a_redirect_is_not_followed():
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    async with served(says(moved)) as (server, cloud):
        assert isinstance(await cloud.recover("prod", wish()), Unclear)
        with pytest.raises(Unavailable):
            await cloud.check("prod")
    assert len(server.requests) == 2


async def test_a_cancelled_recovery_call_is_not_sent_again():
    async with served(silence) as (server, cloud):
        call = asyncio.create_task(cloud.recover("prod", wish()))
        await server.asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert len(server.requests) == 1
