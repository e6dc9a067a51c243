"""The RDS projects, as the workflow sees them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Self

import httpx

from bot.cloud.bodies import backup_body, recovery_body
from bot.cloud.budget import Priority
from bot.cloud.cache import SharedReads
from bot.cloud.client import Observe, ProjectClient
from bot.cloud.guard import KeyGuard
from bot.cloud.inspection import Inspection
from bot.cloud.inventory import Inventory
from bot.cloud.models import BackUpAnswer, InstancesAnswer, RecoveryAnswer
from bot.cloud.project import Project, credential_of
from bot.cloud.tasks import TaskReader
from bot.domain.errors import Misconfigured
from bot.domain.facts import Backup, Instance, Window
from bot.domain.request import Job, Wish
from bot.workflow.outcome import NotSent, Outcome, Task
from bot.workflow.ports import Clock


class _OfProject:
    """All that belongs to one project."""

    def __init__(
        self, project: Project, clock: Clock, http: httpx.AsyncClient, observe: Observe | None, guard: KeyGuard
    ) -> None:
        self.client = ProjectClient(project, clock, http, observe, guard)
        self.inventory = Inventory(self.client, clock)
        self.tasks = TaskReader(self.client, clock)


class HuaweiCloud:
    """Implements `bot.workflow.ports.Cloud` over HTTP, for all configured projects with one pool of connections.

    `transport` replaces the network. Instances and backups for typeahead are kept for `cache_seconds`. `observe` is told of
    every call made. Raises Misconfigured where a project's credentials are empty, and `cloud.proxy` where the environment
    names a proxy that cannot be used.
    """

    def __init__(
        self,
        projects: Sequence[Project],
        clock: Clock,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        cache_seconds: float = 20.0,
        observe: Observe | None = None,
    ) -> None:
        self._http = _client(transport)
        guards = {credential_of(project): KeyGuard(clock) for project in projects}
        self._projects = {
            project.name: _OfProject(project, clock, self._http, observe, guards[credential_of(project)])
            for project in projects
        }
        self._typeahead = SharedReads(cache_seconds, clock)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._typeahead.close()
        for of_project in self._projects.values():
            await of_project.client.close()
        await self._http.aclose()

    def last_seen(self, project: str) -> datetime | None:
        """When the cloud last answered a call of this project well; None: not yet."""
        return self._of(project).client.last_seen

    def budget_left(self, project: str) -> int:
        """How many calls of this project could be made at this moment without waiting."""
        return self._of(project).client.budget_left()

    async def check(self, project: str, *, persistent: bool = True) -> None:
        """One harmless read that shows whether address, credentials and permissions are right. It is the last in line, also
        behind the checks of other projects with the same credentials; tried again for a while where that may help, if
        `persistent`. Raises BotError."""
        client = self._of(project).client
        limit = [("limit", "1")]
        async with client.guard.looking:
            await client.read("check", "instances", InstancesAnswer, limit, priority=Priority.POLL, persistent=persistent)

    def inspection(self, project: str) -> Inspection:
        """The harmless questions that tell the operator what is missing. Raises Misconfigured `cloud.no_such_project`."""
        return Inspection(self._of(project).client)

    async def instances(self, project: str) -> Sequence[Instance]:
        """All instances, by name, possibly from the cache."""
        return await self._typeahead.get(("instances", project), self._of(project).inventory.instances)

    async def instance(self, project: str, instance_id: str) -> Instance | None:
        """One instance, read now."""
        return await self._of(project).inventory.instance(instance_id)

    async def backups(self, project: str, instance_id: str) -> Sequence[Backup]:
        """All backups, newest first, possibly from the cache."""
        inventory = self._of(project).inventory
        return await self._typeahead.get(("backups", project, instance_id), lambda: inventory.backups(instance_id))

    async def backup(self, project: str, instance_id: str, backup_id: str) -> Backup | None:
        """One backup, read now."""
        return await self._of(project).inventory.backup(instance_id, backup_id)

    async def windows(self, project: str, instance_id: str, day: date | None = None) -> Sequence[Window]:
        """The restorable ranges, read now. Raises Refused `cloud.no_such_instance`."""
        return await self._of(project).inventory.windows(instance_id, day)

    async def databases(self, project: str, instance_id: str) -> Sequence[str] | None:
        """The names of the databases on an instance, read now; None where the cloud refuses to tell."""
        return await self._of(project).inventory.databases(instance_id)

    async def recover(self, project: str, wish: Wish, may_send: Callable[[], bool] | None = None) -> Outcome:
        """The recovery call, sent at most once, and not where `may_send`, asked at the last moment, says no."""
        try:
            client = self._of(project).client
        except Misconfigured as error:
            return NotSent(error)
        version = client.project.api_version
        body = recovery_body(wish, version)
        outcome = await client.change("recover", version, "instances/recovery", body, _job_id, may_send=may_send)
        self._typeahead.drop(("instances", project))
        return outcome

    async def back_up(self, project: str, instance_id: str, name: str, description: str) -> Outcome:
        """Begin a manual backup, sent at most once."""
        try:
            client = self._of(project).client
        except Misconfigured as error:
            return NotSent(error)
        outcome = await client.change("back_up", "v3", "backups", backup_body(instance_id, name, description), _backup_id)
        self._typeahead.drop(("backups", project, instance_id))
        return outcome

    async def jobs(self, project: str, ids: Sequence[str]) -> Mapping[str, Job]:
        """The jobs the cloud knows among `ids`."""
        return await self._of(project).tasks.jobs(ids)

    async def restore_tasks(self, project: str, instance_id: str) -> Sequence[Task] | None:
        """The restore tasks of an instance, read now; None where the region has no task list."""
        return await self._of(project).tasks.restores(instance_id)

    def _of(self, project: str) -> _OfProject:
        try:
            return self._projects[project]
        except KeyError:
            raise Misconfigured(
                "cloud.no_such_project", f"The project {project} is not configured. The operator of this bot must add it."
            ) from None


def _job_id(body: bytes) -> str:
    return RecoveryAnswer.model_validate_json(body).job_id


def _backup_id(body: bytes) -> str:
    return BackUpAnswer.model_validate_json(body).backup.id


def _client(transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
    try:
        return httpx.AsyncClient(transport=transport, headers={"User-Agent": "rds-restore-bot"})
    except (ImportError, ValueError, httpx.InvalidURL):
        # Not chained: the library's message may repeat the proxy's password.
        raise Misconfigured(
            "cloud.proxy",
            "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY is not the address of an HTTP proxy, "
            "such as http://proxy.example.org:3128. The operator must correct it; SOCKS proxies are not supported.",
        ) from None
