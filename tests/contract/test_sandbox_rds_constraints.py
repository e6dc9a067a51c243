"""What a restore needs, each constraint on both sides of its boundary. Source: recovery API, constraints and codes."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.rds.state import Backup, CloudState, Job
from tests.contract.rds_world import (
    FULL_A,
    FULL_PG,
    FULL_SQL,
    MY_A,
    MY_B,
    MY_REPLICA,
    NOW,
    OTHER_PROJECT,
    PG_A,
    PG_B,
    SQL_A,
    SQL_B,
    WINDOW,
    Clock,
    at_time,
    from_backup,
    ident,
    refused,
    running,
    small_cloud,
)

Change = Callable[[CloudState], object]
MYSQL = from_backup()
POSTGRESQL = from_backup(PG_A, PG_B, FULL_PG)
SQLSERVER = from_backup(SQL_A, SQL_B, FULL_SQL)


def put(*ids: str, **values: Any) -> Change:
    """Set attributes of instances or backups."""

    def change(state: CloudState) -> None:
        for one in ids:
            thing: Any = state.instances.get(one) or state.backups[one]
            for name, value in values.items():
                setattr(thing, name, value)

    return change


def setting(**values: Any) -> Change:
    def change(state: CloudState) -> None:
        for name, value in values.items():
            setattr(state, name, value)

    return change


def versions(source: str, target: str, ids: tuple[str, str] = (MY_A, MY_B), *, kernel: bool = True) -> Change:
    """Versions of source and target: kernel versions of MySQL, or plain ones."""

    def change(state: CloudState) -> None:
        for one, version in zip(ids, (source, target), strict=True):
            state.instances[one].version = version.rsplit(".", 2)[0] if kernel else version
            state.instances[one].complete_version = version if kernel else ""

    return change


def editions(source: str, target: str) -> Change:
    return versions(source, target, (SQL_A, SQL_B), kernel=False)


def nothing(_: CloudState) -> None:
    """The world as it is."""


def renamed(**names: str) -> dict[str, Any]:
    return from_backup(SQL_A, SQL_B, FULL_SQL, database_name=names)


ACCEPTED: dict[str, tuple[Change, dict[str, Any]]] = {
    "backup": (nothing, MYSQL),
    "type left out": (nothing, {"source": {"instance_id": MY_A, "backup_id": FULL_A}, "target": {"instance_id": MY_B}}),
    "null is absent": (nothing, from_backup(restore_time=None)),
    "onto itself": (nothing, from_backup(MY_A, MY_A)),
    "PostgreSQL": (nothing, POSTGRESQL),
    "PostgreSQL onto itself": (nothing, from_backup(PG_A, PG_A, FULL_PG)),
    "first moment": (nothing, at_time(WINDOW[0])),
    "last moment": (nothing, at_time(WINDOW[1])),
    "same storage": (put(MY_A, MY_B, storage_gb=100), MYSQL),
    "more storage": (put(MY_B, storage_gb=101), MYSQL),
    "5.7, newer kernel": (versions("5.7.41.5", "5.7.41.6"), MYSQL),
    "5.7, same kernel": (versions("5.7.41.5", "5.7.41.5"), MYSQL),
    "8.0, same kernel": (versions("8.0.32.6", "8.0.32.6"), MYSQL),
    "PostgreSQL, newer minor": (put(PG_B, complete_version="15.5.1"), POSTGRESQL),
    "2019 SE to 2022 EE": (editions("2019_SE", "2022_EE"), SQLSERVER),
    "2019 EE to SE": (editions("2019_EE", "2019_SE"), SQLSERVER),
    "same unknown edition": (editions("2016_WEB", "2016_WEB"), SQLSERVER),
    "table name case unknown": (put(MY_B, lower_case_table_names=None), MYSQL),
    "manual backup": (put(FULL_A, type="manual"), MYSQL),
    "backup just done": (put(FULL_A, begins_at=NOW - 600.0), MYSQL),
    "source being backed up": (
        lambda state: state.add_backup(Backup(ident(9, "br01"), MY_A, "running", NOW - 5, 60.0)),
        MYSQL,
    ),
    "source has failed": (put(MY_A, status="FAILED"), MYSQL),
    "SQL Server, all": (nothing, SQLSERVER),
    "SQL Server, some": (nothing, renamed(db1="new1", db3="")),
    "SQL Server, copies": (nothing, renamed(db1="db1,copy1", db2="copy2,copy3", db3="")),
    "SQL Server, longest name": (nothing, renamed(db1="n" * 64)),
    "SQL Server, up to the quota": (setting(databases_quota=3), renamed(db1="new1", db2="new2")),
}

REFUSED: dict[str, tuple[Change, Any, tuple[int, str]]] = {
    "no body": (nothing, None, (400, "DBS.200006")),
    "a list": (nothing, [], (400, "DBS.200001")),
    "no target": (nothing, {"source": MYSQL["source"]}, (400, "DBS.280001")),
    "no source": (nothing, {"target": MYSQL["target"]}, (400, "DBS.280001")),
    "unknown field": (nothing, MYSQL | {"dry_run": True}, (400, "DBS.280001")),
    "unknown source field": (nothing, from_backup(force=True), (400, "DBS.280001")),
    "field of v3.1": (nothing, from_backup(restore_all_database=True), (400, "DBS.280001")),
    "unknown type": (nothing, from_backup(type="snapshot"), (400, "DBS.280001")),
    "no backup id": (nothing, from_backup(backup_id=None), (400, "DBS.280001")),
    "backup with a time": (nothing, from_backup(restore_time=1), (400, "DBS.280001")),
    "time with a backup": (nothing, from_backup(type="timestamp", restore_time=1), (400, "DBS.280001")),
    "time without its type": (
        nothing,
        {"source": {"instance_id": MY_A, "restore_time": 1}, "target": {"instance_id": MY_B}},
        (400, "DBS.280001"),
    ),
    "time as text": (
        nothing,
        {"source": {"instance_id": MY_A, "type": "timestamp", "restore_time": "1"}, "target": {"instance_id": MY_B}},
        (400, "DBS.280001"),
    ),
    "no instance id": (nothing, from_backup(target=""), (400, "DBS.280001")),
    "id of a wrong form": (nothing, from_backup(target="orders-staging"), (400, "DBS.280404")),
    "unknown target": (nothing, from_backup(target=ident(99)), (404, "DBS.200002")),
    "unknown source": (nothing, from_backup(source=ident(99)), (404, "DBS.200013")),
    "target of another project": (put(MY_B, project_id=OTHER_PROJECT), MYSQL, (404, "DBS.200002")),
    "other engine": (nothing, from_backup(target=PG_B), (400, "DBS.200040")),
    "target is a replica": (nothing, from_backup(target=MY_REPLICA), (409, "DBS.280406")),
    "source is a replica": (nothing, from_backup(source=MY_REPLICA), (409, "DBS.280406")),
    "behind DDM": (put(MY_B, associated_with_ddm=True), MYSQL, (409, "DBS.280406")),
    "PostgreSQL onto itself": (
        setting(postgresql_onto_itself=False),
        from_backup(PG_A, PG_A, FULL_PG),
        (409, "DBS.200402"),
    ),
    "less storage": (put(MY_B, storage_gb=99), MYSQL, (400, "DBS.200306")),
    "5.7, older kernel": (versions("5.7.41.5", "5.7.41.4"), MYSQL, (400, "DBS.200037")),
    "5.7, shorter older kernel": (versions("5.7.41.10", "5.7.41.9"), MYSQL, (400, "DBS.200037")),
    "5.6 to 5.7": (versions("5.6.51.1", "5.7.41.5"), MYSQL, (400, "DBS.200037")),
    "5.7 to 8.0": (versions("5.7.41.5", "8.0.32.6"), MYSQL, (400, "DBS.200037")),
    "8.0, newer kernel": (versions("8.0.32.6", "8.0.32.7"), MYSQL, (400, "DBS.200037")),
    "PostgreSQL 14": (put(PG_B, version="14"), POSTGRESQL, (400, "DBS.200037")),
    "PostgreSQL 16": (put(PG_B, version="16"), POSTGRESQL, (400, "DBS.200037")),
    "2019 EE to 2022 SE": (editions("2019_EE", "2022_SE"), SQLSERVER, (400, "DBS.200037")),
    "2017 EE to SE": (editions("2017_EE", "2017_SE"), SQLSERVER, (400, "DBS.200037")),
    "2022 to 2019": (editions("2022_SE", "2019_SE"), SQLSERVER, (400, "DBS.200037")),
    "unknown edition": (editions("2016_WEB", "2019_SE"), SQLSERVER, (400, "DBS.200037")),
    "table name case": (put(MY_B, lower_case_table_names="0"), MYSQL, (400, "DBS.280238")),
    "unknown backup": (nothing, from_backup(backup=ident(99, "br01")), (404, "DBS.201010")),
    "backup that does not exist yet": (put(FULL_A, begins_at=NOW + 1), MYSQL, (404, "DBS.201010")),
    "backup of another": (nothing, from_backup(backup=FULL_PG), (400, "DBS.280214")),
    "incremental": (put(FULL_A, type="incremental"), MYSQL, (400, "DBS.201207")),
    "fragment": (put(FULL_A, type="fragment"), MYSQL, (400, "DBS.201207")),
    "backup being made": (put(FULL_A, begins_at=NOW - 599.0), MYSQL, (400, "DBS.201208")),
    "failed backup": (put(FULL_A, outcome="FAILED"), MYSQL, (400, "DBS.201208")),
    "backup being deleted": (put(FULL_A, outcome="DELETING"), MYSQL, (400, "DBS.201208")),
    "before the range": (nothing, at_time(WINDOW[0] - 0.001), (400, "DBS.280204")),
    "after the range": (nothing, at_time(WINDOW[1] + 0.001), (400, "DBS.280204")),
    "in the future": (put(MY_A, ranges=[]), at_time(NOW + 0.001), (400, "DBS.280204")),
    "no range": (nothing, at_time(NOW - 60, SQL_A, SQL_B), (400, "DBS.280204")),
    "source frozen": (put(MY_A, status="FROZEN"), MYSQL, (400, "DBS.280449")),
    "target frozen": (put(MY_B, status="FROZEN"), MYSQL, (400, "DBS.280449")),
    "target full": (put(MY_B, status="STORAGE FULL"), MYSQL, (409, "DBS.200316")),
    "target off": (put(MY_B, status="SHUTDOWN"), MYSQL, (400, "DBS.200086")),
    "target being changed": (put(MY_B, status="MODIFYING"), MYSQL, (409, "DBS.200019")),
    "target of unknown status": (put(MY_B, status="RESTORE FAILED"), MYSQL, (409, "DBS.200019")),
    "target being backed up": (
        lambda state: state.add_backup(Backup(ident(9, "br01"), MY_B, "running", NOW - 5, 60.0)),
        MYSQL,
        (409, "DBS.201205"),
    ),
    "target being restored": (
        lambda state: state.add_job(Job("job", "RestoreMysqlInInstance", MY_B, MY_A, NOW - 5, 60.0)),
        MYSQL,
        (409, "DBS.200019"),
    ),
    "source being restored": (
        lambda state: state.add_job(Job("job", "RestoreMysqlInInstance", MY_A, MY_A, NOW - 5, 60.0)),
        MYSQL,
        (409, "DBS.200019"),
    ),
    "names for MySQL": (nothing, from_backup(database_name={"a": "b"}), (400, "DBS.280001")),
    "no names": (nothing, renamed(), (400, "DBS.280001")),
    "names of a wrong type": (nothing, renamed(db1=None), (400, "DBS.280001")),  # type: ignore[arg-type]
    "unknown database": (nothing, renamed(db9=""), (400, "DBS.280128")),
    "not in the backup": (put(FULL_SQL, databases=["db1"]), renamed(db2=""), (400, "DBS.280128")),
    "name twice": (nothing, renamed(db1="new1,NEW1"), (400, "DBS.201035")),
    "name of two": (nothing, renamed(db1="new1", db2="new1"), (400, "DBS.201035")),
    "name that the source has": (nothing, renamed(db1="DB2"), (400, "DBS.201035")),
    "name that the target has": (nothing, renamed(db1="Old"), (400, "DBS.201035")),
    "name too long": (nothing, renamed(db1="n" * 65), (400, "DBS.280001")),
    "name with a space": (nothing, renamed(db1="new 1"), (400, "DBS.280001")),
    "reserved word": (nothing, renamed(db1="my_MASTER_copy"), (400, "DBS.280001")),
    "beyond the quota": (setting(databases_quota=2), renamed(db1="new1", db2="new2"), (400, "DBS.280204")),
}


@pytest.mark.parametrize("name", ACCEPTED)
async def test_accepted(name):
    change, body = ACCEPTED[name]
    state = small_cloud()
    change(state)
    async with running(state) as call:
        answer = await call.recover(body)
        assert answer.status_code == 200, answer.text
        assert state.jobs[answer.json()["job_id"]].instance_id == body["target"]["instance_id"]


@pytest.mark.parametrize("name", REFUSED)
async def test_refused(name):
    change, body, expected = REFUSED[name]
    state = small_cloud()
    change(state)
    before = set(state.jobs)
    async with running(state) as call:
        answer = await call.recover(body)
        assert refused(answer) == expected, answer.text
        assert answer.headers["X-Request-Id"]
        assert set(state.jobs) == before


V31: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    "all": (SQLSERVER, {"restore_all_database": True}, 202),
    "some": (SQLSERVER, {"database_name": {"db1": ""}, "restore_all_database": False}, 202),
    "neither": (SQLSERVER, {}, 400),
    "not all": (SQLSERVER, {"restore_all_database": False}, 400),
    "both": (SQLSERVER, {"database_name": {"db1": ""}, "restore_all_database": True}, 400),
    "not a boolean": (SQLSERVER, {"restore_all_database": "true"}, 400),
    "the flag for another engine": (MYSQL, {"restore_all_database": True}, 202),
    "no flag for another engine": (MYSQL, {}, 202),
}


@pytest.mark.parametrize("name", V31)
async def test_v31(name):
    body, more, status = V31[name]
    async with running() as call:
        answer = await call.recover({**body, "source": {**body["source"], **more}}, "v3.1")
        assert answer.status_code == status, answer.text


async def test_a_region_without_v31():
    state = small_cloud()
    state.v31 = False
    async with running(state) as call:
        assert refused(await call.recover(MYSQL, "v3.1")) == (404, "APIGW.0101")
        assert (await call.recover(MYSQL)).status_code == 200


async def test_one_operation_at_a_time():
    """The target is held from the call until the backup that follows the restore is done, even while it looks free."""
    clock = Clock()
    async with running(clock=clock) as call:
        await call.recover(MYSQL)
        assert await call.status(MY_B) == "ACTIVE"
        assert refused(await call.recover(MYSQL)) == (409, "DBS.200019")
        assert refused(await call.back_up({"instance_id": MY_B, "name": "now1"})) == (409, "DBS.200019")
        clock.at += 20.0
        assert refused(await call.recover(MYSQL)) == (409, "DBS.201205")
        clock.at += 4.0
        assert (await call.recover(MYSQL)).status_code == 200


BACKUPS: dict[str, tuple[Change, dict[str, Any], int, str | None]] = {
    "shortest name": (nothing, {"name": "abcd"}, 200, None),
    "longest name": (nothing, {"name": "a" + "-" * 63}, 200, None),
    "name too short": (nothing, {"name": "abc"}, 400, "DBS.280001"),
    "name too long": (nothing, {"name": "a" * 65}, 400, "DBS.280001"),
    "name begins with a digit": (nothing, {"name": "1abc"}, 400, "DBS.280001"),
    "no name": (nothing, {}, 400, "DBS.280001"),
    "name taken": (put(FULL_A, name="taken"), {"name": "taken"}, 409, "DBS.201201"),
    "longest description": (nothing, {"name": "abcd", "description": "d" * 256}, 200, None),
    "description too long": (nothing, {"name": "abcd", "description": "d" * 257}, 400, "DBS.280001"),
    "description with a quote": (nothing, {"name": "abcd", "description": "before 'R-1'"}, 400, "DBS.280001"),
    "unknown field": (nothing, {"name": "abcd", "type": "manual"}, 400, "DBS.280001"),
    "databases of MySQL": (nothing, {"name": "abcd", "databases": [{"name": "a"}]}, 400, "DBS.280238"),
    "databases": (nothing, {"name": "abcd", "databases": [{"name": "db1"}], "instance_id": SQL_A}, 200, None),
    "unknown databases": (
        nothing,
        {"name": "abcd", "databases": [{"name": "db9"}], "instance_id": SQL_A},
        400,
        "DBS.280128",
    ),
    "databases of a wrong type": (nothing, {"name": "abcd", "databases": ["db1"]}, 400, "DBS.280001"),
    "no instance": (nothing, {"name": "abcd", "instance_id": None}, 400, "DBS.280001"),
    "unknown instance": (nothing, {"name": "abcd", "instance_id": ident(99)}, 404, "DBS.200002"),
    "replica": (nothing, {"name": "abcd", "instance_id": MY_REPLICA}, 409, "DBS.280406"),
    "not available": (put(MY_B, status="REBOOTING"), {"name": "abcd"}, 409, "DBS.200019"),
}


@pytest.mark.parametrize("name", BACKUPS)
async def test_manual_backup(name):
    change, body, status, code = BACKUPS[name]
    state = small_cloud()
    change(state)
    async with running(state) as call:
        answer = await call.back_up({"instance_id": MY_B, **body})
        assert answer.status_code == status, answer.text
        assert answer.json().get("error_code") == code
