import asyncio
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from huaweicloudsdkcore.auth.internal import MetadataAccessor

from bot.cloud.credentials import Found, ProviderChain
from bot.cloud.project import Chain
from bot.domain.errors import Misconfigured
from bot.workflow.outcome import NotSent
from tests.unit.cloud.world import SetClock, cloud, wish

NAMES = ("AK", "SK", "SECURITY_TOKEN", "PROJECT_ID", "IDP_ID", "ID_TOKEN_FILE", "CREDENTIALS_FILE")


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """An environment without credentials, and without the metadata server of a cloud."""
    for name in NAMES:
        monkeypatch.delenv(f"HUAWEICLOUD_SDK_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(MetadataAccessor, "_METADATA_ENDPOINT", "http://127.0.0.1:1")


async def test_from_the_environment(monkeypatch):
    monkeypatch.setenv("HUAWEICLOUD_SDK_AK", "AK1")
    monkeypatch.setenv("HUAWEICLOUD_SDK_SK", "SK1")
    monkeypatch.setenv("HUAWEICLOUD_SDK_SECURITY_TOKEN", "T1")
    monkeypatch.setenv("HUAWEICLOUD_SDK_PROJECT_ID", "p1")
    seen = []

    def answer(request):
        seen.append(request)
        return httpx.Response(200, json={"instances": []})

    async with cloud(answer, auth=Chain(), project_id=None) as client:
        await client.check("prod")
    assert seen[0].url.path == "/v3/p1/instances"
    assert seen[0].headers["x-security-token"] == "T1"
    assert "Access=AK1, " in seen[0].headers["authorization"]


async def test_from_a_profile_file(monkeypatch, tmp_path):
    path = tmp_path / "credentials"
    path.write_text("[basic]\nak = AK2\nsk = SK2\n")
    monkeypatch.setenv("HUAWEICLOUD_SDK_CREDENTIALS_FILE", str(path))
    found = await ProviderChain(SetClock()).current()
    assert (found.key.ak, found.key.sk, found.key.security_token, found.project_id) == ("AK2", "SK2", None, None)


async def test_without_credentials_nothing_is_sent():
    def answer(request):
        raise AssertionError("sent without credentials")

    async with cloud(answer, auth=Chain()) as client:
        with pytest.raises(Misconfigured) as raised:
            await client.check("prod")
        assert raised.value.code == "cloud.credentials"
        assert isinstance(await client.recover("prod", wish()), NotSent)


class Handler(BaseHTTPRequestHandler):
    """Gives out temporary keys A1, A2, …, each about to run out, so that the SDK renews it whenever it is asked."""

    failing = False
    given = 0

    def do_GET(self):
        kind = type(self)
        kind.given += 1
        expires = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        credential = {"access": f"A{kind.given}", "secret": "S", "securitytoken": "T", "expires_at": expires}
        self._answer(500 if kind.failing else 200, json.dumps({"credential": credential}).encode())

    def do_PUT(self):
        self._answer(200, b"metadata-token")

    def _answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def metadata(monkeypatch):
    """The metadata server of a machine in the cloud."""
    handler = type("OwnHandler", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    monkeypatch.setattr(MetadataAccessor, "_METADATA_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield handler
    server.shutdown()
    server.server_close()
    serving.join()


async def test_temporary_keys_of_the_machine_are_renewed(metadata):
    clock = SetClock()
    chain = ProviderChain(clock)
    first = (await chain.current()).key
    assert first.security_token == "T"
    assert await chain.current() == Found(first, None)
    clock.move(timedelta(minutes=1))
    assert (await chain.current()).key.ak != first.ak


async def test_asking_does_not_block_the_loop(metadata):
    beats = 0

    async def beat():
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0)

    beating = asyncio.create_task(beat())
    await ProviderChain(SetClock()).current()
    beating.cancel()
    assert beats > 3


async def test_a_key_is_used_further_while_it_cannot_be_renewed(metadata):
    clock = SetClock()
    chain = ProviderChain(clock)
    found = await chain.current()
    metadata.failing = True
    clock.move(timedelta(minutes=20))
    assert await chain.current() == found
    clock.move(timedelta(minutes=20))
    with pytest.raises(Misconfigured):
        await chain.current()
