"""The seeded world of the demo: a small company in the middle of an incident."""

import time
from dataclasses import replace
from datetime import UTC, datetime

from bot.sandbox.rds.seeding import DAY, KEEP_DAYS, LOGS_TRAIL, add_backup, add_daily_backups, fixed_id, open_range
from bot.sandbox.rds.state import CloudState, Instance, Project, Range, User
from bot.sandbox.workspace import config
from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.people import Channel, Group, Kind, Person, Team
from bot.sandbox.workspace.workspace import Workspace

PROJECT_ID = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
REGION = "eu-de"
ACCESS_KEY = "DEMOACCESSKEY0000001"
SECRET_KEY = "demo-secret-key-not-a-secret"  # noqa: S105 - opens nothing but the sandbox
IAM_USER = User("restore-bot", "demo-password-not-a-secret", "northwind")

MYSQL, POSTGRESQL, SQLSERVER = "MySQL", "PostgreSQL", "SQLServer"
KERNELS = {"8.0": "8.0.32.6", "5.7": "5.7.41.5", "15": "15.4.2", "14": "14.9.1"}
NEWER_KERNEL = "8.0.36.1"
INSTANCES = (
    # name, engine, version, storage in GB, type, status, environment, databases
    ("orders-prod", MYSQL, "8.0", 100, "Ha", "ACTIVE", "prod", ("orders", "customers")),
    ("orders-prod-replica", MYSQL, "8.0", 100, "Replica", "ACTIVE", "prod", ("orders", "customers")),
    ("orders-staging", MYSQL, "8.0", 120, "Single", "ACTIVE", "staging", ("orders", "customers")),
    ("orders-small", MYSQL, "8.0", 40, "Single", "ACTIVE", "dev", ("orders",)),
    ("orders-reporting", MYSQL, "8.0", 200, "Single", "ACTIVE", "prod", ("reports",)),
    ("orders-old", MYSQL, "5.7", 100, "Single", "ACTIVE", "legacy", ("orders",)),
    ("orders-next", MYSQL, "8.0", 120, "Single", "ACTIVE", "staging", ("orders",)),
    ("orders-shard-1", MYSQL, "8.0", 120, "Single", "ACTIVE", "prod", ("orders_1",)),
    ("payments-prod", MYSQL, "8.0", 500, "Ha", "ACTIVE", "prod", ("payments",)),
    ("payments-vault", MYSQL, "8.0", 500, "Single", "ACTIVE", "staging", ("payments",)),
    ("shop-archive", MYSQL, "8.0", 300, "Single", "FROZEN", "legacy", ("shop",)),
    ("blog", MYSQL, "8.0", 40, "Single", "ACTIVE", "prod", ("blog",)),
    ("billing-prod", POSTGRESQL, "15", 200, "Ha", "ACTIVE", "prod", ("billing", "invoices")),
    ("billing-staging", POSTGRESQL, "15", 200, "Single", "ACTIVE", "staging", ("billing", "invoices")),
    ("billing-lab", POSTGRESQL, "15", 200, "Single", "ACTIVE", "dev", ("billing",)),
    ("analytics", POSTGRESQL, "14", 400, "Single", "ACTIVE", "prod", ("events",)),
    ("warehouse", POSTGRESQL, "15", 800, "Single", "MODIFYING", "prod", ("facts",)),
    ("warehouse-copy", POSTGRESQL, "15", 800, "Single", "ACTIVE", "dev", ("facts",)),
    ("crm-prod", SQLSERVER, "2019_SE", 250, "Ha", "ACTIVE", "prod", ("crm", "crm_audit")),
    ("crm-test", SQLSERVER, "2019_EE", 250, "Single", "ACTIVE", "staging", ("crm",)),
    ("crm-us", SQLSERVER, "2019_SE", 300, "Single", "ACTIVE", "dev", ("crm",)),
    ("crm-2017", SQLSERVER, "2017_SE", 300, "Single", "ACTIVE", "legacy", ("crm",)),
)
"""Every constraint of the recovery API that can be seen has an instance here that breaks it; a test goes through them."""
NO_LOGS = frozenset({"crm-test"})
"""Under the simple recovery model, which knows no point in time."""
PAUSE = (2.5 * DAY, 2.4 * DAY)
"""When orders-prod saved no logs, in seconds ago: after a restore of its own."""

