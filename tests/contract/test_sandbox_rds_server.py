"""Faults, the control addresses, the record of calls, what is kept across a restart, and reads with their filters."""

import socket

import httpx
import pytest

from bot.sandbox import scenario
from bot.sandbox.rds.evolution import instance_status, restorable_ranges
from bot.sandbox.rds.server import RdsServer
from tests.contract.rds_world import (
    DAY,
    FULL_A,
    MY_A,
    MY_B,
    MY_REPLICA,
    NOW,
    OTHER_PROJECT,
    PG_A,
    PROJECT,
    SQL_A,
    WINDOW,
    Clock,
    from_backup,
    ident,
    refused,
    running,
    small_cloud,
)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def call(clock):
    async with running(clock=clock) as caller:
        yield caller


async def test_a_lost_answer(call):
    call.server.faults.drop_answer_after_acting = 1
    with pytest.raises(httpx.RemoteProtocolError):
        await call.recover(from_backup())
    assert [job.instance_id for job in call.server.state.jobs.values()] == [MY_B]
    assert (call.server.calls[-1].status, call.server.calls[-1].error_code) == (0, None)
    assert refused(await call.recover(from_backup())) == (409, "DBS.200019")


async def test_a_connection_reset(call):
    call.server.faults.reset_before_acting = 1
    with pytest.raises(httpx.ReadError):
        await call.recover(from_backup())
    assert call.server.state.jobs == {}
    assert (await call.recover(from_backup())).status_code == 200


@pytest.mark.parametrize("acts", [True, False])
async def test_a_service_timeout(call, acts):
    call.server.faults.error_111205, call.server.faults.error_111205_acts = 1, acts
    assert refused(await call.recover(from_backup())) == (500, "DBS.111205")
    assert len(call.server.state.jobs) == int(acts)


@pytest.mark.parametrize("acts", [True, False])
async def test_a_proxy_s_page(call, acts):
    call.server.faults.change({"bad_gateway_html": 1, "bad_gateway_acts": acts, "recovery_only": True})
    assert (await call.get("instances")).status_code == 200
    answer = await call.recover(from_backup())
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")
    assert "<html>" in answer.text
    assert len(call.server.state.jobs) == int(acts)


async def test_throttled_and_unavailable(call):
    call.server.faults.status_429 = 2
    first, second, third = [await call.get("instances") for _ in range(3)]
    assert refused(first) == refused(second) == (429, "APIGW.0308")
    assert first.headers["Retry-After"] == "1"
    assert third.status_code == 200
    call.server.faults.unavailable = True
    assert [(await call.get("instances")).status_code for _ in range(2)] == [503, 503]
    call.server.faults.unavailable = False
    assert (await call.get("instances")).status_code == 200


async def test_no_task_list(call):
    call.server.faults.tasklist_missing = True
    assert refused(await call.get("tasklist")) == (404, "APIGW.0101")
    call.server.faults.tasklist_missing = False
    assert (await call.get("tasklist")).status_code == 200
    call.server.state.tasklist = False
    assert refused(await call.get("tasklist")) == (404, "APIGW.0101")


async def test_a_delay(call):
    call.server.faults.delay_seconds = 30.0
    with pytest.raises(httpx.ReadTimeout):
        await call.http.get(call.server.url, timeout=0.05)
    call.server.faults.delay_seconds = 0.01
    assert (await call.get("instances")).status_code == 200


async def test_control(call):
    control = f"{call.server.url}/_control"
    set_to = (await call.http.post(f"{control}/faults", json={"status_429": 1, "job_fails_with": "disk"})).json()
    assert (set_to["status_429"], set_to["job_fails_with"], set_to["unavailable"]) == (1, "disk", False)
    assert (await call.http.get(f"{control}/faults")).json() == set_to
    for wrong in ({"nonsense": 1}, {"status_429": -1}, {"status_429": True}, {"unavailable": 1}, {"delay_seconds": "1"}):
        answer = await call.http.post(f"{control}/faults", json={"job_hangs": True, **wrong})
        assert (answer.status_code, call.server.faults.job_hangs) == (400, False)
    assert (await call.http.delete(f"{control}/faults")).json()["status_429"] == 0
    await call.recover(from_backup())
    state = (await call.http.get(f"{control}/state")).json()
    assert [instance["name"] for instance in state["instances"]][:2] == ["orders-prod", "orders-staging"]
    assert state["jobs"][0]["percent"] == 0
    (made,) = (await call.http.get(f"{control}/calls")).json()["calls"]
    assert (made["method"], made["path"], made["status"]) == ("POST", f"/v3/{PROJECT}/instances/recovery", 200)
    assert made["body"] == from_backup()
    assert (await call.http.get(f"{control}/nonsense")).status_code == 404


