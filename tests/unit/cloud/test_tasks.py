from datetime import timedelta

import httpx
import pytest

from bot.cloud import budget
from bot.cloud.tasks import MOST_PAGES, MOST_SINGLE
from bot.domain.errors import Unavailable
from bot.domain.request import Job, JobStatus
from tests.unit.cloud.world import MYSQL, SetClock, cloud


def a_task(job_id, status="Running", **more):
    return {
        "id": job_id,
        "name": "RestoreMysqlInInstance",
        "instance_id": MYSQL,
        "status": status,
        "process": "60%" if status == "Running" else "",
        "create_time": "2026-11-23T09:00:00+0000",
        **more,
    }


class Tasks:
    """A task list, newest first, and jobs by id."""

    def __init__(self, tasks=(), singles=(), *, listed=True, total=True):
        self.tasks, self.singles = list(tasks), {job["id"]: job for job in singles}
        self.listed, self.total = listed, total
        self.asked: list[str] = []

    def __call__(self, request):
        params = request.url.params
        if request.url.path.endswith("/jobs"):
            self.asked.append(f"job {params['id']}")
            if params["id"] in self.singles:
                return httpx.Response(200, json={"job": self.singles[params["id"]]})
            return httpx.Response(400, json={"error_code": "DBS.200543", "error_msg": "The job does not exist."})
        self.asked.append(f"list {params['offset']}")
        if not self.listed:
            return httpx.Response(404, json={"error_code": "APIGW.0101", "error_msg": "The API does not exist"})
        assert int(params["limit"]) <= 50
        tasks = [task for task in self.tasks if params.get("instance_id") in (None, task["instance_id"])]
        offset = int(params["offset"])
        page = tasks[offset : offset + int(params["limit"])]
        return httpx.Response(200, json={"tasks": page} | ({"total_count": len(tasks)} if self.total else {}))


async def test_many_jobs_cost_one_page():
    region = Tasks([a_task(f"j{number}") for number in range(40)])
    async with cloud(region) as client:
        jobs = await client.jobs("prod", [f"j{number}" for number in range(40)])
    assert jobs["j7"] == Job("j7", JobStatus.RUNNING, 60)
    assert len(jobs) == 40
    assert region.asked == ["list 0"]


@pytest.mark.parametrize("total", [True, False])
async def test_pages_are_read_while_a_job_is_missing(total):
    region = Tasks([a_task(f"j{number}") for number in range(120)], total=total)
    async with cloud(region) as client:
        assert set(await client.jobs("prod", ["j3", "j70"])) == {"j3", "j70"}
    assert region.asked == ["list 0", "list 50"]


async def test_an_old_job_is_asked_for_by_id_and_from_then_on_only_so():
    clock = SetClock()
    region = Tasks([a_task(f"j{number}") for number in range(500)], [a_task("old", "Completed")])
    async with cloud(region, clock) as client:
        assert (await client.jobs("prod", ["old"]))["old"].status is JobStatus.COMPLETED
        assert region.asked == ["list 0", "list 50", "job old"]
        region.asked.clear()
        await client.jobs("prod", ["old"])
        assert region.asked == ["job old"]
        clock.move(timedelta(minutes=11))
        region.asked.clear()
        await client.jobs("prod", ["old"])
        assert region.asked == ["list 0", "list 50", "job old"]


async def test_a_job_that_nobody_shows_is_missing_and_looked_for_again():
    region = Tasks([a_task("j1")])
    async with cloud(region) as client:
        assert await client.jobs("prod", ["new"]) == {}
        region.tasks.insert(0, a_task("new"))
        assert set(await client.jobs("prod", ["new"])) == {"new"}


async def test_no_jobs_no_calls():
    region = Tasks()
    async with cloud(region) as client:
        assert await client.jobs("prod", []) == {}
    assert region.asked == []