BOT_TOKEN = config.BOT_TOKEN
APP_TOKEN = config.APP_TOKEN
SIGNING_SECRET = config.SIGNING_SECRET
BOT_USER = "U0BOT"
INCIDENT = "C0INC"

PEOPLE = (
    Person("U0ALICE", "alice", "Alice Adler", "Backend engineer", tz="Europe/Berlin", color="#c2410c"),
    Person("U0BOB", "bob", "Bob Baker", "Database administrator", tz="Europe/London", color="#1d4ed8"),
    Person("U0DANA", "dana", "Dana Diaz", "Database administrator, on call", tz="America/New_York", color="#7e22ce"),
    Person("U0CAROL", "carol", "Carol Chen", "Customer support", tz="Europe/Berlin", color="#15803d"),
    Person("U0GIL", "gil", "Gil Guest", "Contractor", tz="Europe/Paris", color="#a16207", is_restricted=True),
    Person("U0EVE", "eve", "Eve Ellis", "Acme", tz="Europe/Dublin", color="#be185d", is_stranger=True, team_id="T0ACME"),
    Person(BOT_USER, "rds-restore", "RDS Restore", color="#1d3557", is_bot=True),
)
GROUPS = (
    Group("S0DBA", "dba", "Database administrators", ("U0BOB", "U0DANA")),
    Group("S0ONCALL", "oncall", "On call", ("U0DANA",)),
)
EVERYBODY = frozenset(person.id for person in PEOPLE if not person.is_stranger)
CHANNELS = (
    Channel(
        INCIDENT,
        "inc-2026-11-orders",
        members=EVERYBODY,
        topic="SEV1: the orders table of orders-prod was dropped at {dropped} UTC. Lead: Alice. Shop is read-only.",
    ),
    Channel("C0GEN", "general", members=EVERYBODY - {"U0GIL"}, topic="Company-wide announcements"),
    Channel("C0DBA", "dba-private", Kind.PRIVATE, frozenset({"U0BOB", "U0DANA"}), "Database administrators only"),
    Channel(
        "C0OLD",
        "inc-2026-03-search",
        members=EVERYBODY - {"U0GIL"},
        topic="Resolved. Kept for the record.",
        is_archived=True,
    ),
    Channel(
        "C0EXT",
        "shared-with-acme",
        members=frozenset({"U0ALICE", "U0CAROL", "U0EVE", BOT_USER}),
        topic="With our customer Acme",
        is_ext_shared=True,
    ),
)
DROPPED_AGO = 40 * 60.0
STORY = (
    (39, INCIDENT, "U0CAROL", "Customers say that their orders have disappeared. Is something wrong with the shop?", False),
    (
        37,
        INCIDENT,
        "U0ALICE",
        "Looking. orders-prod answers, but the orders table is gone: dropped at *{here}* ({dropped} UTC).",
        False,
    ),
    (35, INCIDENT, "U0BOB", "The clean-up job ran on production. Binlog: `DROP TABLE orders` at *{here}*.", True),
    (31, INCIDENT, "U0DANA", "I have stopped the job and set the shop to read-only. No more writes to orders-prod.", True),
    (30, "C0GEN", "U0DANA", "Orders are read-only for now, details in <#C0INC>.", False),
    (
        12,
        INCIDENT,
        "U0ALICE",
        "Plan: restore orders-prod as of {before} UTC onto orders-staging, check, switch over.",
        False,
    ),
    (10, INCIDENT, "U0BOB", "Agreed. `/rds-restore orders-prod to orders-staging at {moment}`. A DBA will approve.", False),
)
"""Minutes ago, where, who, what, and whether it is a reply to the first message; oldest first."""


def dropped_at(now: float) -> float:
    """When the table was dropped: seven seconds past a minute, about 40 minutes before `now`. Seconds since the epoch."""
    return (now - DROPPED_AGO) // 60 * 60 + 7


