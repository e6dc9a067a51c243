"""Follows jobs: by pages of the project's task list where the region has it, one by one where not."""

from collections.abc import Iterable, Sized
from datetime import timedelta

from cachetools import TTLCache

from bot.cloud.budget import NO_PLACE, Priority
from bot.cloud.client import Params, ProjectClient
from bot.cloud.codes import NOT_PUBLISHED, PERMISSION
from bot.cloud.mapping import detailed_task_of, job_of, milliseconds, task_of
from bot.cloud.models import DetailedTasksAnswer, JobAnswer, TaskEntry, TasksAnswer
from bot.domain.errors import BotError, Refused, Unavailable
from bot.domain.request import Job, JobStatus
from bot.workflow.outcome import Task
from bot.workflow.ports import Clock

PAGE = 50
MOST_PAGES = 20
"""Of the project's task list, in one look. Tasks that are not among the newest are asked for singly."""
INSTANCE_PAGES = 4
MOST_SINGLE = 20
"""Jobs asked for one by one, in one look. Where there are more, they take turns."""
DETAILS_OF = timedelta(days=2)
"""How far back the details of SQL Server tasks are asked for."""
_SQLSERVER = "in04"
"""How the ids of SQL Server instances end."""
REMEMBER_ABSENCE = timedelta(hours=1)
REMEMBER_UNLISTED = timedelta(minutes=10)


class TaskReader:
    """The tasks of one project (source: "Querying Instant Tasks", "Obtaining Information About a Task")."""

    def __init__(self, client: ProjectClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock

        def seconds() -> float:
            return clock.now().timestamp()

        self._no_list: TTLCache[str, bool] = TTLCache(1, REMEMBER_ABSENCE.total_seconds(), seconds)
        self._unlisted: TTLCache[str, bool] = TTLCache(10_000, REMEMBER_UNLISTED.total_seconds(), seconds)
        self._turn = 0

    async def jobs(self, ids: Iterable[str]) -> dict[str, Job]:
        """The jobs that the cloud knows among `ids`. At most `MOST_PAGES` + `MOST_SINGLE` calls."""
        wanted = set(ids)
        listed = await self._listed({job_id for job_id in wanted if job_id not in self._unlisted})
        found = {job_id: job_of(entry) for job_id, entry in listed.items()}
        single: dict[str, Job] = {}
        silent = [job.id for job in found.values() if job.status is JobStatus.FAILED and job.reason is None]
        for job_id in (silent + self._in_turn(wanted - found.keys()))[:MOST_SINGLE]:
            try:
                job = await self._one(job_id)
            except Unavailable as error:
                if _is_enough(error, found or single):
                    break
                raise
            if job is not None:
                single[job_id] = job
        if not self._no_list:
            self._unlisted.update(dict.fromkeys(single.keys() - found.keys(), True))
        return found | single

    async def restores(self, instance_id: str) -> list[Task] | None:
        """The restore tasks of one instance; None where the region has no task list. The names of these tasks are not
        documented, but all that were seen hold the word."""
        listed = await self._restores_listed(instance_id)
        if not instance_id.endswith(_SQLSERVER):
            return listed
        detailed = await self._restores_detailed(instance_id)
        if detailed is None:
            return listed
        known = {task.job.id for task in detailed}
        return detailed + [task for task in listed or () if task.job.id not in known]

    async def _restores_detailed(self, instance_id: str) -> list[Task] | None:
        """SQL Server tells more: source, target and backup of each restore; None where it does not."""
        began = milliseconds(self._clock.now() - DETAILS_OF)
        path = f"instances/{instance_id}/tasklist/detail"
        try:
            answer = await self._client.read("list_task_details", path, DetailedTasksAnswer, [("start_time", str(began))])
        except BotError as error:
            if isinstance(error, Refused) or error.code in (NOT_PUBLISHED.code, PERMISSION.code):
                return None
            raise
        return [task for entry in answer.jobs if "restore" in entry.name.lower() and (task := detailed_task_of(entry))]

    async def _restores_listed(self, instance_id: str) -> list[Task] | None:
        if self._no_list:
            return None
        entries: list[TaskEntry] = []
        for page in range(INSTANCE_PAGES):
            answer = await self._page(page, [("instance_id", instance_id)], Priority.FORM)
            if answer is None:
                return None
            entries.extend(answer.tasks)
            if _is_last(answer, page):
                break
        tasks = [task for entry in entries if "restore" in entry.name.lower() and (task := task_of(entry))]
        return [task for task in tasks if task.instance_id == instance_id]

    async def _listed(self, wanted: set[str]) -> dict[str, TaskEntry]:
        """Those of `wanted` among the project's newest tasks."""
        found: dict[str, TaskEntry] = {}
        for page in range(min(MOST_PAGES, len(wanted) // PAGE + 2)):
            if self._no_list or wanted <= found.keys():
                break
            try:
                answer = await self._page(page, (), Priority.POLL)
            except Unavailable as error:
                if _is_enough(error, found):
                    break
                raise
            if answer is None:
                break
            found.update((entry.id, entry) for entry in answer.tasks if entry.id in wanted)
            if _is_last(answer, page):
                break
        return found

    async def _page(self, page: int, params: Params, priority: Priority) -> TasksAnswer | None:
        """A page of the task list; None where the region has none, which is remembered for a while."""
        paging = [("offset", str(page * PAGE)), ("limit", str(PAGE))]
        try:
            return await self._client.read("list_tasks", "tasklist", TasksAnswer, [*params, *paging], priority=priority)
        except BotError as error:
            if error.code != NOT_PUBLISHED.code:
                raise
        self._no_list["tasklist"] = True
        return None

    def _in_turn(self, missing: set[str]) -> list[str]:
        ordered = sorted(missing)
        if len(ordered) <= MOST_SINGLE:
            return ordered
        start = self._turn % len(ordered)
        self._turn = start + MOST_SINGLE
        return (ordered[start:] + ordered[:start])[:MOST_SINGLE]

    async def _one(self, job_id: str) -> Job | None:
        try:
            answer = await self._client.read("show_job", "jobs", JobAnswer, [("id", job_id)], priority=Priority.POLL)
        except Refused:  # too early, too old, or not a job's id: one of them must not hold up the others
            return None
        return job_of(answer.job)


def _is_last(answer: TasksAnswer, page: int) -> bool:
    counted = answer.total_count is not None and (page + 1) * PAGE >= answer.total_count
    return counted or len(answer.tasks) < PAGE


def _is_enough(error: Unavailable, found: Sized) -> bool:
    """Whether to be content with what was found: the minute's calls are used up, the others come with the next look."""
    return error.code == NO_PLACE and len(found) > 0
