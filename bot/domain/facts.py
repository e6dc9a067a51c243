"""Facts: what the cloud said about source, backup or window and target, with the time it was read."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Engine(StrEnum):
    """Database engines that the recovery API knows, spelled as the API spells them."""

    MYSQL = "MySQL"
    POSTGRESQL = "PostgreSQL"
    SQLSERVER = "SQLServer"


@dataclass(frozen=True, slots=True)
class Instance:
    """A database instance (source: "Querying DB Instances").

    `engine` is the API's word, kept as text because the cloud may add engines. `version` is the most exact version the API
    gave ("8.0.28" rather than "8.0" where known). `storage_gb` is the size of the volume. Fields that the cloud did not
    tell are None: unknown, never assumed.
    """

    id: str
    name: str
    engine: str
    version: str
    status: str
    storage_gb: int | None
    kind: str = "Single"
    """Single, Ha or Replica."""
    replica_of: str | None = None
    vpc_id: str | None = None
    time_zone: str | None = None
    lower_case_table_names: str | None = None
    encrypted: bool | None = None
    """Whether the disk is."""
    associated_with_ddm: bool | None = None
    disaster_recovery: bool | None = None
    tags: tuple[tuple[str, str], ...] = ()
    databases: tuple[str, ...] | None = None
    """Names of the databases; read for SQL Server only, where single ones can be restored."""

    @property
    def major(self) -> tuple[str, ...]:
        """The release line: the first two numbers for MySQL ("8.0"), the first for the others ("15")."""
        parts = tuple(self.version.split("."))
        return parts[:2] if self.engine == Engine.MYSQL else parts[:1]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup (source: "Obtaining Details About Backups"). `size_kb` is the cloud's figure in kilobytes."""

    id: str
    name: str
    instance_id: str
    type: str
    """auto, manual, fragment or incremental."""
    status: str
    began_at: datetime
    ended_at: datetime | None
    size_kb: int | None = None
    databases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """A range that the source can be restored to, both ends included (source: "Querying the Restoration Time Range")."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class BackupPoint:
    """Restore a backup (`source.type` = backup)."""

    backup_id: str
    name: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class TimePoint:
    """Restore to a point in time (`source.type` = timestamp), exact to the millisecond."""

    at: datetime


RestorePoint = BackupPoint | TimePoint


def data_until(point: RestorePoint) -> datetime:
    """The moment after which the source's data is not part of the restore."""
    return point.at if isinstance(point, TimePoint) else point.taken_at


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the rules look at, read from the cloud at `read_at`.

    `backup` is None in point-in-time mode, or when the cloud does not know the chosen backup. `windows` is None in backup
    mode, or when the cloud did not tell. `target_busy` is the name of an operation that runs on the target, if any.
    `target_restored_at` is when the newest restore of the target began that the cloud still lists, whoever began it.
    """

    read_at: datetime
    source: Instance
    target: Instance
    backup: Backup | None = None
    windows: tuple[Window, ...] | None = None
    target_busy: str | None = None
    target_restored_at: datetime | None = None


Digest = str


def matters(facts: Facts, point: RestorePoint) -> dict[str, str]:
    """The facts whose change voids an approval, each under the words that a person reads.

    Names, sizes, versions, statuses and the existence of what is restored count. The moving end of the restorable range
    does not: only whether the chosen moment still lies inside. A restore of the target that nobody saw at the approval
    counts, by hand or by another copy of this bot's database: what would be overwritten now is something else.
    """
    said = {
        "source": f"{facts.source.name} ({facts.source.id})",
        "source engine": f"{facts.source.engine} {facts.source.version}",
        "source storage": _gb(facts.source.storage_gb),
        "target": f"{facts.target.name} ({facts.target.id})",
        "target engine": f"{facts.target.engine} {facts.target.version}",
        "target storage": _gb(facts.target.storage_gb),
        "target status": facts.target.status,
        "target type": facts.target.kind,
    }
    if facts.target_restored_at is not None:
        said["last restore of the target"] = f"{facts.target_restored_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if facts.source.id != facts.target.id:
        said["source status"] = facts.source.status
    if isinstance(point, TimePoint):
        inside = any(window.start <= point.at <= window.end for window in facts.windows or ())
        said["restore time"] = "can be restored" if inside else "cannot be restored"
    elif facts.backup is None:
        said["backup"] = "not found"
    else:
        said["backup"] = f"{facts.backup.name} ({facts.backup.id}), {facts.backup.type}, {facts.backup.status}"
    return said


def digest(essentials: Mapping[str, str], that_matter: Mapping[str, str]) -> Digest:
    """A fingerprint of what is asked for and of the facts that matter: SHA-256 over sorted JSON, as hexadecimal."""
    text = json.dumps([dict(essentials), dict(that_matter)], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    # The cloud's JSON may hold half a character, which is no reason to fail.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact that mattered and is no longer so."""

    name: str
    before: str
    now: str


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[FactChange, ...]:
    """Which of the facts that matter differ, sorted by name."""
    names = sorted(before.keys() | now.keys())
    return tuple(
        FactChange(name, before.get(name, "not known"), now.get(name, "not known"))
        for name in names
        if before.get(name) != now.get(name)
    )


def _gb(size: int | None) -> str:
    return "not known" if size is None else f"{size} GB"
