"""The vendor's own client works against the sandbox, unchanged."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import huaweicloudsdkrds.v3 as sdk
import pytest
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_config import HttpConfig

from bot.sandbox.rds.server import RdsServer
from tests.contract.rds_world import (
    FULL_A,
    FULL_SQL,
    MY_A,
    MY_B,
    NOW,
    PG_A,
    PROJECT,
    REGION,
    SQL_A,
    SQL_B,
    USER,
    Caller,
    running,
    small_cloud,
)

REAL_NOW = time.time()


@pytest.fixture
async def cloud():
    """A cloud in today's time: the vendor's client signs by the machine's clock."""
    state = small_cloud()
    shift = REAL_NOW - NOW
    for backup in state.backups.values():
        backup.begins_at += shift
    for instance in state.instances.values():
        for span in instance.ranges:
            span.start += shift
            span.end = span.end + shift if span.end is not None else None
    state.job_visible_after = 0.0
    async with running(state, time.time) as caller:
        yield caller


@contextmanager
def client(url: str, credentials: BasicCredentials) -> Iterator[sdk.RdsClient]:
    config = HttpConfig.get_default_config()
    config.ignore_ssl_verification = True
    built = sdk.RdsClient.new_builder().with_http_config(config).with_credentials(credentials).with_endpoint(url).build()
    try:
        yield built
    finally:
        built._http_client._session.close()
        built._http_client._executor.shutdown()


async def call(caller: Caller, ask: Callable[[sdk.RdsClient], Any], credentials: BasicCredentials | None = None) -> Any:
    used = credentials or BasicCredentials("AKTEST", "SKTEST", PROJECT)

    def in_thread() -> Any:
        with client(caller.server.url, used) as built:
            return ask(built)

    return await asyncio.to_thread(in_thread)


def recovery(request: Any, source: Any, target: str) -> Any:
    body_type = {
        sdk.RestoreToExistingInstanceRequest: sdk.RestoreToExistingInstanceRequestBody,
        sdk.RestoreExistInstanceRequest: sdk.RestoreExistingInstanceRequestBody,
    }[request]
    return request(body=body_type(source=source, target=sdk.RestoreToExistingInstanceRequestBodyTarget(instance_id=target)))


async def test_lists_instances(cloud):
    answer = await call(cloud, lambda rds: rds.list_instances(sdk.ListInstancesRequest(datastore_type="MySQL", limit=2)))
    assert answer.total_count == 3
    first = answer.instances[0]
    assert (first.id, first.name, first.status, first.type) == (MY_A, "orders-prod", "ACTIVE", "Ha")
    assert (first.datastore.complete_version, first.volume.size, first.region) == ("8.0.32.6", 100, REGION)
    assert [node.role for node in first.nodes] == ["master", "slave"]
    assert first.related_instance[0].type == "replica"


async def test_lists_backups_and_restorable_times(cloud):
    backups = await call(cloud, lambda rds: rds.list_backups(sdk.ListBackupsRequest(instance_id=MY_A)))
    assert [(backup.id, backup.status, backup.size) for backup in backups.backups] == [(FULL_A, "COMPLETED", 2803)]
    times = await call(cloud, lambda rds: rds.list_restore_times(sdk.ListRestoreTimesRequest(instance_id=MY_A)))
    assert times.restore_time[0].end_time - times.restore_time[0].start_time == (2 * 86_400 - 300) * 1000
    window = await call(
        cloud, lambda rds: rds.show_recovery_time_window(sdk.ShowRecoveryTimeWindowRequest(instance_id=PG_A))
    )
    assert int(window.recovery_min_time) < int(window.recovery_max_time)


async def test_reads_parameters_and_databases(cloud):
    found = await call(
        cloud, lambda rds: rds.show_instance_configuration(sdk.ShowInstanceConfigurationRequest(instance_id=MY_A))
    )
    values = {setting.name: setting.value for setting in found.configuration_parameters}
    assert values["lower_case_table_names"] == "1"
    databases = await call(
        cloud,
        lambda rds: rds.list_sqlserver_databases(sdk.ListSqlserverDatabasesRequest(instance_id=SQL_A, page=1, limit=2)),
    )
    assert [database.name for database in databases.databases] == ["db1", "db2"]
    assert databases.total_count == 3


