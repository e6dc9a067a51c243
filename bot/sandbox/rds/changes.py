"""The calls that change something: the restore and the manual backup.

Sources: "Restoring Data to an Existing DB Instance" (v3, v3.1), "Creating a Manual Backup".
"""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.rds.constraints import check_free, check_no_replica, check_recovery
from bot.sandbox.rds.errors import refusal
from bot.sandbox.rds.evolution import ends_at, milliseconds, restorable_ranges
from bot.sandbox.rds.exchange import Answer, ApiRequest
from bot.sandbox.rds.faults import Faults
from bot.sandbox.rds.recovery_body import Recovery, recovery_of
from bot.sandbox.rds.state import ENGINE_SUFFIX, Backup, CloudState, Instance, Job, Range

TASK_NAMES: Mapping[str, str] = {
    "MySQL": "RestoreMysqlInInstance",
    "PostgreSQL": "RestorePostgresqlInInstance",
    "SQLServer": "RestoreSqlserverInInstance",
}
"""Only the last is documented; the others follow its pattern."""
SUCCESS: Mapping[str, int] = {"v3": 200, "v3.1": 202}
"""HTTP status of an accepted restore, by version."""
_BACKUP_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{3,63}")
_FORBIDDEN = frozenset(">!<\"&'=")
_LONGEST_DESCRIPTION = 256
_BACKUP_FIELDS = {"instance_id", "name", "description", "databases", "backup_database_individually"}
_KB_PER_GB = 1024 * 1024


class Changes:
    """Handlers of the calls that change something."""

    def __init__(self, state: CloudState, faults: Faults) -> None:
        self._state = state
        self._faults = faults

    def recover(self, request: ApiRequest, version: str) -> Answer:
        """POST /{version}/{project_id}/instances/recovery: overwrites the target. Raises ApiError."""
        recovery = recovery_of(request.json(), version)
        check_recovery(self._state, request.params["project_id"], recovery, version, request.at)
        job = self._start(recovery, request.at)
        return Answer(SUCCESS[version], {"job_id": job.id})

    def back_up(self, request: ApiRequest) -> Answer:
        """POST /v3/{project_id}/backups: begins a manual backup. Raises ApiError."""
        body = {name: value for name, value in request.json().items() if value is not None}
        instance = self._backed_up(request, body)
        name, description = self._named(body), _description(body)
        databases = _databases(body, instance)
        check_no_replica(instance)
        check_free(self._state, instance, request.at)
        backup = self._state.add_backup(
            Backup(
                f"{uuid.uuid4().hex}br{ENGINE_SUFFIX[instance.engine]}",
                instance.id,
                name,
                request.at,
                self._state.backup_seconds,
                "manual",
                _size_kb(instance),
                description=description,
                databases=databases,
            )
        )
        answer = {
            "id": backup.id,
            "instance_id": instance.id,
            "name": name,
            "description": description,
            "begin_time": datetime.fromtimestamp(request.at, UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "status": "BUILDING",
            "type": "manual",
            "databases": [{"name": database} for database in databases],
        }
        return Answer(200, {"backup": answer})

    def _start(self, recovery: Recovery, now: float) -> Job:
        state, target = self._state, self._state.instances[recovery.target_id]
        fail_reason, hangs = self._faults.take_job_fate()
        job = state.add_job(
            Job(
                str(uuid.uuid4()),
                TASK_NAMES[target.engine],
                target.id,
                recovery.source_id,
                now,
                state.job_seconds,
                recovery.backup_id,
                recovery.restore_time,
                None if recovery.databases is None else dict(recovery.databases),
                state.job_visible_after,
                state.restoring_after,
                state.backing_up_after_seconds,
                fail_reason,
                hangs,
            )
        )
        self._end_logs(target, now)
        if fail_reason is None and not hangs:
            self._back_up_afterwards(target, job)
        return job

    def _end_logs(self, target: Instance, now: float) -> None:
        """What is overwritten can be restored up to the last logs saved before."""
        known = dict(restorable_ranges(self._state, target, now))
        for span in target.ranges:
            if span.end is None:
                span.end = known.get(milliseconds(span.start), milliseconds(span.start)) / 1000

    def _back_up_afterwards(self, target: Instance, job: Job) -> None:
        """The cloud makes a full backup after a restore; only from then on can a new moment be gone back to."""
        begin, seconds = ends_at(job), job.backing_up_after_seconds
        self._state.add_backup(
            Backup(
                f"{uuid.uuid4().hex}br{ENGINE_SUFFIX[target.engine]}",
                target.id,
                f"{target.name}-{datetime.fromtimestamp(begin, UTC):%Y%m%d%H%M%S}",
                begin,
                seconds,
                size_kb=_size_kb(target),
            )
        )
        if target.ranges:
            target.ranges.append(Range(begin + seconds))

    def _backed_up(self, request: ApiRequest, body: Mapping[str, Any]) -> Instance:
        for name in body:
            if name not in _BACKUP_FIELDS:
                raise refusal("DBS.280001", f"{name} is not a parameter.")
        instance_id = body.get("instance_id")
        if not isinstance(instance_id, str) or not instance_id:
            raise refusal("DBS.280001", "instance_id is missing.")
        instance = self._state.instances.get(instance_id)
        if instance is None or instance.project_id != request.params["project_id"]:
            raise refusal("DBS.200002")
        return instance

    def _named(self, body: Mapping[str, Any]) -> str:
        name = body.get("name")
        if not isinstance(name, str) or not _BACKUP_NAME.fullmatch(name):
            raise refusal("DBS.280001", "name must begin with a letter and hold 4 to 64 letters, digits, - or _.")
        if any(backup.name == name for backup in self._state.backups.values()):
            raise refusal("DBS.201201", f"A backup {name} exists.")
        return name


def _description(body: Mapping[str, Any]) -> str:
    description = body.get("description", "")
    if not isinstance(description, str) or len(description) > _LONGEST_DESCRIPTION or _FORBIDDEN & set(description):
        raise refusal("DBS.280001", "description is too long or holds one of >!<\"&'=.")
    return description


def _databases(body: Mapping[str, Any], instance: Instance) -> list[str]:
    asked = body.get("databases", [])
    if not isinstance(asked, list) or not all(isinstance(entry, dict) for entry in asked):
        raise refusal("DBS.280001", "databases must be a list of objects.")
    names = [str(entry.get("name")) for entry in asked]
    if names and instance.engine == "MySQL":
        raise refusal("DBS.280238", "Single databases of MySQL cannot be backed up.")
    if not set(names) <= set(instance.databases):
        raise refusal("DBS.280128")
    return names


def _size_kb(instance: Instance) -> int:
    """A full backup of an instance that is two fifths full."""
    return instance.storage_gb * _KB_PER_GB * 2 // 5
