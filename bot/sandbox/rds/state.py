"""What the sandbox cloud holds: projects, instances, backups, restore jobs, and how long things take.

Nothing here moves by itself: what a job, a backup or an instance looks like at a moment is computed in `evolution`. Times
are seconds since 1970 UTC, as `time.time()` gives them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

ENGINE_SUFFIX: Mapping[str, str] = {"MySQL": "01", "PostgreSQL": "03", "SQLServer": "04"}
"""How ids end: `in01` is a MySQL instance, `br03` a PostgreSQL backup, `no04` a SQL Server node."""


@dataclass(slots=True)
class Project:
    """A project of the account; its name is that of its region."""

    id: str
    name: str


@dataclass(slots=True)
class User:
    """Somebody who may ask for a token with a password."""

    name: str
    password: str
    domain: str


@dataclass(slots=True)
class Range:
    """A restorable range. `end` None: logs go on being saved, so the end follows the clock."""

    start: float
    end: float | None = None


@dataclass(slots=True)
class Instance:
    """A DB instance. `status` is its own status, as long as no job or backup makes another of it."""

    id: str
    name: str
    engine: str
    version: str
    project_id: str
    complete_version: str = ""
    """Kernel version; empty for SQL Server, where the API does not tell it."""
    storage_gb: int = 100
    status: str = "ACTIVE"
    type: str = "Single"
    replica_of: str | None = None
    lower_case_table_names: str | None = None
    """None: not among the instance's parameters."""
    time_zone: str = "UTC"
    vpc_id: str = "5c7a8d1f-0b5e-4c7e-9d43-7f0a1c2b3d4e"
    tags: dict[str, str] = field(default_factory=dict)
    databases: list[str] = field(default_factory=list)
    ranges: list[Range] = field(default_factory=list)
    created_at: float = 0.0
    flexus: bool = False
    """Flexus instances are listed only when asked for as a group."""
    disk_encryption_id: str = ""
    associated_with_ddm: bool = False


@dataclass(slots=True)
class Backup:
    """A backup that begins at `begins_at`, takes `seconds` and then has the status `outcome`."""

    id: str
    instance_id: str
    name: str
    begins_at: float
    seconds: float
    type: str = "auto"
    size_kb: int = 1024
    outcome: str = "COMPLETED"
    description: str = ""
    databases: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Job:
    """A restore onto an existing instance. Its whole future is settled when it is made."""

    id: str
    name: str
    instance_id: str
    """The target."""
    source_id: str
    created_at: float
    seconds: float
    backup_id: str | None = None
    restore_time: int | None = None
    """Milliseconds since 1970 UTC."""
    databases: dict[str, str] | None = None
    visible_after: float = 0.0
    restoring_after: float = 0.0
    backing_up_after_seconds: float = 0.0
    fail_reason: str | None = None
    hangs: bool = False


@dataclass(frozen=True, slots=True)
class RestoredFrom:
    """Where an instance's data comes from since its last restore that came to a good end."""

    source_id: str
    backup_id: str | None
    restore_time: int | None
    job_id: str
    at: float


@dataclass(slots=True)
class CloudState:
    """The whole cloud. Things are added with the `add_…` methods; what was added may be changed at will."""

    projects: list[Project] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    instances: dict[str, Instance] = field(default_factory=dict)
    backups: dict[str, Backup] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    job_seconds: float = 24.0
    """How long a restore takes."""
    backup_seconds: float = 6.0
    """How long a manual backup takes."""
    job_visible_after: float = 2.0
    """How long jobs and tasks do not show a new restore."""
    restoring_after: float = 1.0
    """How long a target still shows its old status after the call was accepted."""
    backing_up_after_seconds: float = 3.0
    """How long the backup takes that the cloud makes by itself after a restore."""
    log_backup_every: float = 300.0
    """How often logs are saved: the end of an open restorable range moves in such steps."""
    databases_quota: int = 100
    """How many databases a SQL Server instance may hold."""
    v31: bool = True
    """Whether the region has the v3.1 recovery call."""
    tasklist: bool = True
    """Whether the region has the task list."""
    postgresql_onto_itself: bool = True
    """Whether a PostgreSQL instance may be restored onto itself; the documentation leaves it open."""
    status_after_failed_restore: str = "FAILED"
    _backups_of: dict[str, list[Backup]] = field(default_factory=dict, repr=False)
    _jobs_of: dict[str, list[Job]] = field(default_factory=dict, repr=False)
    _replicas_of: dict[str, list[Instance]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.fill(tuple(self.instances.values()), tuple(self.backups.values()), tuple(self.jobs.values()))

    def fill(self, instances: Iterable[Instance], backups: Iterable[Backup], jobs: Iterable[Job]) -> None:
        """Replace all instances, backups and jobs. Jobs and backups come in the order in which they were made."""
        for kept in (self.instances, self.backups, self.jobs, self._backups_of, self._jobs_of, self._replicas_of):
            kept.clear()
        for instance in instances:
            self.add_instance(instance)
        for backup in backups:
            self.add_backup(backup)
        for job in jobs:
            self.add_job(job)

    def add_instance(self, instance: Instance) -> Instance:
        """Add an instance; a replica names its primary in `replica_of`."""
        self.instances[instance.id] = instance
        if instance.replica_of is not None:
            self._replicas_of.setdefault(instance.replica_of, []).append(instance)
        return instance

    def add_backup(self, backup: Backup) -> Backup:
        """Add a backup of an instance."""
        self.backups[backup.id] = backup
        self._backups_of.setdefault(backup.instance_id, []).append(backup)
        return backup

    def add_job(self, job: Job) -> Job:
        """Add a restore. Raises nothing: that it may run was checked before."""
        self.jobs[job.id] = job
        self._jobs_of.setdefault(job.instance_id, []).append(job)
        return job

    def named(self, name: str) -> Instance:
        """The instance of that name. Raises KeyError where there is none."""
        for instance in self.instances.values():
            if instance.name == name:
                return instance
        raise KeyError(name)

    def backups_of(self, instance_id: str) -> list[Backup]:
        """The backups of one instance, in the order in which they were added."""
        return self._backups_of.get(instance_id, [])

    def jobs_of(self, instance_id: str) -> list[Job]:
        """The restores onto one instance, oldest first."""
        return self._jobs_of.get(instance_id, [])

    def replicas_of(self, instance_id: str) -> list[Instance]:
        """The read replicas of one instance."""
        return self._replicas_of.get(instance_id, [])
