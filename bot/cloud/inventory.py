"""What a project has: instances, backups, restorable ranges."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import TypeVar

from cachetools import TTLCache

from bot.cloud.client import Params, ProjectClient
from bot.cloud.codes import NO_BACKUP, NO_INSTANCE, NOT_PUBLISHED, PERMISSION
from bot.cloud.mapping import backup_of, instance_of, lower_case_table_names_of, wal_window_of, windows_of
from bot.cloud.models import (
    BackupAnswer,
    BackupsAnswer,
    ConfigurationsAnswer,
    DatabasesAnswer,
    InstanceAnswer,
    InstancesAnswer,
    RecoveryTimeAnswer,
    RestoreTimeAnswer,
)
from bot.domain.errors import BotError, Refused
from bot.domain.facts import Backup, Engine, Instance, Window
from bot.workflow.ports import Clock

PAGE = 100
MOST_PAGES = 50
REMEMBER_NO_FLEXUS = timedelta(hours=1)
_POSTGRESQL = "in03"
"""How the ids of PostgreSQL instances end."""
_FLEXUS = ("group_type", "flexus")
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_Entry = TypeVar("_Entry", InstanceAnswer, BackupAnswer)


class Inventory:
    """The reads of one project, each made now."""

    def __init__(self, client: ProjectClient, clock: Clock) -> None:
        self._client = client
        self._no_flexus: TTLCache[str, bool] = TTLCache(
            1, REMEMBER_NO_FLEXUS.total_seconds(), lambda: clock.now().timestamp()
        )

    async def instances(self) -> tuple[Instance, ...]:
        """All instances, by name (source: "Querying DB Instances")."""
        plain, flexus = await asyncio.gather(self._list([]), self._list_flexus())
        found = {entry.id: entry for entry in [*flexus, *plain]}
        return tuple(sorted((instance_of(entry) for entry in found.values()), key=lambda one: (one.name, one.id)))

    async def instance(self, instance_id: str) -> Instance | None:
        """One instance; None where the cloud knows none. There is no address for a single one: the list is filtered."""
        if not _ID.fullmatch(instance_id):
            return None
        found = await self._find(instance_id, []) or await self._find_flexus(instance_id)
        if found is None:
            return None
        if found.datastore.type == Engine.MYSQL:
            return instance_of(found, lower_case_table_names=await self._lower_case_table_names(instance_id))
        if found.datastore.type == Engine.SQLSERVER:
            return instance_of(found, databases=await self.databases(instance_id))
        return instance_of(found)

    async def backups(self, instance_id: str) -> tuple[Backup, ...]:
        """All backups, those with the newest state first (source: "Obtaining Details About Backups")."""

        async def page(paging: Params) -> tuple[list[BackupAnswer], int | None]:
            answer = await self._read_backups([("instance_id", instance_id), *paging])
            return answer.backups, answer.total_count

        found = {entry.id: backup_of(entry) for entry in await _all(page)}
        return tuple(sorted(found.values(), key=lambda one: one.ended_at or one.began_at, reverse=True))

    async def backup(self, instance_id: str, backup_id: str) -> Backup | None:
        """One backup; None where this instance has no such one."""
        try:
            answer = await self._read_backups([("instance_id", instance_id), ("backup_id", backup_id)])
        except Refused as error:
            if error.code in (NO_BACKUP.code, NO_INSTANCE.code):
                return None
            raise
        wanted = (backup_id, instance_id)
        return next((backup_of(entry) for entry in answer.backups if (entry.id, entry.instance_id) == wanted), None)

    async def windows(self, instance_id: str, day: date | None) -> tuple[Window, ...]:
        """The restorable ranges, oldest first (source: "Querying the Restoration Time Range")."""
        if not _ID.fullmatch(instance_id):
            raise Refused(NO_INSTANCE.code, f"{NO_INSTANCE.what}. {NO_INSTANCE.advice}")
        asked = [] if day is None else [("date", day.isoformat())]
        path = f"instances/{instance_id}/restore-time"
        found = windows_of(await self._client.read("list_restore_times", path, RestoreTimeAnswer, asked))
        if found or not instance_id.endswith(_POSTGRESQL):
            return found
        return await self._wal_window(instance_id)

    async def databases(self, instance_id: str) -> tuple[str, ...] | None:
        """Names of the databases; None (unknown) where the cloud refuses to tell (source: "Querying Databases")."""
        found: list[str] = []
        for page in range(1, MOST_PAGES + 1):
            paging = [("page", str(page)), ("limit", str(PAGE))]
            try:
                path = f"instances/{instance_id}/database/detail"
                answer = await self._client.read("list_databases", path, DatabasesAnswer, paging)
            except BotError as error:
                if not _says_no(error):
                    raise
                return None
            found.extend(database.name for database in answer.databases)
            if len(answer.databases) < PAGE or len(found) >= (answer.total_count or len(found) + 1):
                break
        return tuple(found)

    async def _read_instances(self, asked: Params, *, persistent: bool = True) -> InstancesAnswer:
        return await self._client.read("list_instances", "instances", InstancesAnswer, asked, persistent=persistent)

    async def _read_backups(self, asked: Params) -> BackupsAnswer:
        return await self._client.read("list_backups", "backups", BackupsAnswer, asked)

    async def _list(self, asked: Params, *, persistent: bool = True) -> list[InstanceAnswer]:
        async def page(paging: Params) -> tuple[list[InstanceAnswer], int | None]:
            answer = await self._read_instances([*asked, *paging], persistent=persistent)
            return answer.instances, answer.total_count

        return await _all(page)

    async def _list_flexus(self) -> list[InstanceAnswer]:
        """Flexus instances, which the plain list leaves out. Not every region knows the word: then there are none. Tried
        only once, so that people who type do not wait for it."""
        if self._no_flexus:
            return []
        try:
            return await self._list([_FLEXUS], persistent=False)
        except BotError as error:
            self._remember(error)
            return []

    async def _find(self, instance_id: str, more: Params) -> InstanceAnswer | None:
        try:
            answer = await self._read_instances([("id", instance_id), *more])
        except Refused as error:
            if error.code == NO_INSTANCE.code:
                return None
            raise
        return next((entry for entry in answer.instances if entry.id == instance_id), None)

    async def _find_flexus(self, instance_id: str) -> InstanceAnswer | None:
        if self._no_flexus:
            return None
        try:
            return await self._find(instance_id, [_FLEXUS])
        except BotError as error:
            if not _says_no(error):
                raise
            self._remember(error)
            return None

    def _remember(self, error: BotError) -> None:
        if _says_no(error):
            self._no_flexus["flexus"] = True

    async def _wal_window(self, instance_id: str) -> tuple[Window, ...]:
        """PostgreSQL's window of write-ahead logs, for regions that list no restorable ranges; none where it is not told."""
        try:
            path = f"instances/{instance_id}/recovery-time"
            return wal_window_of(await self._client.read("show_recovery_time", path, RecoveryTimeAnswer))
        except BotError as error:
            if not _says_no(error):
                raise
            return ()

    async def _lower_case_table_names(self, instance_id: str) -> str | None:
        """The MySQL setting; None (unknown) where the cloud refuses to tell or does not list it."""
        path = f"instances/{instance_id}/configurations"
        try:
            answer = await self._client.read("list_configurations", path, ConfigurationsAnswer)
        except BotError as error:
            if not _says_no(error):
                raise
            return None
        return lower_case_table_names_of(answer)


async def _all(page: Callable[[Params], Awaitable[tuple[list[_Entry], int | None]]]) -> list[_Entry]:
    """All entries of a list whose offset counts entries. `page` gives a page and, where told, the number of all."""
    found: list[_Entry] = []
    for _ in range(MOST_PAGES):
        entries, total = await page([("offset", str(len(found))), ("limit", str(PAGE))])
        found.extend(entries)
        if not entries or (len(entries) < PAGE if total is None else len(found) >= total):
            break
    return found


def _says_no(error: BotError) -> bool:
    return isinstance(error, Refused) or error.code in (PERMISSION.code, NOT_PUBLISHED.code)
