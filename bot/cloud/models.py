"""The cloud's answers, as far as this program relies on them. Unknown fields are ignored; what is needed must be there.

Sources: RDS API reference, "Querying DB Instances", "Obtaining Details About Backups", "Querying the Restoration Time
Range", "Obtaining Information About a Task", "Querying Instant Tasks", "Obtaining the Parameter Template of a Specified DB
Instance"; IAM, "Querying Project Information", "Obtaining a User Token".
"""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


def _utc(moment: datetime) -> datetime:
    """In UTC; the few time stamps without an offset are in UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _empty_if_none(value: object) -> object:
    return [] if value is None else value


def _listed(value: object) -> object:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _percent(value: object) -> object:
    """ "60%", "60", 60 or nothing at all."""
    if isinstance(value, str):
        value = value.strip().removesuffix("%").strip()
        try:
            value = int(float(value))
        except (ValueError, OverflowError):
            return None
    return min(100, max(0, value)) if isinstance(value, int) else None


Id = Annotated[str, Field(min_length=1, max_length=128)]
Moment = Annotated[datetime, AfterValidator(_utc)]
MaybeMoment = Annotated[Moment | None, BeforeValidator(_none_if_blank)]
MaybeText = Annotated[str | None, BeforeValidator(_none_if_blank)]
Milliseconds = Annotated[int, Field(ge=0, lt=253_402_300_800_000)]
Percent = Annotated[int | None, BeforeValidator(_percent)]


class Answer(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Datastore(Answer):
    """Engine and version; `complete_version` is not told for SQL Server."""

    type: str
    version: str
    complete_version: MaybeText = None


class Volume(Answer):
    """The instance's disk; `size` in GB."""

    size: int


class Related(Answer):
    """Another instance; `type` is replica_of or replica."""

    id: str
    type: str


class Tag(Answer):
    """A label that the customer put on the instance."""

    key: str
    value: str = ""


class InstanceAnswer(Answer):
    """An entry of the list of instances."""

    id: Id
    name: str
    status: str
    type: str = "Single"
    datastore: Datastore
    volume: Volume | None = None
    vpc_id: MaybeText = None
    time_zone: MaybeText = None
    disk_encryption_id: str | None = None
    associated_with_ddm: bool | None = None
    related_instance: Annotated[list[Related], BeforeValidator(_empty_if_none)] = []
    tags: Annotated[list[Tag], BeforeValidator(_empty_if_none)] = []


class InstancesAnswer(Answer):
    """A page of instances; `total_count` counts all pages."""

    instances: list[InstanceAnswer]
    total_count: int | None = None


class Named(Answer):
    """A database of a partial backup."""

    name: str


class BackupAnswer(Answer):
    """An entry of the list of backups; `size` in KB."""

    id: Id
    name: str
    instance_id: str
    type: str
    status: str
    begin_time: Moment
    end_time: MaybeMoment = None
    size: float | None = None
    databases: Annotated[list[Named], BeforeValidator(_empty_if_none)] = []


class BackupsAnswer(Answer):
    """A page of backups."""

    backups: list[BackupAnswer]
    total_count: int | None = None


class RangeAnswer(Answer):
    """A restorable range, in milliseconds since 1970 UTC."""

    start_time: Milliseconds
    end_time: Milliseconds


class RestoreTimeAnswer(Answer):
    """The restorable ranges."""

    restore_time: Annotated[list[RangeAnswer], BeforeValidator(_empty_if_none)]


class RecoveryTimeAnswer(Answer):
    """PostgreSQL's window of write-ahead logs, in milliseconds since 1970 UTC; blank where there is none."""

    recovery_min_time: Annotated[Milliseconds | None, BeforeValidator(_none_if_blank)] = None
    recovery_max_time: Annotated[Milliseconds | None, BeforeValidator(_none_if_blank)] = None


class DatabasesAnswer(Answer):
    """A page of an instance's databases."""

    databases: Annotated[list[Named], BeforeValidator(_empty_if_none)]
    total_count: int | None = None


class JobEntry(Answer):
    """One task, asked for by its id."""

    id: Id
    status: str
    process: Percent = None
    fail_reason: MaybeText = None


class JobAnswer(Answer):
    """The answer to jobs?id=."""

    job: JobEntry


class TaskEntry(Answer):
    """An entry of the task list."""

    id: Id
    name: str = ""
    instance_id: str | None = None
    status: str
    process: Percent = None
    create_time: MaybeMoment = None
    fail_reason: MaybeText = None


class TasksAnswer(Answer):
    """A page of the task list."""

    tasks: list[TaskEntry]
    total_count: int | None = None


class TaskInstance(Answer):
    """The instance that a task works on."""

    id: Id


class DetailedEntry(Answer):
    """A SQL Server task; `task_detail` is JSON in a string."""

    id: Id
    name: str = ""
    status: str
    created: MaybeMoment = None
    process: Percent = None
    instance: TaskInstance | None = None
    task_detail: MaybeText = None
    fail_reason: MaybeText = None


class TaskDetail(Answer):
    """What a SQL Server task restores, in the spelling of the API."""

    sourceInstanceId: MaybeText = None  # noqa: N815
    targetInstanceId: MaybeText = None  # noqa: N815
    backupId: MaybeText = None  # noqa: N815
    restoreTime: Annotated[Milliseconds | None, BeforeValidator(_none_if_blank)] = None  # noqa: N815


class DetailedTasksAnswer(Answer):
    """Tasks of a SQL Server instance: documented as a list, modelled by the vendor's SDK as a single one."""

    jobs: Annotated[list[DetailedEntry], BeforeValidator(_listed)]


class Parameter(Answer):
    """A setting of an instance."""

    name: str
    value: str | None = None


class ConfigurationsAnswer(Answer):
    """The settings of an instance."""

    configuration_parameters: list[Parameter]


class RecoveryAnswer(Answer):
    """The recovery call was taken."""

    job_id: Id


class NewBackup(Answer):
    """The backup that was begun."""

    id: Id


class BackUpAnswer(Answer):
    """The backup call was taken."""

    backup: NewBackup


class ProjectAnswer(Answer):
    """A project of the account."""

    id: Id


class ProjectsAnswer(Answer):
    """Projects by name."""

    projects: list[ProjectAnswer]


class TokenBody(Answer):
    """A token's particulars; the token itself is in a header."""

    expires_at: Moment


class TokenAnswer(Answer):
    """The answer to a log-in."""

    token: TokenBody
