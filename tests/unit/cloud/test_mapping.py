from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.cloud.mapping import backup_of, instance_of, job_of, milliseconds, moment, task_of, windows_of
from bot.cloud.models import BackupAnswer, InstanceAnswer, JobEntry, RestoreTimeAnswer, TaskEntry
from bot.domain.facts import Window
from bot.domain.request import Job, JobStatus
from tests.unit.cloud.world import an_instance


def test_an_instance():
    answer = InstanceAnswer.model_validate(
        an_instance(
            7,
            time_zone="UTC+08:00",
            vpc_id="v",
            related_instance=[{"id": "r", "type": "replica"}, {"id": "p", "type": "replica_of"}],
            tags=[{"key": "team", "value": "orders"}],
            disk_encryption_id="",
            associated_with_ddm=True,
        )
    )
    instance = instance_of(answer, lower_case_table_names="1")
    assert (instance.name, instance.engine, instance.version) == ("orders-007", "MySQL", "5.7.41.5")
    assert (instance.storage_gb, instance.replica_of, instance.vpc_id) == (100, "p", "v")
    assert (instance.encrypted, instance.associated_with_ddm, instance.lower_case_table_names) == (False, True, "1")
    assert instance.tags == (("team", "orders"),)


def test_what_the_cloud_does_not_tell_stays_unknown():
    answer = InstanceAnswer.model_validate(
        {
            "id": "i",
            "name": "n",
            "status": "CREATE FAIL",
            "datastore": {"type": "SQLServer", "version": "2019_SE", "complete_version": ""},
            "related_instance": None,
            "tags": None,
        }
    )
    instance = instance_of(answer)
    assert instance.version == "2019_SE"
    assert (instance.storage_gb, instance.encrypted, instance.time_zone, instance.replica_of) == (None, None, None, None)


@pytest.mark.parametrize("missing", ["id", "name", "status", "datastore"])
def test_what_we_rely_on_must_be_there(missing):
    entry = an_instance()
    del entry[missing]
    with pytest.raises(ValidationError):
        InstanceAnswer.model_validate(entry)


def test_a_backup():
    backup = backup_of(
        BackupAnswer.model_validate(
            {
                "id": "b",
                "name": "nightly",
                "instance_id": "i",
                "type": "auto",
                "size": 2803,
                "status": "COMPLETED",
                "begin_time": "2018-08-06T12:41:14+0800",
                "end_time": "2018-08-06T12:43:14+0800",
                "databases": [{"name": "db1"}],
            }
        )
    )
    assert backup.began_at == datetime(2018, 8, 6, 4, 41, 14, tzinfo=UTC)
    assert backup.began_at.utcoffset() == timedelta(0)
    assert backup.ended_at == datetime(2018, 8, 6, 4, 43, 14, tzinfo=UTC)
    assert (backup.size_kb, backup.databases) == (2803, ("db1",))


@pytest.mark.parametrize("blank", [{"end_time": ""}, {"end_time": None}, {}])
def test_a_backup_being_made(blank):
    entry = {"id": "b", "name": "n", "instance_id": "i", "type": "manual", "status": "BUILDING"}
    backup = backup_of(BackupAnswer.model_validate({**entry, "begin_time": "2016-09-12T01:17:05", **blank}))
    assert backup.began_at == datetime(2016, 9, 12, 1, 17, 5, tzinfo=UTC)
    assert (backup.ended_at, backup.size_kb, backup.databases) == (None, None, ())


def test_windows_come_oldest_first():
    answer = RestoreTimeAnswer.model_validate(
        {"restore_time": [{"start_time": 2000, "end_time": 3001}, {"start_time": 0, "end_time": 1000}]}
    )
    assert windows_of(answer) == (Window(moment(0), moment(1000)), Window(moment(2000), moment(3001)))
    assert windows_of(RestoreTimeAnswer.model_validate({"restore_time": None})) == ()


@pytest.mark.parametrize("number", [-1, 10**18])
def test_a_time_outside_the_calendar_is_not_taken(number):
    with pytest.raises(ValidationError):
        RestoreTimeAnswer.model_validate({"restore_time": [{"start_time": number, "end_time": number}]})


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001
def test_milliseconds_are_exact(naive):
    exact = naive.replace(tzinfo=UTC, microsecond=naive.microsecond // 1000 * 1000)
    assert moment(milliseconds(exact)) == exact
    assert milliseconds(exact.astimezone(timezone(timedelta(hours=8)))) == milliseconds(exact)


def test_the_documented_millisecond():
    assert moment(1532001446987).date() == date(2018, 7, 19)
    assert milliseconds(moment(1532001446987)) == 1532001446987


@pytest.mark.parametrize(
    ("process", "percent"),
    [("60%", 60), ("60", 60), (60, 60), ("", None), (None, None), ("150%", 100), ("-3", 0), ("soon", None), ("1e999", None)],
)
def test_progress_as_the_cloud_writes_it(process, percent):
    assert job_of(JobEntry(id="j", status="Running", process=process)) == Job("j", JobStatus.RUNNING, percent)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Completed", JobStatus.COMPLETED),
        ("Complete", JobStatus.COMPLETED),
        ("COMPLETED", JobStatus.COMPLETED),
        ("Failed", JobStatus.FAILED),
        ("Running", JobStatus.RUNNING),
        ("Pending", JobStatus.RUNNING),
    ],
)
def test_how_a_job_stands(status, expected):
    assert job_of(JobEntry(id="j", status=status, process="")).status is expected


def test_only_a_failed_job_has_a_reason():
    assert job_of(JobEntry(id="j", status="Failed", fail_reason="disk")).reason == "disk"
    assert job_of(JobEntry(id="j", status="Failed", fail_reason=" ")).reason is None
    assert job_of(JobEntry(id="j", status="Completed", fail_reason="old")).reason is None


def test_a_task_without_instance_or_time_is_no_evidence():
    entry = {"id": "t", "name": "RestoreX", "status": "Running", "instance_id": "i"}
    assert task_of(TaskEntry.model_validate(entry)) is None
    entry["create_time"] = "2020-07-15T07:46:10+0000"
    task = task_of(TaskEntry.model_validate(entry))
    assert task is not None
    assert task.created_at == datetime(2020, 7, 15, 7, 46, 10, tzinfo=UTC)
    assert task_of(TaskEntry.model_validate({**entry, "instance_id": ""})) is None
