"""The cloud's answers as facts of the domain."""

from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from bot.cloud.models import (
    BackupAnswer,
    ConfigurationsAnswer,
    DetailedEntry,
    InstanceAnswer,
    JobEntry,
    RecoveryTimeAnswer,
    RestoreTimeAnswer,
    TaskDetail,
    TaskEntry,
)
from bot.domain.facts import Backup, Instance, Window
from bot.domain.request import Job, JobStatus
from bot.workflow.outcome import Restored, Task

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATUSES = {"complete": JobStatus.COMPLETED, "completed": JobStatus.COMPLETED, "failed": JobStatus.FAILED}


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 UTC, exact (no floating point); what is finer is cut off."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def moment(milliseconds_since_1970: int) -> datetime:
    """The moment, in UTC."""
    return _EPOCH + timedelta(milliseconds=milliseconds_since_1970)


def instance_of(
    answer: InstanceAnswer, *, lower_case_table_names: str | None = None, databases: tuple[str, ...] | None = None
) -> Instance:
    """An instance. What the cloud did not tell stays None."""
    return Instance(
        id=answer.id,
        name=answer.name,
        engine=answer.datastore.type,
        version=answer.datastore.complete_version or answer.datastore.version,
        status=answer.status,
        storage_gb=None if answer.volume is None else answer.volume.size,
        kind=answer.type,
        replica_of=next((related.id for related in answer.related_instance if related.type == "replica_of"), None),
        vpc_id=answer.vpc_id,
        time_zone=answer.time_zone,
        lower_case_table_names=lower_case_table_names,
        encrypted=None if answer.disk_encryption_id is None else bool(answer.disk_encryption_id),
        associated_with_ddm=answer.associated_with_ddm,
        tags=tuple((tag.key, tag.value) for tag in answer.tags),
        databases=databases,
    )


def lower_case_table_names_of(answer: ConfigurationsAnswer) -> str | None:
    """The MySQL setting, or None where it is not listed: unknown, not equal."""
    return next(
        (setting.value for setting in answer.configuration_parameters if setting.name == "lower_case_table_names"), None
    )


def backup_of(answer: BackupAnswer) -> Backup:
    """A backup."""
    return Backup(
        id=answer.id,
        name=answer.name,
        instance_id=answer.instance_id,
        type=answer.type,
        status=answer.status,
        began_at=answer.begin_time,
        ended_at=answer.end_time,
        size_kb=None if answer.size is None else int(answer.size),
        databases=tuple(database.name for database in answer.databases),
    )


def windows_of(answer: RestoreTimeAnswer) -> tuple[Window, ...]:
    """The restorable ranges, oldest first."""
    ranges = sorted((found.start_time, found.end_time) for found in answer.restore_time)
    return tuple(Window(moment(start), moment(end)) for start, end in ranges)


def wal_window_of(answer: RecoveryTimeAnswer) -> tuple[Window, ...]:
    """PostgreSQL's window of write-ahead logs; its first moment itself cannot be restored to."""
    if answer.recovery_min_time is None or answer.recovery_max_time is None:
        return ()
    start, end = moment(answer.recovery_min_time + 1), moment(answer.recovery_max_time)
    return (Window(start, end),) if start <= end else ()


def job_of(answer: JobEntry | TaskEntry | DetailedEntry) -> Job:
    """A task's standing. A status that is not known counts as running: it is not known to have ended."""
    status = _STATUSES.get(answer.status.strip().lower(), JobStatus.RUNNING)
    return Job(
        id=answer.id,
        status=status,
        percent=answer.process if status is JobStatus.RUNNING else None,
        reason=answer.fail_reason if status is JobStatus.FAILED else None,
    )


def task_of(answer: TaskEntry) -> Task | None:
    """An entry of the task list; None where it lacks what evidence needs: the instance and the time."""
    if not answer.instance_id or answer.create_time is None:
        return None
    return Task(job_of(answer), answer.name, answer.instance_id, answer.create_time)


def detailed_task_of(answer: DetailedEntry) -> Task | None:
    """A SQL Server task, with what it restores where that can be read; None where it lacks the instance or the time."""
    if answer.instance is None or answer.created is None:
        return None
    try:
        said = TaskDetail.model_validate_json(answer.task_detail or "")
    except ValidationError:
        said = TaskDetail()
    what = Restored(said.sourceInstanceId, said.targetInstanceId, said.backupId, said.restoreTime)
    return Task(job_of(answer), answer.name, answer.instance.id, answer.created, what)
