"""Which calls obey the variables that name a proxy: docs/configuration.md says so in a table."""

import asyncio
import json
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from tests.acceptance.forked import run_to_end
from tests.acceptance.world import World


@dataclass
class Proxy:
    """Notes what it is asked for, and lets nothing through."""

    url: str = ""
    asked: list[str] = field(default_factory=list)

    async def answer(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.split(b" ")[1].decode())
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@asynccontextmanager
async def running():
    proxy = Proxy()
    async with await asyncio.start_server(proxy.answer, "127.0.0.1", 0) as server:
        proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield proxy


async def checked(world, **environment):
    """Exit code of `check`, and the names of what failed."""
    values = {**os.environ, **world.environment, **environment}
    code, out, err = await run_to_end(("check", "--json"), values, world.folder)
    assert "Traceback" not in err
    return code, [check["name"] for check in json.loads(out)["checks"] if check["status"] == "FAIL"]


@pytest.mark.parametrize(
    ("variables", "by_slack", "by_cloud"),
    [
        (["HTTPS_PROXY"], True, False),
        (["https_proxy"], True, False),
        (["HTTP_PROXY"], True, True),
        (["ALL_PROXY"], False, True),
        (["HTTP_PROXY", "NO_PROXY"], True, False),
    ],
)
async def test_what_goes_through_the_proxy(tmp_path, variables, by_slack, by_cloud):
    """Both local servers have addresses with http://, which HTTPS_PROXY is not for; Slack's client does not look."""
    async with World(tmp_path) as world, running() as proxy:
        named = {name: "127.0.0.1" if name == "NO_PROXY" else proxy.url for name in variables}
        _, failed = await checked(world, **named)
        assert any(url.startswith(world.slack.api_url) for url in proxy.asked) is by_slack
        assert any(url.startswith(world.cloud.url) for url in proxy.asked) is by_cloud
        assert ("slack token" in failed, "cloud prod reachable" in failed) == (by_slack, by_cloud)


@pytest.mark.parametrize("address", ["socks5://bot:hidden@127.0.0.1:1", "ftp://bot:hidden@127.0.0.1:1"])
async def test_a_proxy_that_cannot_be_used_is_told_in_words(tmp_path, address):
    async with World(tmp_path) as world:
        code, failed = await checked(world, ALL_PROXY=address)
        assert (code, failed) == (1, ["cloud prod reachable"])
        code, out, err = await world.run("serve", ALL_PROXY=address)
        assert code == 2
        assert "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY is not the address of an HTTP proxy" in err
        assert "hidden" not in out + err
        assert "Traceback" not in err
