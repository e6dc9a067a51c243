"""How the sandbox cloud looks at a moment: pure functions of the state and the time. Nothing runs in the background."""

import math

from bot.sandbox.rds.state import Backup, CloudState, Instance, Job, RestoredFrom

FAILS_AT = 0.6
"""Part of its time after which a job that is to fail does so."""
HANGS_AT = 42
"""Percent at which a job that hangs stays."""


def ends_at(job: Job) -> float:
    """When the job ends; infinite for one that hangs."""
    if job.hangs:
        return math.inf
    return job.created_at + job.seconds * (1.0 if job.fail_reason is None else FAILS_AT)


def planned_end(job: Job) -> float:
    """When the job is to end, as the task list tells it from the beginning."""
    return job.created_at + job.seconds


def is_visible(job: Job, now: float) -> bool:
    """Whether jobs and task lists show it yet (source: "Obtaining Information About a Task")."""
    return now >= job.created_at + job.visible_after


def is_live(job: Job, now: float) -> bool:
    """Whether it still holds its target."""
    return now < ends_at(job)


def job_status(job: Job, now: float) -> str:
    """Running, Completed or Failed."""
    if is_live(job, now):
        return "Running"
    return "Completed" if job.fail_reason is None else "Failed"


def job_percent(job: Job, now: float) -> int:
    """Progress of a running job, 0 to 99."""
    done = 99 if job.seconds <= 0 else int((now - job.created_at) / job.seconds * 100)
    return max(0, min(done, HANGS_AT if job.hangs else 99))


def is_building(backup: Backup, now: float) -> bool:
    """Whether the backup is being made now."""
    return backup.begins_at <= now < backup.begins_at + backup.seconds


def backup_status(backup: Backup, now: float) -> str:
    """BUILDING, and then whatever became of it."""
    return "BUILDING" if is_building(backup, now) else backup.outcome


def backups_at(state: CloudState, instance_id: str, now: float) -> list[Backup]:
    """The backups of an instance that exist at that moment, newest first."""
    begun = [backup for backup in state.backups_of(instance_id) if backup.begins_at <= now]
    return sorted(begun, key=lambda backup: backup.begins_at, reverse=True)


def instance_status(state: CloudState, instance: Instance, now: float) -> str:
    """The status, as jobs and backups make it. A read replica has the status of its primary."""
    if instance.replica_of is not None and instance.replica_of in state.instances:
        return instance_status(state, state.instances[instance.replica_of], now)
    jobs = state.jobs_of(instance.id)
    if jobs and is_live(jobs[-1], now):
        late = now < jobs[-1].created_at + jobs[-1].restoring_after
        return instance.status if late else "RESTORING"
    if any(is_building(backup, now) for backup in state.backups_of(instance.id)):
        return "BACKING UP"
    if jobs and jobs[-1].fail_reason is not None:
        return state.status_after_failed_restore
    return instance.status


def restorable_ranges(state: CloudState, instance: Instance, now: float) -> list[tuple[int, int]]:
    """Start and end of each restorable range, in milliseconds since 1970 UTC, oldest first."""
    found: list[tuple[int, int]] = []
    for span in instance.ranges:
        end = span.end
        if end is None:
            saved = math.floor(max(0.0, now - span.start) / state.log_backup_every)
            end = span.start + saved * state.log_backup_every
        if end > span.start:
            found.append((milliseconds(span.start), milliseconds(end)))
    return sorted(found)


def restored_from(state: CloudState, instance_id: str, now: float) -> RestoredFrom | None:
    """Where the instance's data comes from, or None if no restore onto it has come to a good end."""
    for job in reversed(state.jobs_of(instance_id)):
        if job_status(job, now) == "Completed":
            return RestoredFrom(job.source_id, job.backup_id, job.restore_time, job.id, ends_at(job))
    return None


def milliseconds(seconds: float) -> int:
    """Milliseconds since 1970, rounded."""
    return round(seconds * 1000)
