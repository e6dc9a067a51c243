"""The reads of what runs and ran.

Sources: "Obtaining Information About a Task", "Querying Instant Tasks", "Querying Task Details" (SQL Server).
"""

import json
from collections.abc import Iterable
from typing import Any

from bot.sandbox.rds.errors import not_published, refusal
from bot.sandbox.rds.evolution import (
    ends_at,
    instance_status,
    is_visible,
    job_percent,
    job_status,
    milliseconds,
    planned_end,
)
from bot.sandbox.rds.exchange import Answer, ApiRequest, stamp
from bot.sandbox.rds.faults import Faults
from bot.sandbox.rds.state import CloudState, Job

STATUSES = frozenset({"Running", "Completed", "Failed"})
MOST_TASKS = 50
DEFAULT_TASKS = 10
_LAST = 10**15


class Tasks:
    """Handlers of the reads of jobs and tasks. A new one is shown only after a while."""

    def __init__(self, state: CloudState, faults: Faults) -> None:
        self._state = state
        self._faults = faults

    def job(self, request: ApiRequest) -> Answer:
        """GET /v3/{project_id}/jobs?id=. Raises ApiError."""
        job = self._state.jobs.get(request.asked.get("id", ""))
        if job is None or not self._is_shown(job, request):
            raise refusal("DBS.200543")
        return Answer(200, {"job": self._entry(job, request.at)})

    def tasklist(self, request: ApiRequest) -> Answer:
        """GET /v3/{project_id}/tasklist: newest first. Not every region has it. Raises ApiError."""
        if not self._state.tasklist or self._faults.tasklist_missing:
            raise not_published()
        asked, now = request.asked, request.at
        if asked.get("status", "Running") not in STATUSES:
            raise refusal("DBS.280001", f"status must be one of {', '.join(sorted(STATUSES))}.")
        first, last = self._span(request)
        offset, limit = request.number("offset", 0, 0, _LAST), request.number("limit", DEFAULT_TASKS, 1, MOST_TASKS)
        found = [
            job
            for job in self._shown(request, asked.get("instance_id"))
            if asked.get("id", job.id) == job.id
            and asked.get("name", job.name) == job.name
            and ("status" not in asked or asked["status"] == job_status(job, now))
            and milliseconds(job.created_at) >= first
            and milliseconds(planned_end(job)) <= last
        ]
        page = [self._task(job, now) for job in found[offset : offset + limit]]
        actions = sorted({job.name for job in found})
        return Answer(200, {"tasks": page, "actions": actions, "total_count": len(found)})

    def details(self, request: ApiRequest) -> Answer:
        """GET …/instances/{instance_id}/tasklist/detail: SQL Server only; `start_time` is required. Raises ApiError."""
        instance = self._state.instances.get(request.params["instance_id"])
        if instance is None or instance.project_id != request.params["project_id"]:
            raise refusal("DBS.200002")
        if instance.engine != "SQLServer":
            raise refusal("DBS.280238")
        first, last = request.number("start_time", None, 0, _LAST), request.number("end_time", _LAST, 0, _LAST)
        found = [
            self._entry(job, request.at) | {"task_detail": _detail(job)}
            for job in self._shown(request, instance.id)
            if first <= milliseconds(job.created_at) <= last
        ]
        return Answer(200, {"jobs": found, "count": len(found)})

    def _span(self, request: ApiRequest) -> tuple[int, int]:
        if "start_time" in request.asked and "end_time" not in request.asked:
            raise refusal("DBS.280001", "start_time needs end_time.")
        return request.number("start_time", 0, 0, _LAST), request.number("end_time", _LAST, 0, _LAST)

    def _shown(self, request: ApiRequest, instance_id: str | None) -> Iterable[Job]:
        """Newest first."""
        jobs = self._state.jobs_of(instance_id) if instance_id else list(self._state.jobs.values())
        return (job for job in reversed(jobs) if self._is_shown(job, request))

    def _is_shown(self, job: Job, request: ApiRequest) -> bool:
        instance = self._state.instances.get(job.instance_id)
        if instance is None or instance.project_id != request.params["project_id"]:
            return False
        return is_visible(job, request.at)

    def _entry(self, job: Job, now: float) -> dict[str, Any]:
        status = job_status(job, now)
        entry: dict[str, Any] = {
            "id": job.id,
            "name": job.name,
            "status": status,
            "created": stamp(job.created_at),
            "process": f"{job_percent(job, now)}%" if status == "Running" else "",
            "instance": {"id": job.instance_id, "name": self._state.instances[job.instance_id].name},
            "entities": {},
        }
        if status != "Running":
            entry["ended"] = stamp(ends_at(job))
        if status == "Failed":
            entry["fail_reason"] = job.fail_reason
        return entry

    def _task(self, job: Job, now: float) -> dict[str, Any]:
        """An entry of the task list. Its end is the planned one, and it does not say why a task failed."""
        instance, status = self._state.instances[job.instance_id], job_status(job, now)
        return {
            "id": job.id,
            "name": job.name,
            "instance_id": instance.id,
            "instance_name": instance.name,
            "instance_status": instance_status(self._state, instance, now),
            "order_id": "",
            "process": f"{job_percent(job, now)}%" if status == "Running" else "",
            "create_time": stamp(job.created_at),
            "end_time": stamp(planned_end(job)),
            "status": status,
        }


def _detail(job: Job) -> str:
    """JSON inside JSON, as the API has it."""
    told = {
        "type": "timestamp" if job.backup_id is None else "backup",
        "sourceInstanceId": job.source_id,
        "targetInstanceId": job.instance_id,
        "backupId": job.backup_id,
        "restoreTime": job.restore_time,
        "dbNames": None if job.databases is None else list(job.databases),
    }
    return json.dumps({name: value for name, value in told.items() if value is not None})
