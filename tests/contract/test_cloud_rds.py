"""Our client against the local RDS API: every query, both recoveries, and what they say when things go wrong."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.cloud import inspection
from bot.cloud.inspection import ACTIONS
from bot.cloud.project import AkSk, Project
from bot.cloud.rds import HuaweiCloud
from bot.domain.condition import Status
from bot.domain.errors import Misconfigured, Unavailable
from bot.domain.facts import BackupPoint, TimePoint
from bot.domain.request import InstanceRef, JobStatus, Wish
from bot.sandbox.rds.server import RdsServer
from bot.workflow.outcome import Accepted, Rejected, Unclear
from tests.contract import rds_world as world
from tests.fakes import FixedClock


class Account:
    def __init__(self):
        self.clock = FixedClock(datetime.fromtimestamp(world.NOW, UTC))
        self.server = RdsServer(world.small_cloud(), access_keys=world.KEYS, now=lambda: self.clock.now().timestamp())

    def client(self, api_version="v3", secret="SKTEST", project_id: str | None = world.PROJECT) -> HuaweiCloud:
        project = Project(
            name="prod",
            region=world.REGION,
            endpoint=self.server.url,
            iam_endpoint=self.server.url,
            project_id=project_id,
            api_version=api_version,
            auth=AkSk("AKTEST", secret),
            calls_per_minute=60_000,
        )
        return HuaweiCloud([project], self.clock, cache_seconds=0)


@pytest.fixture
async def account():
    made = Account()
    await made.server.start()
    yield made
    await made.server.stop()


@pytest.fixture
async def cloud(account):
    async with account.client() as client:
        yield client


def wish(source=world.MY_A, target=world.MY_B, backup=world.FULL_A, at=None, **more):
    point = TimePoint(at) if at else BackupPoint(backup, "nightly", datetime.fromtimestamp(world.NOW, UTC))
    return Wish("prod", InstanceRef(source, "a"), InstanceRef(target, "b"), point, "a test", **more)


async def test_instances_with_what_only_their_engine_has(cloud):
    names = [instance.name for instance in await cloud.instances("prod")]
    assert names == sorted(names)
    assert len(names) == 7
    mysql = await cloud.instance("prod", world.MY_A)
    assert (mysql.version, mysql.kind, mysql.lower_case_table_names, mysql.databases) == ("8.0.32.6", "Ha", "1", None)
    assert (await cloud.instance("prod", world.MY_REPLICA)).replica_of == world.MY_A
    assert (await cloud.instance("prod", world.SQL_A)).databases == ("db1", "db2", "db3")
    assert (await cloud.instance("prod", world.PG_A)).tags == (("env", "prod"),)
    assert await cloud.instance("prod", world.ident(99)) is None


async def test_the_project_id_is_looked_up_by_region(account):
    async with account.client(project_id=None) as client:
        assert await client.instances("prod")


async def test_backups_belong_to_their_instance(cloud):
    assert [backup.id for backup in await cloud.backups("prod", world.MY_A)] == [world.FULL_A]
    assert (await cloud.backup("prod", world.MY_A, world.FULL_A)).size_kb == 2803
    assert await cloud.backup("prod", world.MY_B, world.FULL_A) is None


async def test_restorable_ranges(account, cloud):
    (window,) = await cloud.windows("prod", world.MY_A)
    assert (window.start.timestamp(), window.end.timestamp()) == world.WINDOW
    (today,) = await cloud.windows("prod", world.MY_A, window.end.date())
    assert today.end == window.end
    assert today.start >= window.start


@pytest.mark.parametrize("api_version", ["v3", "v3.1"])
async def test_a_restore_and_its_job(account, api_version):
    async with account.client(api_version) as cloud:
        taken = await cloud.recover("prod", wish())
        assert isinstance(taken, Accepted)
        assert await cloud.jobs("prod", [taken.id]) == {}
        account.clock.forward(seconds=10)
        job = (await cloud.jobs("prod", [taken.id]))[taken.id]
        assert (job.status, job.percent) == (JobStatus.RUNNING, 50)
        (task,) = await cloud.restore_tasks("prod", world.MY_B)
        assert task.job.id == taken.id
        account.clock.forward(seconds=11)
        assert (await cloud.jobs("prod", [taken.id]))[taken.id].status is JobStatus.COMPLETED
        busy = await cloud.recover("prod", wish())
        assert isinstance(busy, Rejected)


async def test_a_region_without_a_task_list(account, cloud):
    account.server.faults.tasklist_missing = True
    taken = await cloud.recover("prod", wish())
    account.clock.forward(seconds=5)
    assert taken.id in await cloud.jobs("prod", [taken.id])
    assert await cloud.restore_tasks("prod", world.MY_B) is None


async def test_a_failed_job_has_the_clouds_reason(account, cloud):
    account.server.faults.job_fails_with = "The disk is broken."
    taken = await cloud.recover("prod", wish(at=datetime.fromtimestamp(world.NOW, UTC) - timedelta(hours=1)))
    account.clock.forward(seconds=60)
    job = (await cloud.jobs("prod", [taken.id]))[taken.id]
    assert (job.status, job.reason) == (JobStatus.FAILED, "The disk is broken.")


@pytest.mark.parametrize("api_version", ["v3", "v3.1"])
@pytest.mark.parametrize("databases", [None, {"db1": "db1_old", "db2": ""}])
async def test_sql_server_databases_and_the_details_of_its_tasks(account, api_version, databases):
    async with account.client(api_version) as cloud:
        asked = wish(world.SQL_A, world.SQL_B, world.FULL_SQL, databases=databases)
        taken = await cloud.recover("prod", asked)
        assert isinstance(taken, Accepted), taken
        source = account.server.calls[-1].body["source"]
        assert source.get("database_name") == databases
        assert source.get("restore_all_database") is (True if databases is None and api_version == "v3.1" else None)
        account.clock.forward(seconds=5)
        (task,) = await cloud.restore_tasks("prod", world.SQL_B)
        assert task.restored.source_id == world.SQL_A
        assert task.restored.target_id == world.SQL_B
        assert task.restored.backup_id == world.FULL_SQL


async def test_a_manual_backup(account, cloud):
    begun = await cloud.back_up("prod", world.MY_B, "before-R-7KQ2M", "Before restore R-7KQ2M")
    assert isinstance(begun, Accepted)
    assert (await cloud.backup("prod", world.MY_B, begun.id)).status == "BUILDING"
    account.clock.forward(seconds=9)
    assert (await cloud.backup("prod", world.MY_B, begun.id)).status == "COMPLETED"


@pytest.mark.parametrize(
    ("fault", "ending", "code"),
    [
        ({"drop_answer_after_acting": 1}, Unclear, "cloud.unclear"),
        ({"reset_before_acting": 1}, Unclear, "cloud.unclear"),
        ({"error_111205": 1}, Unclear, None),
        ({"bad_gateway_html": 1, "recovery_only": True}, Unclear, None),
        ({"status_429": 1, "recovery_only": True}, Rejected, "cloud.throttled"),
    ],
)
async def test_a_recovery_call_is_sent_once_whatever_happens(account, cloud, fault, ending, code):
    account.server.faults.change(fault)
    outcome = await cloud.recover("prod", wish())
    assert isinstance(outcome, ending)
    assert code is None or outcome.error.code == code
    assert len([call for call in account.server.calls if call.path.endswith("/recovery")]) == 1


async def test_v31_where_it_is_not_published_says_what_to_change(account):
    account.server.state.v31 = False
    async with account.client("v3.1") as cloud:
        outcome = await cloud.recover("prod", wish())
        assert isinstance(outcome, Rejected)
        assert "APIGW.0101" in outcome.error.message
        assert "api_version" in outcome.error.message
        found = await cloud.inspection("prod").api_version()
        assert found.status is Status.FAIL
        assert 'api_version = "v3"' in found.next_step


@pytest.mark.parametrize("api_version", ["v3", "v3.1"])
async def test_a_version_that_is_published_is_fine_and_nothing_is_restored(account, api_version):
    async with account.client(api_version) as cloud:
        questions = cloud.inspection("prod")
        backups = len(account.server.state.backups)
        assert (await questions.api_version()).status is Status.OK
        assert [(await questions.action(name)).status for name in ACTIONS] == [Status.OK] * len(ACTIONS)
        assert account.server.state.jobs == {}
        assert len(account.server.state.backups) == backups


async def test_a_question_that_takes_too_long_is_left(account, monkeypatch):
    monkeypatch.setattr(inspection, "PATIENCE", 0.05)
    account.server.faults.change({"delay_seconds": 2})
    async with account.client() as cloud:
        found = await cloud.inspection("prod").action("rds:backup:create")
        assert found.status is Status.WARN
        assert "No answer within" in found.detail


async def test_credentials_that_nobody_looked_at_are_not_called_good(account):
    async with account.client() as cloud:
        questions = cloud.inspection("prod")
        account.server.faults.change({"delay_seconds": 2})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await questions.reachable()
        assert questions.is_shut_out
        assert questions.credentials().status is Status.WARN
        account.server.faults.change({"delay_seconds": 0, "status_429": 1})
        assert (await questions.reachable()).status is Status.OK
        assert questions.credentials().status is Status.WARN
    async with account.client() as cloud:
        questions = cloud.inspection("prod")
        await questions.reachable()
        assert questions.credentials().status is Status.OK


async def test_wrong_keys_and_a_silent_cloud(account):
    async with account.client(secret="WRONG") as cloud:
        with pytest.raises(Misconfigured) as wrong:
            await cloud.instances("prod")
        assert "canonical" not in wrong.value.message.lower()
    async with account.client() as cloud:
        account.server.faults.change({"status_429": 1})
        assert await cloud.instances("prod")
        await account.server.stop()
        with pytest.raises(Unavailable):
            await cloud.check("prod")
