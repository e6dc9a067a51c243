"""The preflight and the local RDS API were written apart, from the same documentation: where they disagree, one is wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cloud.project import AkSk, Project
from bot.cloud.rds import HuaweiCloud
from bot.domain.facts import BackupPoint, TimePoint
from bot.domain.findings import Severity, blockers
from bot.domain.preflight import preflight
from bot.domain.request import InstanceRef, Wish
from bot.sandbox.rds.server import RdsServer
from bot.sandbox.rds.state import Backup, CloudState, Instance, Range
from bot.sandbox.rds.state import Project as CloudProject
from bot.workflow.look_up import read_facts
from bot.workflow.outcome import Accepted
from tests.contract import rds_world as world
from tests.fakes import FixedClock

VERSIONS = {
    "MySQL": [("5.7", "5.7.43"), ("5.7", "5.7.44"), ("8.0", "8.0.28"), ("8.0", "8.0.32")],
    "PostgreSQL": [("14", "14.11"), ("15", "15.4"), ("15", "15.5")],
    "SQLServer": [(edition, "") for edition in ("2017_SE", "2017_EE", "2019_SE", "2019_EE", "2022_SE", "2022_EE")],
}
ENDINGS = {"MySQL": "01", "PostgreSQL": "03", "SQLServer": "04"}


def instance(number, engine, version, **more):
    values: dict[str, Any] = {
        "storage_gb": 100,
        "databases": ["crm", "mail"] if engine == "SQLServer" and number == 1 else [],
        "lower_case_table_names": "1" if engine == "MySQL" else None,
        "ranges": [Range(world.NOW - 2 * world.DAY, world.NOW - world.DAY), Range(world.NOW - 3600, world.NOW - 300)],
        "created_at": world.NOW - 9 * world.DAY,
    }
    kernel, complete = version
    return Instance(
        world.ident(number, f"in{ENDINGS[engine]}"),
        f"instance-{number}",
        engine,
        kernel,
        world.PROJECT,
        complete,
        **(values | more),
    )


@st.composite
def spoiled_target(draw, engine, version):
    """The target: like the source, but for one thing or two."""
    changes: dict[str, Any] = {}
    for _ in range(draw(st.sampled_from([0, 1, 1, 2]))):
        changes |= draw(
            st.sampled_from(
                [
                    {"storage_gb": 99},
                    {"storage_gb": 101},
                    {"status": "FROZEN"},
                    {"status": "MODIFYING"},
                    {"status": "FAILED"},
                    {"version": "other"},
                    {"engine": "other"},
                    {"lower_case_table_names": "0"},
                    {"lower_case_table_names": None},
                    {"databases": ["shop", "crm2"]},
                    {"type": "Replica"},
                ]
            )
        )
    if changes.pop("engine", None):
        engine = draw(st.sampled_from(sorted(VERSIONS)))
        version = draw(st.sampled_from(VERSIONS[engine]))
    if changes.pop("version", None):
        version = draw(st.sampled_from(VERSIONS[engine]))
    if engine != "MySQL":
        changes.pop("lower_case_table_names", None)
    return instance(2, engine, version, **changes)


@st.composite
def points(draw, source, target):
    """A backup or a moment, mostly one that can be restored."""
    kind = draw(st.sampled_from(["auto", "auto", "auto", "manual", "incremental", "fragment"]))
    outcome = draw(st.sampled_from(["COMPLETED", "COMPLETED", "COMPLETED", "FAILED"]))
    owner = draw(st.sampled_from([source, source, source, source, target]))
    ending = ENDINGS[source.engine]
    backup = Backup(world.ident(1, f"br{ending}"), owner.id, "b", world.NOW - 7200, 60.0, kind, outcome=outcome)
    ago = draw(
        st.sampled_from([299, 300, 301, 1800, 3600, 3601, world.DAY - 1, world.DAY, 2 * world.DAY, 2 * world.DAY + 1])
    )
    at = datetime.fromtimestamp(world.NOW - ago, UTC)
    return backup, draw(st.sampled_from([TimePoint(at), BackupPoint(backup.id, "b", at)]))


NAMES = st.none() | st.dictionaries(
    st.sampled_from(["crm", "mail", "gone"]),
    st.sampled_from(["", "", "crm9", "crm,crm9", "model1", "Mail", "crm2"]),
    min_size=1,
)


@st.composite
def worlds(draw):
    """A small cloud and a wish that the form could make in it."""
    engine = draw(st.sampled_from(sorted(VERSIONS)))
    version = draw(st.sampled_from(VERSIONS[engine]))
    source = instance(
        1, engine, version, status=draw(st.sampled_from(["ACTIVE", "ACTIVE", "ACTIVE", "FROZEN", "MODIFYING"]))
    )
    target = draw(spoiled_target(engine, version))
    state = CloudState([CloudProject(world.PROJECT, world.REGION)])
    state.add_instance(source)
    if target.type == "Replica":
        primary = instance(3, target.engine, (target.version, target.complete_version))
        state.add_instance(primary)
        target.replica_of = primary.id
    state.add_instance(target)
    backup, point = draw(points(source, target))
    state.add_backup(backup)
    onto = draw(st.sampled_from([target, target, target, source]))
    databases = draw(NAMES) if engine == "SQLServer" else None
    wish = Wish(
        "prod", InstanceRef(source.id, source.name), InstanceRef(onto.id, onto.name), point, "a test", databases=databases
    )
    return state, wish


@settings(
    max_examples=200,
    deadline=timedelta(seconds=10),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(worlds(), st.sampled_from(["v3", "v3.1"]))
async def test_what_the_cloud_refuses_was_refused_or_warned_of(world_and_wish, api_version):
    state, wish = world_and_wish
    clock = FixedClock(datetime.fromtimestamp(world.NOW, UTC))
    server = RdsServer(state, access_keys=world.KEYS, now=lambda: world.NOW)
    await server.start()
    project = Project(
        "prod", world.REGION, server.url, server.url, world.PROJECT, api_version, AkSk("AKTEST", "SKTEST"), 60_000
    )
    try:
        async with HuaweiCloud([project], clock, cache_seconds=0) as cloud:
            facts = await read_facts(cloud, clock, "prod", wish.source.id, wish.target.id, wish.point)
            findings = preflight(wish, facts, clock.now())
            if blockers(findings):
                return
            outcome = await cloud.recover("prod", wish)
            warned = any(finding.severity is Severity.WARNING for finding in findings)
            assert isinstance(outcome, Accepted) or warned, outcome
    finally:
        await server.stop()