def demo_workspace(now: float | None = None) -> Workspace:
    """Northwind, 40 minutes into an incident. `now`: seconds since the epoch; the machine's clock where it is missing."""
    moment = time.time() if now is None else now
    times = _times(moment)
    channels = [replace(channel, topic=channel.topic.format(**times)) for channel in CHANNELS]
    workspace = Workspace(
        Team("T0DEMO", "Northwind", "northwind"), bot_user=BOT_USER, people=PEOPLE, groups=GROUPS, channels=channels
    )
    root: Message | None = None
    for minutes, channel, user, words, is_reply in STORY:
        thread = root.ts if root is not None and is_reply else None
        said = workspace.say(channel, user, words.format(**times), moment - minutes * 60, thread)
        root = root or said
    for person in PEOPLE:
        if not person.is_bot:
            workspace.mark_read(person.id, INCIDENT, said.ts)
    return workspace


def _times(now: float) -> dict[str, str]:
    """The moments that people speak of."""
    dropped = datetime.fromtimestamp(dropped_at(now), UTC)
    before = dropped.replace(second=0)
    here = f"<!date^{dropped.timestamp():.0f}^{{time_secs}}|{dropped:%H:%M:%S} UTC>"
    return {
        "here": here,
        "dropped": f"{dropped:%H:%M:%S}",
        "before": f"{before:%H:%M}",
        "moment": f"{before:%Y-%m-%dT%H:%M:%SZ}",
    }


def demo_cloud(now: float) -> CloudState:
    """Northwind's databases at `now`, seconds since the epoch: what is right for a restore, and what must be refused."""
    state = CloudState([Project(PROJECT_ID, REGION)], [IAM_USER])
    for row in INSTANCES:
        _add_instance(state, row, now)
    orders = state.named("orders-prod")
    orders.ranges.insert(0, Range(now - KEEP_DAYS * DAY, now - PAUSE[0]))
    orders.ranges[1] = open_range(state, now, PAUSE[1])
    _break_constraints(state, now)
    for instance in state.instances.values():
        if instance.type != "Replica":
            add_daily_backups(state, instance, now, failed=4 if instance is orders else None)
    _add_odd_backups(state, now)
    return state


def _break_constraints(state: CloudState, now: float) -> None:
    """What the table of instances cannot say."""
    state.named("orders-reporting").lower_case_table_names = "0"
    state.named("orders-next").complete_version = NEWER_KERNEL
    state.named("orders-shard-1").associated_with_ddm = True
    state.named("payments-vault").disk_encryption_id = "0d3a1c52-7c1e-4f0a-8f9e-2b6f7f1f9a10"
    state.named("billing-lab").vpc_id = "9e1f0a77-52d1-4b8f-bd3b-61a9b3a4c5d6"
    state.named("crm-us").time_zone = "Eastern Standard Time"
    state.named("shop-archive").ranges[0].end = now - 3 * DAY
    state.named("blog").flexus = True


def _add_instance(state: CloudState, row: tuple[str, str, str, int, str, str, str, tuple[str, ...]], now: float) -> None:
    name, engine, version, storage_gb, kind, status, environment, databases = row
    has_logs = kind != "Replica" and name not in NO_LOGS
    state.add_instance(
        Instance(
            fixed_id(name, "in", engine),
            name,
            engine,
            version,
            PROJECT_ID,
            KERNELS.get(version, ""),
            storage_gb,
            status,
            kind,
            fixed_id(name.removesuffix("-replica"), "in", engine) if kind == "Replica" else None,
            lower_case_table_names="1" if engine == MYSQL else None,
            time_zone="Central European Standard Time" if engine == SQLSERVER else "UTC",
            tags={"env": environment, "team": name.partition("-")[0]},
            databases=list(databases),
            ranges=[open_range(state, now, KEEP_DAYS * DAY)] if has_logs else [],
            created_at=now - 400 * DAY,
        )
    )


def _add_odd_backups(state: CloudState, now: float) -> None:
    """Backups other than the daily ones: by hand, of logs, of single databases, and one that is being made."""
    orders, crm = state.named("orders-prod"), state.named("crm-prod")
    add_backup(state, orders, "before-release-4-12", now - 2 * DAY, kind="manual")
    add_backup(state, crm, "before-crm-upgrade", now - 3 * DAY, kind="manual", databases=("crm",))
    for number in range(3):
        begins_at = now - LOGS_TRAIL - number * state.log_backup_every
        add_backup(state, orders, f"binlog-{number}", begins_at, kind="incremental", part=0.0001)
    add_backup(state, state.named("billing-prod"), "wal-part", now - 5 * 3600, kind="fragment", part=0.001)
    add_backup(state, state.named("payments-prod"), "before-migration", now - 60, kind="manual", part=0.6)