async def test_pages_of_this_machine_may_use_control(call):
    for origin, allowed in (("http://127.0.0.1:8082", True), ("http://localhost", True), ("https://example.com", False)):
        answer = await call.http.options(f"{call.server.url}/_control/faults", headers={"Origin": origin})
        assert answer.status_code == 204
        assert ("Access-Control-Allow-Origin" in answer.headers) is allowed


async def test_every_call_is_noted(call):
    await call.get("instances", limit=1)
    await call.http.get(f"{call.server.url}/v3/{PROJECT}/jobs?id=1")
    await call.recover({"source": 1})
    await call.http.get(f"{call.server.url}/nonsense")
    noted = [
        (made.method, made.path.rsplit("/", 1)[1], made.query, made.status, made.error_code) for made in call.server.calls
    ]
    assert noted == [
        ("GET", "instances", "limit=1", 200, None),
        ("GET", "jobs", "id=1", 401, "APIGW.0301"),
        ("POST", "recovery", "", 400, "DBS.280001"),
        ("GET", "nonsense", "", 404, "APIGW.0101"),
    ]


async def test_a_restart(tmp_path):
    """Instances, backups and jobs go on where they stopped; a port can be taken again."""
    kept, clock = tmp_path / "cloud.json", Clock()
    async with running(clock=clock, state_file=kept) as call:
        job_id = (await call.recover(from_backup())).json()["job_id"]
        call.server.state.instances[PG_A].status = "FROZEN"
        port = int(call.server.url.rpartition(":")[2])
        await call.server.stop()
        await call.server.start(port=port)
        assert (await call.get("instances")).status_code == 200
    clock.at += 10.0
    async with running(clock=clock, state_file=kept) as call:
        job = (await call.get("jobs", id=job_id)).json()["job"]
        assert (job["status"], job["process"]) == ("Running", "50%")
        assert [await call.status(one) for one in (MY_A, MY_B, PG_A)] == ["ACTIVE", "RESTORING", "FROZEN"]
        assert call.server.state.instances[MY_REPLICA].replica_of == MY_A


async def test_a_port_that_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = RdsServer(small_cloud())
        with pytest.raises(OSError, match="address already in use"):
            await server.start(port=taken.getsockname()[1])
        await server.stop()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"id": MY_B}, {"orders-staging"}),
        ({"id": f"*{MY_B[20:]}"}, {"orders-staging"}),
        ({"id": ident(99)}, set()),
        ({"name": "orders-prod"}, {"orders-prod"}),
        ({"name": "orders"}, set()),
        ({"name": "*prod"}, {"orders-prod", "billing-prod", "crm-prod"}),
        ({"datastore_type": "PostgreSQL"}, {"billing-prod", "billing-staging"}),
        ({"type": "Replica"}, {"orders-replica"}),
        ({"datastore_type": "MySQL", "type": "Ha"}, {"orders-prod"}),
        ({"group_type": "flexus"}, set()),
        ({"tags": "env=prod"}, {"billing-prod"}),
        ({"tags": "env"}, {"billing-prod"}),
        ({"tags": "env=dev"}, set()),
        ({"offset": "5"}, {"crm-prod", "crm-test"}),
        ({"offset": "5", "limit": "1"}, {"crm-prod"}),
    ],
)
async def test_filters_of_instances(call, query, names):
    answer = (await call.get("instances", **query)).json()
    assert {instance["name"] for instance in answer["instances"]} == names
    if "offset" in query:
        assert answer["total_count"] == 7


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "x"},
        {"offset": "-1"},
        {"datastore_type": "mysql"},
        {"type": "single"},
        {"group_type": "other"},
    ],
)
async def test_wrong_filters_of_instances(call, query):
    assert refused(await call.get("instances", **query)) == (400, "DBS.280001")