async def test_why_a_job_failed():
    region = Tasks(
        [a_task("told", "Failed", fail_reason="disk"), a_task("silent", "Failed"), a_task("mute", "Failed")],
        [a_task("silent", "Failed", fail_reason="createVM failed.")],
    )
    async with cloud(region) as client:
        jobs = await client.jobs("prod", ["told", "silent", "mute"])
    assert {name: job.reason for name, job in jobs.items()} == {
        "told": "disk",
        "silent": "createVM failed.",
        "mute": None,
    }
    assert all(job.status is JobStatus.FAILED for job in jobs.values())
    assert "job told" not in region.asked


async def test_a_region_without_a_task_list():
    clock = SetClock()
    region = Tasks(singles=[a_task("j1", "Complete", process=None)], listed=False)
    async with cloud(region, clock) as client:
        assert (await client.jobs("prod", ["j1", "j2"]))["j1"].status is JobStatus.COMPLETED
        assert region.asked == ["list 0", "job j1", "job j2"]
        assert await client.restore_tasks("prod", MYSQL) is None
        assert region.asked.count("list 0") == 1
        clock.move(timedelta(minutes=61))
        region.listed = True
        assert await client.restore_tasks("prod", MYSQL) == []


async def test_the_task_list_vanishes():
    region = Tasks(listed=False)
    async with cloud(region) as client:
        assert await client.restore_tasks("prod", MYSQL) is None


async def test_the_number_of_calls_is_bounded_and_jobs_take_turns():
    region = Tasks([a_task(f"j{number:05}") for number in range(5000)])
    wanted = [f"x{number:05}" for number in range(5000)]
    region.singles = {job_id: a_task(job_id) for job_id in wanted}
    async with cloud(region) as client:
        first = await client.jobs("prod", wanted)
        assert len(region.asked) == MOST_PAGES + MOST_SINGLE
        second = await client.jobs("prod", wanted)
    assert len(first) == len(second) == MOST_SINGLE
    assert not first.keys() & second.keys()


@pytest.mark.parametrize("listed", [True, False])
async def test_when_the_calls_are_used_up_what_was_found_must_do(monkeypatch, listed):
    monkeypatch.setattr(budget, "LONGEST_WAIT", 0.01)
    region = Tasks([a_task(f"j{number}") for number in range(200)], listed=listed)
    region.singles = {f"j{number}": a_task(f"j{number}") for number in range(200)}
    async with cloud(region, calls_per_minute=6) as client:  # two at once, then one every fifteen seconds
        found = await client.jobs("prod", [f"j{number}" for number in range(200)])
        assert len(found) == (100 if listed else 1)
        with pytest.raises(Unavailable) as raised:
            await client.jobs("prod", ["j150"])
    assert raised.value.code == "cloud.budget"


@pytest.mark.usefixtures("no_waiting")
async def test_trouble_is_not_taken_for_an_absent_list():
    async with cloud(lambda request: httpx.Response(503)) as client:
        with pytest.raises(Unavailable):
            await client.jobs("prod", ["j1"])
        with pytest.raises(Unavailable):
            await client.restore_tasks("prod", MYSQL)


async def test_restore_tasks_of_one_instance():
    tasks = [a_task(f"b{number}", "Completed", name="BackupDbInInstance") for number in range(60)]
    tasks += [
        a_task("r1"),
        a_task("r2", "Completed", name="RESTORE_something"),
        a_task("r3", name=""),
        a_task("r4", create_time=""),
        a_task("other", instance_id="x"),
    ]
    region = Tasks(tasks)
    async with cloud(region) as client:
        found = await client.restore_tasks("prod", MYSQL)
    assert found is not None
    assert [(task.job.id, task.name) for task in found] == [
        ("r1", "RestoreMysqlInInstance"),
        ("r2", "RESTORE_something"),
    ]


async def test_a_list_that_ignores_the_filter_is_filtered_here():
    foreign = [a_task("other", instance_id="x")]
    async with cloud(lambda request: httpx.Response(200, json={"tasks": foreign})) as client:
        assert await client.restore_tasks("prod", MYSQL) == []


async def test_at_most_some_pages_of_one_instance():
    region = Tasks([a_task(f"r{number}") for number in range(900)])
    async with cloud(region) as client:
        assert len(await client.restore_tasks("prod", MYSQL) or []) == 200
