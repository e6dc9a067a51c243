"""How the sandbox cloud changes as time goes by, and only by that."""

import pytest

from bot.sandbox.rds.evolution import restored_from
from tests.contract.rds_world import (
    DAY,
    FULL_SQL,
    LOGS,
    MY_A,
    MY_B,
    MY_REPLICA,
    NOW,
    PG_A,
    SQL_A,
    SQL_B,
    WINDOW,
    Clock,
    at_time,
    from_backup,
    ident,
    refused,
    running,
)

MISSING = ident(99, "in04")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def call(clock):
    async with running(clock=clock) as caller:
        yield caller


async def test_a_restore_from_its_call_to_its_end(call, clock):
    job_id = (await call.recover(from_backup())).json()["job_id"]
    seen = []
    for seconds in (0.0, 0.9, 1.0, 1.9, 2.0, 10.0, 19.9, 20.0, 23.9, 24.0):
        clock.at = NOW + seconds
        answer = await call.get("jobs", id=job_id)
        job = answer.json().get("job", {})
        seen.append((seconds, await call.status(MY_B), job.get("status"), job.get("process")))
    assert seen == [
        (0.0, "ACTIVE", None, None),
        (0.9, "ACTIVE", None, None),
        (1.0, "RESTORING", None, None),
        (1.9, "RESTORING", None, None),
        (2.0, "RESTORING", "Running", "10%"),
        (10.0, "RESTORING", "Running", "50%"),
        (19.9, "RESTORING", "Running", "99%"),
        (20.0, "BACKING UP", "Completed", ""),
        (23.9, "BACKING UP", "Completed", ""),
        (24.0, "ACTIVE", "Completed", ""),
    ]
    job = (await call.get("jobs", id=job_id)).json()["job"]
    assert job["created"] == "2027-01-15T08:00:00+0000"
    assert job["ended"] == "2027-01-15T08:00:20+0000"
    assert "fail_reason" not in job


async def test_a_job_is_not_shown_at_once(call, clock):
    job_id = (await call.recover(from_backup())).json()["job_id"]
    assert refused(await call.get("jobs", id=job_id)) == (400, "DBS.200543")
    assert (await call.get("tasklist", instance_id=MY_B)).json()["tasks"] == []
    clock.at += 2.0
    (task,) = (await call.get("tasklist", instance_id=MY_B)).json()["tasks"]
    assert (task["id"], task["status"], task["instance_status"]) == (job_id, "Running", "RESTORING")
    assert task["end_time"] == "2027-01-15T08:00:20+0000"


async def test_a_failing_job(call, clock):
    call.server.faults.job_fails_with = "Insufficient space."
    job_id = (await call.recover(from_backup())).json()["job_id"]
    clock.at += 11.9
    assert (await call.get("jobs", id=job_id)).json()["job"]["status"] == "Running"
    clock.at += 0.1
    job = (await call.get("jobs", id=job_id)).json()["job"]
    assert (job["status"], job["fail_reason"]) == ("Failed", "Insufficient space.")
    assert await call.status(MY_B) == "FAILED"
    assert restored_from(call.server.state, MY_B, clock.at) is None
    (task,) = (await call.get("tasklist", instance_id=MY_B)).json()["tasks"]
    assert task["status"] == "Failed"
    assert "fail_reason" not in task
    assert call.server.faults.job_fails_with is None


async def test_a_job_that_hangs(call, clock):
    call.server.faults.job_hangs = True
    job_id = (await call.recover(from_backup())).json()["job_id"]
    clock.at += 30 * DAY
    job = (await call.get("jobs", id=job_id)).json()["job"]
    assert (job["status"], job["process"]) == ("Running", "42%")
    assert await call.status(MY_B) == "RESTORING"