async def test_restores_by_v3_and_follows_the_job(cloud):
    source = sdk.RestoreToExistingInstanceRequestBodySource(instance_id=MY_A, type="backup", backup_id=FULL_A)
    request = recovery(sdk.RestoreToExistingInstanceRequest, source, MY_B)
    accepted = await call(cloud, lambda rds: rds.restore_to_existing_instance(request))
    job = (await call(cloud, lambda rds: rds.list_job_info(sdk.ListJobInfoRequest(id=accepted.job_id)))).job
    assert (job.id, job.status, job.instance.id) == (accepted.job_id, "Running", MY_B)
    assert job.process.endswith("%")
    tasks = await call(cloud, lambda rds: rds.list_tasks(sdk.ListTasksRequest(instance_id=MY_B)))
    assert [(task.id, task.name) for task in tasks.tasks] == [(accepted.job_id, "RestoreMysqlInInstance")]
    with pytest.raises(ClientRequestException) as busy:
        await call(cloud, lambda rds: rds.restore_to_existing_instance(request))
    assert (busy.value.status_code, busy.value.error_code) == (409, "DBS.200019")
    assert busy.value.request_id


async def test_restores_by_v31_to_a_moment_and_sql_server_databases(cloud):
    moment = sdk.RestoreExistingInstanceRequestBodySource(
        instance_id=MY_A, type="timestamp", restore_time=int((REAL_NOW - 3600) * 1000)
    )
    request = recovery(sdk.RestoreExistInstanceRequest, moment, MY_B)
    assert (await call(cloud, lambda rds: rds.restore_exist_instance(request))).job_id
    some = sdk.RestoreExistingInstanceRequestBodySource(
        instance_id=SQL_A, type="backup", backup_id=FULL_SQL, database_name={"db1": "dbtest1", "db3": ""}
    )
    job_id = (
        await call(cloud, lambda rds: rds.restore_exist_instance(recovery(sdk.RestoreExistInstanceRequest, some, SQL_B)))
    ).job_id
    assert cloud.server.state.jobs[job_id].databases == {"db1": "dbtest1", "db3": ""}


async def test_makes_a_manual_backup(cloud):
    body = sdk.CreateManualBackupRequestBody(instance_id=MY_B, name="before-restore", description="Before R-7KQ2M")
    made = (await call(cloud, lambda rds: rds.create_manual_backup(sdk.CreateManualBackupRequest(body=body)))).backup
    assert (made.status, made.type, made.instance_id) == ("BUILDING", "manual", MY_B)
    request = sdk.ListBackupsRequest(instance_id=MY_B, backup_id=made.id, backup_type="manual")
    listed = await call(cloud, lambda rds: rds.list_backups(request))
    assert [backup.status for backup in listed.backups] == ["BUILDING"]


async def test_temporary_credentials(cloud):
    async with httpx.AsyncClient(base_url=cloud.server.url) as iam:
        password = {"user": {"name": USER.name, "password": USER.password, "domain": {"name": USER.domain}}}
        asked = {
            "auth": {"identity": {"methods": ["password"], "password": password}, "scope": {"project": {"name": REGION}}}
        }
        token = (await iam.post("/v3/auth/tokens", json=asked)).headers["X-Subject-Token"]
        wanted = {"auth": {"identity": {"methods": ["token"], "token": {"id": token, "duration_seconds": 900}}}}
        given = (await iam.post("/v3.0/OS-CREDENTIAL/securitytokens", json=wanted)).json()["credential"]
    temporary = BasicCredentials(given["access"], given["secret"], PROJECT).with_security_token(given["securitytoken"])
    answer = await call(cloud, lambda rds: rds.list_instances(sdk.ListInstancesRequest()), temporary)
    assert answer.total_count == 7
    without = BasicCredentials(given["access"], given["secret"], PROJECT)
    with pytest.raises(ClientRequestException) as refused:
        await call(cloud, lambda rds: rds.list_instances(sdk.ListInstancesRequest()), without)
    assert (refused.value.status_code, refused.value.error_code) == (401, "APIGW.0301")


async def test_finds_the_project_by_its_region(cloud):
    """The client looks for the project's id itself where it is given none."""
    credentials = BasicCredentials("AKTEST", "SKTEST").with_iam_endpoint(cloud.server.url)

    def ask() -> Any:
        with client(cloud.server.url, credentials) as rds:
            credentials.process_auth_params(rds._http_client, REGION)
            return rds.list_instances(sdk.ListInstancesRequest(limit=1))

    answer = await asyncio.to_thread(ask)
    assert credentials.project_id == PROJECT
    assert len(answer.instances) == 1


async def test_no_keys_no_check():
    server = RdsServer(small_cloud())
    await server.start()
    async with httpx.AsyncClient() as anybody:
        assert (await anybody.get(f"{server.url}/v3/{PROJECT}/instances")).status_code == 200
    await server.stop()
