"""Finds instances by name and reads the facts of a restore from the cloud."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, timedelta

from bot.domain.errors import Refused
from bot.domain.facts import Backup, Facts, Instance, RestorePoint, TimePoint, Window
from bot.domain.request import JobStatus, Wish
from bot.workflow.outcome import Task
from bot.workflow.ports import Clock, Cloud

RECENT = timedelta(hours=6)
"""A task that began longer ago is not taken for one that still runs."""


async def named(cloud: Cloud, project: str, name: str) -> Instance | None:
    """The instance with this name or id, if exactly one has it."""
    found = [instance for instance in await cloud.instances(project) if name in (instance.name, instance.id)]
    return found[0] if len(found) == 1 else None


async def read_facts(
    cloud: Cloud, clock: Clock, project: str, source_id: str, target_id: str, point: RestorePoint | str
) -> Facts:
    """Read all facts at once. `point` is a restore point, or the id of a backup that is not looked up yet.

    Raises Refused `cloud.no_such_instance` with the field at fault.
    """
    backup_id = point if isinstance(point, str) else None if isinstance(point, TimePoint) else point.backup_id
    source, target, backup, windows, tasks = await asyncio.gather(
        cloud.instance(project, source_id),
        cloud.instance(project, target_id),
        _backup(cloud, project, source_id, backup_id),
        _windows(cloud, project, source_id, point),
        cloud.restore_tasks(project, target_id),
    )
    if source is None:
        raise Refused("cloud.no_such_instance", "The cloud does not know this source any more.", field="source")
    if target is None:
        raise Refused("cloud.no_such_instance", "The cloud does not know this target any more.", field="target")
    now = clock.now()
    busy = next((task.name for task in running(tasks or ()) if now - task.created_at < RECENT), None)
    restored_at = max((task.created_at for task in tasks or () if task.instance_id == target_id), default=None)
    return Facts(now, source, target, backup, windows, busy, restored_at)


async def facts_of(cloud: Cloud, clock: Clock, wish: Wish) -> Facts:
    """The facts of a wish, read now."""
    return await read_facts(cloud, clock, wish.project, wish.source.id, wish.target.id, wish.point)


def running(tasks: Sequence[Task]) -> list[Task]:
    """Those of the tasks that the cloud calls running."""
    return [task for task in tasks if task.job.status is JobStatus.RUNNING]


async def _backup(cloud: Cloud, project: str, source_id: str, backup_id: str | None) -> Backup | None:
    return None if backup_id is None else await cloud.backup(project, source_id, backup_id)


async def _windows(cloud: Cloud, project: str, source_id: str, point: RestorePoint | str) -> tuple[Window, ...] | None:
    if not isinstance(point, TimePoint):
        return None
    day = point.at.astimezone(UTC).date()
    return tuple(await cloud.windows(project, source_id, day))