async def test_flexus_instances_are_listed_apart(call):
    call.server.state.instances[SQL_A].flexus = True
    assert (await call.get("instances")).json()["total_count"] == 6
    flexus = (await call.get("instances", group_type="flexus")).json()
    assert [instance["id"] for instance in flexus["instances"]] == [SQL_A]


async def test_the_shape_of_an_instance(call):
    (sql_server,) = (await call.get("instances", id=SQL_A)).json()["instances"]
    assert sql_server["datastore"] == {"type": "SQLServer", "version": "2019_SE"}
    (replica,) = (await call.get("instances", id=MY_REPLICA)).json()["instances"]
    assert replica["related_instance"] == [{"id": MY_A, "type": "replica_of"}]
    assert replica["created"] == "2027-01-06T08:00:00+0000"
    assert [node["role"] for node in replica["nodes"]] == ["readreplica"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 1),
        ({"backup_id": FULL_A}, 1),
        ({"backup_id": "other"}, 0),
        ({"backup_type": "manual"}, 0),
        ({"status": "COMPLETED"}, 1),
        ({"status": "FAILED"}, 0),
        ({"offset": "1"}, 0),
        ({"begin_time": "2027-01-14T08:00:00+0000", "end_time": "2027-01-14T10:00:00+0200"}, 1),
        ({"begin_time": "2027-01-14T08:00:01+0000", "end_time": "2027-01-15T10:00:00+0000"}, 0),
    ],
)
async def test_filters_of_backups(call, query, count):
    answer = (await call.get("backups", instance_id=MY_A, **query)).json()
    assert len(answer["backups"]) == count


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, (400, "DBS.280001")),
        ({"instance_id": ident(99)}, (404, "DBS.200002")),
        ({"instance_id": MY_A, "backup_type": "full"}, (400, "DBS.280001")),
        ({"instance_id": MY_A, "status": "DONE"}, (400, "DBS.280001")),
        ({"instance_id": MY_A, "begin_time": "2027-01-14T08:00:00+0000"}, (400, "DBS.280001")),
        (
            {"instance_id": MY_A, "begin_time": "2027-01-14T08:00:00Z", "end_time": "2027-01-15T08:00:00Z"},
            (400, "DBS.280001"),
        ),
        ({"instance_id": MY_A, "begin_time": "yesterday", "end_time": "today"}, (400, "DBS.280001")),
    ],
)
async def test_wrong_filters_of_backups(call, query, expected):
    assert refused(await call.get("backups", **query)) == expected


async def test_restorable_times_of_a_day(call):
    async def ranges(date):
        answer = await call.get(f"instances/{MY_A}/restore-time", date=date)
        return [(span["start_time"] / 1000, span["end_time"] / 1000) for span in answer.json()["restore_time"]]

    midnight = NOW - 8 * 3600
    assert await ranges("2027-01-12") == []
    assert await ranges("2027-01-13") == [(WINDOW[0], midnight - DAY - 0.001)]
    assert await ranges("2027-01-14") == [(midnight - DAY, midnight - 0.001)]
    assert await ranges("2027-01-15") == [(midnight, WINDOW[1])]
    assert refused(await call.get(f"instances/{MY_A}/restore-time", date="15.01.2027")) == (400, "DBS.280001")


async def test_reads_that_are_refused(call):
    assert refused(await call.get(f"instances/{MY_A}/recovery-time")) == (400, "DBS.280238")
    assert refused(await call.get(f"instances/{ident(99)}/configurations")) == (404, "DBS.200002")
    assert refused(await call.get(f"instances/{SQL_A}/database/detail", limit=1)) == (400, "DBS.280001")
    assert refused(await call.get("jobs", id="unknown")) == (400, "DBS.200543")
    assert refused(await call.get("tasklist", limit=51)) == (400, "DBS.280001")
    assert refused(await call.get("tasklist", start_time=1)) == (400, "DBS.280001")
    assert refused(await call.get("tasklist", status="Done")) == (400, "DBS.280001")
    assert refused(await call("POST", f"/v3/{PROJECT}/instances", {})) == (404, "APIGW.0101")
    assert (await call("GET", f"/v3/{OTHER_PROJECT}/instances")).json()["total_count"] == 0


