"""A clock to set, a project, and a cloud that answers as a function says."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from bot.cloud.project import AkSk, Project
from bot.cloud.rds import HuaweiCloud
from bot.domain.facts import BackupPoint, RestorePoint
from bot.domain.request import InstanceRef, Wish

NOW = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)
MYSQL = "d8e6ca5a624745bcb546a227aa3ae1cfin01"
SQLSERVER = "4d00c7e9d22145deb889937a72b59c8ein04"
PROJECT = Project(
    name="prod",
    region="eu-de",
    endpoint="https://rds.example.test",
    iam_endpoint="https://iam.example.test",
    project_id="0123456789abcdef0123456789abcdef",
    api_version="v3",
    auth=AkSk("AK", "SK"),
    calls_per_minute=6000,
)
Handler = Callable[[httpx.Request], httpx.Response] | Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


class SetClock:
    """Stands still until moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, by: timedelta) -> None:
        self._now += by


def cloud(handler: Handler, clock: SetClock | None = None, *, cache_seconds: float = 20.0, **changes: Any) -> HuaweiCloud:
    """The client of `PROJECT` (with `changes`), answered by `handler`."""
    projects = [replace(PROJECT, **changes)]
    return HuaweiCloud(
        projects,
        clock or SetClock(),
        transport=httpx.MockTransport(handler),
        cache_seconds=cache_seconds,
    )


def wish(source: str = MYSQL, target: str = MYSQL, point: RestorePoint | None = None, **more: Any) -> Wish:
    """A restore, by default of a backup of an instance onto itself."""
    chosen = point or BackupPoint("2f4ddb93b9014b0893d81d2e472f30febr01", "nightly", NOW - timedelta(hours=1))
    return Wish("prod", InstanceRef(source, "orders"), InstanceRef(target, "orders-2"), chosen, "a table is gone", **more)


def an_instance(number: int = 1, **more: Any) -> dict[str, Any]:
    """An entry of the list of instances, as the cloud writes it."""
    return {
        "id": f"{number:032x}in01",
        "name": f"orders-{number:03}",
        "status": "ACTIVE",
        "type": "Single",
        "datastore": {"type": "MySQL", "version": "5.7", "complete_version": "5.7.41.5"},
        "created": "2018-08-20T02:33:49+0800",
        "volume": {"type": "ULTRAHIGH", "size": 100},
        "related_instance": [],
        "surprise": {"new": True},
        **more,
    }


NONE = {"instances": [], "total_count": 0}


class Script:
    """Answers in turn; the last answer stays. Remembers the requests."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def ok(body=NONE):
    return httpx.Response(200, json=body)
