"""A small cloud with fixed names and a clock that tests set, and a client that signs by the vendor's own signer."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import httpx
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

from bot.sandbox.rds.server import RdsServer
from bot.sandbox.rds.state import Backup, CloudState, Instance, Project, Range, User

PROJECT = "0123456789abcdef0123456789abcdef"
OTHER_PROJECT = "fedcba9876543210fedcba9876543210"
REGION = "eu-de"
KEYS = {"AKTEST": "SKTEST"}
USER = User("robot", "password", "company")
NOW = 1_800_000_000.0
DAY = 86_400.0
LOGS = 300.0


class Clock:
    """Stands still until told."""

    def __init__(self, at: float = NOW) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def ident(number: int, kind: str = "in01") -> str:
    return f"{number:032x}{kind}"


MY_A, MY_B, MY_REPLICA = ident(1), ident(2), ident(3)
PG_A, PG_B = ident(4, "in03"), ident(5, "in03")
SQL_A, SQL_B = ident(6, "in04"), ident(7, "in04")
FULL_A, FULL_PG, FULL_SQL = ident(1, "br01"), ident(4, "br03"), ident(6, "br04")
WINDOW = (NOW - 2 * DAY, NOW - LOGS)
"""Restorable range of MY_A, in seconds."""


def small_cloud() -> CloudState:
    """Pairs of instances that may be restored onto each other, one full backup of each source."""
    state = CloudState([Project(PROJECT, REGION), Project(OTHER_PROJECT, "eu-nl")], [USER])
    state.job_seconds, state.backup_seconds = 20.0, 8.0
    state.job_visible_after, state.restoring_after, state.backing_up_after_seconds = 2.0, 1.0, 4.0

    def add(number: str, name: str, engine: str, version: str, complete: str = "", **more: Any) -> None:
        state.add_instance(Instance(number, name, engine, version, PROJECT, complete, created_at=NOW - 9 * DAY, **more))

    def window() -> list[Range]:
        return [Range(*WINDOW)]

    add(MY_A, "orders-prod", "MySQL", "8.0", "8.0.32.6", lower_case_table_names="1", type="Ha", ranges=window())
    add(MY_B, "orders-staging", "MySQL", "8.0", "8.0.32.6", lower_case_table_names="1", ranges=[Range(NOW - DAY)])
    add(MY_REPLICA, "orders-replica", "MySQL", "8.0", "8.0.32.6", type="Replica", replica_of=MY_A)
    add(PG_A, "billing-prod", "PostgreSQL", "15", "15.4.2", ranges=window(), tags={"env": "prod"})
    add(PG_B, "billing-staging", "PostgreSQL", "15", "15.4.2")
    add(SQL_A, "crm-prod", "SQLServer", "2019_SE", databases=["db1", "db2", "db3"])
    add(SQL_B, "crm-test", "SQLServer", "2019_EE", databases=["old"])
    for backup_id, instance_id in ((FULL_A, MY_A), (FULL_PG, PG_A), (FULL_SQL, SQL_A)):
        state.add_backup(Backup(backup_id, instance_id, f"nightly-{instance_id[-6:]}", NOW - DAY, 600.0, size_kb=2803))
    return state


def from_backup(source: str = MY_A, target: str = MY_B, backup: str = FULL_A, **more: Any) -> dict[str, Any]:
    return {
        "source": {"instance_id": source, "type": "backup", "backup_id": backup, **more},
        "target": {"instance_id": target},
    }


def at_time(seconds: float, source: str = MY_A, target: str = MY_B) -> dict[str, Any]:
    moment = round(seconds * 1000)
    return {
        "source": {"instance_id": source, "type": "timestamp", "restore_time": moment},
        "target": {"instance_id": target},
    }


def signed(
    method: str,
    url: str,
    body: bytes,
    key: tuple[str, str],
    date: float,
    token: str | None = None,
    content_type: str = "application/json",
) -> dict[str, str]:
    """Headers of a call, by the vendor's signer. `key`: access key and secret key."""
    parts = httpx.URL(url)
    request = SdkRequest(
        method=method,
        schema="http",
        host=parts.netloc.decode(),
        resource_path=parts.path,
        query_params=[(name, value) for name, value in parts.params.multi_items()],
        header_params={"Content-Type": content_type, "X-Sdk-Date": sdk_date(date)},
        body=body,
    )
    if token is not None:
        request.header_params["X-Security-Token"] = token
    return dict(Signer(BasicCredentials(*key)).sign(request).header_params)


def sdk_date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")


@dataclass
class Caller:
    """Calls the server with signatures made at the clock's time."""

    server: RdsServer
    clock: Callable[[], float]
    http: httpx.AsyncClient
    key: tuple[str, str] = ("AKTEST", "SKTEST")
    token: str | None = None

    async def __call__(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        url = f"{self.server.url}{path}" + (f"?{urlencode(query)}" if query else "")
        content = b"" if body is None else json.dumps(body).encode()
        headers = signed(method, url, content, self.key, self.clock(), self.token)
        return await self.http.request(method, url, content=content, headers=headers)

    async def get(self, path: str, **query: Any) -> httpx.Response:
        return await self("GET", f"/v3/{PROJECT}/{path}", query=query)

    async def recover(self, body: Any, version: str = "v3") -> httpx.Response:
        return await self("POST", f"/{version}/{PROJECT}/instances/recovery", body)

    async def back_up(self, body: Any) -> httpx.Response:
        return await self("POST", f"/v3/{PROJECT}/backups", body)

    async def status(self, instance_id: str) -> str:
        answer = await self.get("instances", id=instance_id)
        return str(answer.json()["instances"][0]["status"])


@asynccontextmanager
async def running(
    state: CloudState | None = None, clock: Callable[[], float] | None = None, **options: Any
) -> AsyncIterator[Caller]:
    """A server with a caller, for as long as the block runs."""
    now = Clock() if clock is None else clock
    server = RdsServer(small_cloud() if state is None else state, access_keys=KEYS, now=now, **options)
    await server.start()
    try:
        async with httpx.AsyncClient(verify=False) as http:
            yield Caller(server, now, http)
    finally:
        await server.stop()


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["error_code"]
