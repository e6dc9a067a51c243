"""The bot without Slack: real workflow, worker, store and cloud client against the local RDS API, in virtual time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

from bot.cloud.project import AkSk, Project
from bot.cloud.rds import HuaweiCloud
from bot.domain.events import Owed
from bot.domain.people import Person, Place
from bot.domain.policy import Policy, policy_for
from bot.domain.request import Request, request_id
from bot.sandbox import scenario
from bot.sandbox.rds.evolution import backup_status
from bot.sandbox.rds.server import RdsServer
from bot.store.database import Database
from bot.worker.deliver import Deliver
from bot.worker.holding import Holder
from bot.worker.steps import Steps
from bot.workflow.access import Access
from bot.workflow.advance import Advance
from bot.workflow.break_glass import BreakGlass
from bot.workflow.cancel import Cancel
from bot.workflow.decide import Decide
from bot.workflow.expire import Expire
from bot.workflow.inspect import Inspect
from bot.workflow.open_request import Draft, OpenRequest
from bot.workflow.reconcile import Reconcile
from bot.workflow.safety_backup import SafetyBackups
from bot.workflow.submit import Submit
from tests.fakes import FakeDirectory, FakeMessenger, FixedClock

ALICE, BOB, DANA, CAROL = (Person("", "T1", name) for name in ("U0ALICE", "U0BOB", "U0DANA", "U0CAROL"))
PLACE = Place("C0INC")
POLICY = Policy(approvers=("S0DBA",))


@dataclass
class Policies:
    all: list[Policy] = field(default_factory=lambda: [POLICY])
    projects: tuple[str, ...] = ("prod",)

    def of(self, project: str, target_name: str) -> Policy | None:
        return policy_for(self.all, project, target_name)


@dataclass
class Numbers:
    """Request ids one after the other."""

    numbers: count = field(default_factory=lambda: count(1))  # type: ignore[type-arg]

    def new(self) -> str:
        return request_id(next(self.numbers) * 7919)


@dataclass
class Inside:
    clock: FixedClock
    rds: RdsServer
    cloud: HuaweiCloud
    database: Database
    policies: Policies
    directory: FakeDirectory
    messenger: FakeMessenger
    ids: Numbers = field(default_factory=Numbers)
    rung: int = 0

    def __post_init__(self) -> None:
        requests, clock, cloud, policies = self.database.requests, self.clock, self.cloud, self.policies
        access = Access(self.directory)
        holder = Holder(self.database.leases, clock, "one", timedelta(seconds=30))
        backups = SafetyBackups(requests, cloud, clock)
        self.lost: list[str] = []
        self.broken: list[Exception] = []
        self.given_up: list[tuple[Owed, str]] = []
        self.open_request = OpenRequest(requests, self.database.drafts, cloud, access, policies, clock, self.ids, self.ring)
        self.decide = Decide(requests, cloud, access, policies, clock, self.ring)
        self.cancel = Cancel(requests, clock, self.ring)
        self.break_glass = BreakGlass(requests, access, policies, clock, self.ring)
        self.inspect = Inspect(requests, access, clock, self.ring)
        self.reconcile = Reconcile(requests, cloud, access, policies, clock)
        self.submit = Submit(requests, cloud, access, policies, clock, backups, self.ring, holder.holds)
        self.steps = Steps(
            requests=requests,
            clock=clock,
            holder=holder,
            submit=self.submit,
            backups=backups,
            reconcile=self.reconcile,
            advance=Advance(requests, cloud, clock, timedelta(seconds=5)),
            expire=Expire(requests, policies, clock),
            lost=lambda request, conflict: self.lost.append(conflict.code),
            broke=lambda request_id, error: self.broken.append(error),
        )
        self.deliver = Deliver(
            self.database.outbox,
            requests,
            self.messenger,
            policies,
            clock,
            holder,
            lambda request_id, error: self.broken.append(error),
            lambda owing, error: self.given_up.append((owing.owed, error.code)),
        )

    def ring(self) -> None:
        self.rung += 1

    def instance(self, name: str):
        return next(item for item in self.rds.state.instances.values() if item.name == name)

    def full_backup(self, name: str):
        owner = self.instance(name).id
        now = self.clock.now().timestamp()
        return next(
            item
            for item in self.rds.state.backups.values()
            if item.instance_id == owner and item.type == "auto" and backup_status(item, now) == "COMPLETED"
        )

    def draft(self, source="orders-prod", target="orders-staging", **changes) -> Draft:
        values = {
            "project": "prod",
            "source_id": self.instance(source).id,
            "target_id": self.instance(target).id,
            "reason": "the orders table was dropped",
        } | changes
        if "at" not in values and "backup_id" not in values:
            values["backup_id"] = self.full_backup(source).id
        return Draft(**values)

    async def ask(self, **changes) -> Request:
        drafted = await self.open_request.check(self.draft(**changes), ALICE, PLACE)
        return await self.open_request.confirm(drafted.id, ALICE)

    async def approve(self, request: Request, person: Person = BOB) -> Request:
        reviewed = await self.decide.review(await self.decide.may(request.id, person, "approve"))
        return await self.decide.approve(request.id, person, reviewed.saw, request.wish.target.name)

    async def get(self, request: Request) -> Request:
        return await self.database.requests.get(request.id)

    async def tick(self, **forward: float) -> None:
        self.clock.forward(**forward)
        await self.steps.tick()

    async def deliver_all(self) -> None:
        while await self.deliver.tick():
            pass

    async def until(self, request: Request, *states: str, every: float = 2, rounds: int = 200) -> Request:
        """Let time pass, tick by tick, until the request is in one of the states."""
        for _ in range(rounds):
            current = await self.get(request)
            if current.state in states:
                return current
            await self.tick(seconds=every)
        raise AssertionError(f"{(await self.get(request)).state} after {rounds} rounds: {(await self.get(request)).trouble}")

    def recovery_calls(self):
        return [call for call in self.rds.calls if call.method == "POST" and call.path.endswith("/instances/recovery")]

    async def history(self, request: Request) -> list[str]:
        return [entry.kind for entry in await self.database.audit.of(request.id)]


@asynccontextmanager
async def inside(folder: Path, *, api_version: str = "v3", policies: list[Policy] | None = None) -> AsyncIterator[Inside]:
    clock = FixedClock()
    state = scenario.demo_cloud(clock.now().timestamp())
    rds = RdsServer(state, access_keys={scenario.ACCESS_KEY: scenario.SECRET_KEY}, now=lambda: clock.now().timestamp())
    await rds.start()
    project = Project(
        name="prod",
        region=scenario.REGION,
        endpoint=rds.url,
        iam_endpoint=rds.url,
        project_id=scenario.PROJECT_ID,
        api_version=api_version,  # type: ignore[arg-type]
        auth=AkSk(scenario.ACCESS_KEY, scenario.SECRET_KEY),
        calls_per_minute=60_000,
    )
    database = Database(f"sqlite+aiosqlite:///{folder / 'bot.db'}")
    await database.open()
    try:
        async with HuaweiCloud([project], clock, cache_seconds=0.0) as cloud:
            yield Inside(
                clock=clock,
                rds=rds,
                cloud=cloud,
                database=database,
                policies=Policies(policies or [POLICY]),
                directory=FakeDirectory({"S0DBA": frozenset({"U0BOB", "U0DANA"}), "S0IC": frozenset({"U0BOB", "U0CAROL"})}),
                messenger=FakeMessenger(),
            )
    finally:
        await database.close()
        await rds.stop()