async def test_a_restore_leaves_its_mark(call, clock):
    """The target knows where its data comes from, and its restorable ranges have a gap."""
    last_logs = NOW - DAY + (DAY // LOGS) * LOGS
    job_id = (await call.recover(at_time(WINDOW[1]))).json()["job_id"]
    clock.at += 19.9
    assert restored_from(call.server.state, MY_B, clock.at) is None
    clock.at = NOW + 20.0
    origin = restored_from(call.server.state, MY_B, clock.at)
    assert origin is not None
    assert (origin.source_id, origin.restore_time, origin.job_id) == (MY_A, round(WINDOW[1] * 1000), job_id)
    clock.at = NOW + 24.0 + LOGS
    ranges = (await call.get(f"instances/{MY_B}/restore-time")).json()["restore_time"]
    assert [(span["start_time"] / 1000, span["end_time"] / 1000) for span in ranges] == [
        (NOW - DAY, last_logs),
        (NOW + 24.0, NOW + 24.0 + LOGS),
    ]
    newest = (await call.get("backups", instance_id=MY_B)).json()["backups"][0]
    assert (newest["type"], newest["status"], newest["begin_time"]) == ("auto", "COMPLETED", "2027-01-15T08:00:20+0000")


async def test_the_end_of_the_range_moves_in_steps(call, clock):
    async def end():
        spans = (await call.get(f"instances/{MY_B}/restore-time")).json()["restore_time"]
        return spans[-1]["end_time"] / 1000

    assert await end() == NOW
    clock.at += LOGS - 1
    assert await end() == NOW
    clock.at += 1
    assert await end() == NOW + LOGS


async def test_a_replica_follows_its_primary(call, clock):
    await call.recover(from_backup(target=MY_A))
    clock.at += 5.0
    assert await call.status(MY_REPLICA) == "RESTORING"
    clock.at += 16.0
    assert await call.status(MY_REPLICA) == "BACKING UP"
    clock.at += 4.0
    assert await call.status(MY_REPLICA) == "ACTIVE"


async def test_a_manual_backup(call, clock):
    answer = (await call.back_up({"instance_id": MY_B, "name": "before", "description": "Before R-1"})).json()["backup"]
    assert (answer["begin_time"], answer["status"]) == ("2027-01-15T08:00:00", "BUILDING")

    async def listed():
        (found,) = (await call.get("backups", instance_id=MY_B, backup_id=answer["id"])).json()["backups"]
        return found

    clock.at += 7.9
    building = await listed()
    assert (building["status"], building["size"], await call.status(MY_B)) == ("BUILDING", 0, "BACKING UP")
    assert "end_time" not in building
    clock.at += 0.1
    done = await listed()
    assert (done["status"], done["end_time"]) == ("COMPLETED", "2027-01-15T08:00:08+0000")
    assert done["size"] > 0
    assert await call.status(MY_B) == "ACTIVE"


async def test_details_of_sql_server_tasks(call, clock):
    job_id = (await call.recover(from_backup(SQL_A, SQL_B, FULL_SQL))).json()["job_id"]
    clock.at += 3.0
    path = f"instances/{SQL_B}/tasklist/detail"
    answer = (await call.get(path, start_time=round(NOW * 1000))).json()
    assert answer["count"] == 1
    assert answer["jobs"][0]["id"] == job_id
    assert f'"sourceInstanceId": "{SQL_A}"' in answer["jobs"][0]["task_detail"]
    assert (await call.get(path, start_time=round(NOW * 1000) + 1)).json()["count"] == 0
    assert refused(await call.get(path)) == (400, "DBS.280001")
    assert refused(await call.get(f"instances/{PG_A}/tasklist/detail", start_time=0)) == (400, "DBS.280238")
    assert refused(await call.get(f"instances/{MISSING}/tasklist/detail", start_time=0)) == (404, "DBS.200002")


async def test_a_target_that_is_gone(call, clock):
    """Its jobs go with it."""
    job_id = (await call.recover(from_backup())).json()["job_id"]
    clock.at += 5.0
    del call.server.state.instances[MY_B]
    assert refused(await call.get("jobs", id=job_id)) == (400, "DBS.200543")
    assert (await call.get("tasklist")).json()["tasks"] == []