async def test_table_name_case_is_told_where_it_is_known(call):
    async def told(instance_id):
        answer = (await call.get(f"instances/{instance_id}/configurations")).json()
        return [setting["value"] for setting in answer["configuration_parameters"] if "lower_case" in setting["name"]]

    assert await told(MY_A) == ["1"]
    call.server.state.instances[MY_A].lower_case_table_names = None
    assert await told(MY_A) == []


async def test_pages_of_the_task_list(call, clock):
    """Newest first; a time span leaves out what is planned to end after it."""
    created = []
    for target in (MY_B, MY_A, MY_B):
        created.append((await call.recover(from_backup(target=target))).json()["job_id"])
        clock.at += 30.0
    listed = (await call.get("tasklist")).json()
    assert [task["id"] for task in listed["tasks"]] == created[::-1]
    assert (listed["actions"], listed["total_count"]) == (["RestoreMysqlInInstance"], 3)
    page = (await call.get("tasklist", offset=1, limit=1)).json()
    assert ([task["id"] for task in page["tasks"]], page["total_count"]) == ([created[1]], 3)
    ours = (await call.get("tasklist", instance_id=MY_B, status="Completed")).json()
    assert [task["id"] for task in ours["tasks"]] == [created[2], created[0]]
    span = {"start_time": round((NOW + 30) * 1000), "end_time": round((NOW + 60) * 1000)}
    assert [task["id"] for task in (await call.get("tasklist", **span)).json()["tasks"]] == [created[1]]
    assert (await call.get("tasklist", id=created[0])).json()["total_count"] == 1
    assert (await call.get("tasklist", name="Other")).json()["total_count"] == 0


def test_the_demo_s_cloud():
    state = scenario.demo_cloud(NOW)
    again = scenario.demo_cloud(NOW + 1000.0)
    assert list(state.instances) == list(again.instances)
    assert list(state.backups) == list(again.backups)
    assert {project.id for project in state.projects} == {scenario.PROJECT_ID}
    prod, staging = state.named("orders-prod"), state.named("orders-staging")
    dropped = round((NOW - 41 * 60) * 1000)
    spans = restorable_ranges(state, prod, NOW)
    assert len(spans) == 2
    assert spans[-1][0] < dropped < spans[-1][1] == round((NOW - 240) * 1000)
    assert (prod.complete_version, prod.type) == (staging.complete_version, "Ha")
    assert prod.storage_gb <= staging.storage_gb
    statuses = {instance.name: instance_status(state, instance, NOW) for instance in state.instances.values()}
    assert statuses["payments-prod"] == "BACKING UP"
    assert {statuses["shop-archive"], statuses["warehouse"], statuses["orders-prod"]} == {"FROZEN", "MODIFYING", "ACTIVE"}
    assert {backup.type for backup in state.backups.values()} == {"auto", "manual", "incremental", "fragment"}
    assert {backup.outcome for backup in state.backups_of(prod.id)} == {"COMPLETED", "FAILED"}
    with pytest.raises(KeyError):
        state.named("unknown")


async def test_the_demo_s_restore():
    """The story of the demo comes to a good end: the moment before the drop, onto staging."""
    clock = Clock()
    state = scenario.demo_cloud(NOW)
    server = RdsServer(state, now=clock)
    await server.start()
    prod, staging = state.named("orders-prod"), state.named("orders-staging")
    body = {
        "source": {"instance_id": prod.id, "type": "timestamp", "restore_time": round((NOW - 41 * 60) * 1000)},
        "target": {"instance_id": staging.id},
    }
    async with httpx.AsyncClient(base_url=f"{server.url}/v3.1/{scenario.PROJECT_ID}", verify=False) as http:
        assert (await http.post("/instances/recovery", json=body)).status_code == 202
    clock.at += 30.0
    assert instance_status(state, staging, clock.at) == "ACTIVE"
    await server.stop()
