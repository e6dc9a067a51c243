"""What our client sends, compared with what the vendor's own SDK sends for the same wish: method, address, query, body."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import httpx
import huaweicloudsdkrds.v3 as sdk
import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials

from bot.cloud.mapping import moment
from bot.cloud.rds import HuaweiCloud
from bot.cloud.signing import Key
from bot.domain.facts import BackupPoint, TimePoint
from tests.unit.cloud.test_signing import expected
from tests.unit.cloud.world import MYSQL, NOW, PROJECT, SQLSERVER, SetClock, wish

Version = Literal["v3", "v3.1"]
BACKUP = BackupPoint("2f4ddb93b9014b0893d81d2e472f30febr01", "nightly", NOW)
INSTANCE = {"id": MYSQL, "name": "orders", "status": "ACTIVE", "datastore": {"type": "MySQL", "version": "8.0"}}
ANSWER = {
    "job_id": "j1",
    "instances": [INSTANCE],
    "backups": [],
    "backup": {"id": "b1"},
    "restore_time": [],
    "tasks": [],
    "job": {"id": "j1", "status": "Running"},
    "configuration_parameters": [],
}


@dataclass(frozen=True)
class Sent:
    method: str
    path: str
    query: dict[str, str]
    body: Any


@dataclass
class Recorder:
    url: str
    seen: list[Sent]
    raw: list[httpx.Request]


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """A server that takes every call and remembers it."""
    record = Recorder("", [], [])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query))
            record.seen.append(Sent(self.command, parts.path, query, json.loads(body) if body else None))
            record.raw.append(
                httpx.Request(self.command, record.url + self.path, headers=list(self.headers.items()), content=body)
            )
            answer = json.dumps(ANSWER).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    record.url = f"http://127.0.0.1:{server.server_port}"
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    yield record
    server.shutdown()
    server.server_close()
    serving.join()


def recovery_source(**values: Any) -> sdk.RestoreExistingInstanceRequestBodySource:
    return sdk.RestoreExistingInstanceRequestBodySource(instance_id=values.pop("instance_id", MYSQL), **values)


def recovery(source: Any, target: str = MYSQL) -> Callable[[sdk.RdsClient], object]:
    body = sdk.RestoreExistingInstanceRequestBody(
        source=source, target=sdk.RestoreToExistingInstanceRequestBodyTarget(instance_id=target)
    )
    return lambda client: client.restore_exist_instance(sdk.RestoreExistInstanceRequest(body=body))


def old_recovery(source: Any) -> Callable[[sdk.RdsClient], object]:
    body = sdk.RestoreToExistingInstanceRequestBody(
        source=source, target=sdk.RestoreToExistingInstanceRequestBodyTarget(instance_id=MYSQL)
    )
    return lambda client: client.restore_to_existing_instance(sdk.RestoreToExistingInstanceRequest(body=body))


def manual_backup(client: sdk.RdsClient) -> object:
    body = sdk.CreateManualBackupRequestBody(instance_id=MYSQL, name="before-R-7KQ2M", description="Before restore")
    return client.create_manual_backup(sdk.CreateManualBackupRequest(body=body))


CASES: dict[str, tuple[Version, Callable[[HuaweiCloud], Awaitable[object]], Callable[[sdk.RdsClient], object]]] = {
    "backup, v3": (
        "v3",
        lambda cloud: cloud.recover("prod", wish(point=BACKUP)),
        old_recovery(
            sdk.RestoreToExistingInstanceRequestBodySource(instance_id=MYSQL, type="backup", backup_id=BACKUP.backup_id)
        ),
    ),
    "point in time, v3.1": (
        "v3.1",
        lambda cloud: cloud.recover("prod", wish(point=TimePoint(moment(1532001446987)))),
        recovery(recovery_source(type="timestamp", restore_time=1532001446987)),
    ),
    "SQL Server, all, v3.1": (
        "v3.1",
        lambda cloud: cloud.recover("prod", wish(SQLSERVER, SQLSERVER, BACKUP)),
        recovery(
            recovery_source(instance_id=SQLSERVER, type="backup", backup_id=BACKUP.backup_id, restore_all_database=True),
            SQLSERVER,
        ),
    ),
    "SQL Server, some, v3.1": (
        "v3.1",
        lambda cloud: cloud.recover("prod", wish(SQLSERVER, SQLSERVER, BACKUP, databases={"db1": "dbtest1", "db3": ""})),
        recovery(
            recovery_source(
                instance_id=SQLSERVER,
                type="backup",
                backup_id=BACKUP.backup_id,
                database_name={"db1": "dbtest1", "db3": ""},
            ),
            SQLSERVER,
        ),
    ),
    "manual backup": (
        "v3",
        lambda cloud: cloud.back_up("prod", MYSQL, "before-R-7KQ2M", "Before restore"),
        manual_backup,
    ),
    "one backup": (
        "v3",
        lambda cloud: cloud.backup("prod", MYSQL, BACKUP.backup_id),
        lambda client: client.list_backups(sdk.ListBackupsRequest(instance_id=MYSQL, backup_id=BACKUP.backup_id)),
    ),
    "backups": (
        "v3",
        lambda cloud: cloud.backups("prod", MYSQL),
        lambda client: client.list_backups(sdk.ListBackupsRequest(instance_id=MYSQL, offset=0, limit=100)),
    ),
    "windows of a day": (
        "v3",
        lambda cloud: cloud.windows("prod", MYSQL, date(2026, 11, 23)),
        lambda client: client.list_restore_times(sdk.ListRestoreTimesRequest(instance_id=MYSQL, date="2026-11-23")),
    ),
    "one instance": (
        "v3",
        lambda cloud: cloud.instance("prod", MYSQL),
        lambda client: (
            client.list_instances(sdk.ListInstancesRequest(id=MYSQL)),
            client.show_instance_configuration(sdk.ShowInstanceConfigurationRequest(instance_id=MYSQL)),
        ),
    ),
    "restore tasks": (
        "v3",
        lambda cloud: cloud.restore_tasks("prod", MYSQL),
        lambda client: client.list_tasks(sdk.ListTasksRequest(instance_id=MYSQL, offset=0, limit=50)),
    ),
    "jobs": (
        "v3",
        lambda cloud: cloud.jobs("prod", ["j1"]),
        lambda client: (
            client.list_tasks(sdk.ListTasksRequest(offset=0, limit=50)),
            client.list_job_info(sdk.ListJobInfoRequest(id="j1")),
        ),
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_we_send_what_the_vendor_s_sdk_sends(name, recorder):
    version, ours, theirs = CASES[name]
    project = replace(PROJECT, endpoint=recorder.url, api_version=version)
    async with HuaweiCloud([project], SetClock()) as cloud:
        await ours(cloud)
    sent = recorder.seen.copy()
    recorder.seen.clear()
    await asyncio.to_thread(call_sdk, recorder.url, theirs)
    assert sent == recorder.seen
    assert sent


def call_sdk(url: str, call: Callable[[sdk.RdsClient], object]) -> None:
    credentials = BasicCredentials("AK", "SK", PROJECT.project_id)
    client = sdk.RdsClient.new_builder().with_credentials(credentials).with_endpoint(url).build()
    try:
        call(client)
    finally:
        client._http_client._session.close()
        client._http_client._executor.shutdown()


async def test_signatures_hold_for_what_arrives(recorder):
    project = replace(PROJECT, endpoint=recorder.url)
    async with HuaweiCloud([project], SetClock()) as cloud:
        await cloud.recover("prod", wish())
        await cloud.windows("prod", MYSQL, date(2026, 11, 23))
        await cloud.restore_tasks("prod", MYSQL)
    assert len(recorder.raw) == 3
    for request in recorder.raw:
        assert request.headers["authorization"].endswith(f"Signature={expected(request, Key('AK', 'SK'))}")
