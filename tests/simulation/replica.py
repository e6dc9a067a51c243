"""One replica of the bot: the real workflow and the real worker, on ports that the simulation holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.errors import Unavailable
from bot.domain.policy import Policy, policy_for
from bot.domain.request import request_id
from bot.store.drafts import SqlDrafts
from bot.worker.deliver import Deliver
from bot.worker.holding import Holder
from bot.worker.steps import Steps
from bot.worker.worker import Bell, Worker
from bot.workflow.access import Access
from bot.workflow.advance import Advance
from bot.workflow.break_glass import BreakGlass
from bot.workflow.cancel import Cancel
from bot.workflow.decide import Decide
from bot.workflow.expire import Expire
from bot.workflow.open_request import OpenRequest
from bot.workflow.reconcile import Reconcile
from bot.workflow.safety_backup import SafetyBackups
from bot.workflow.submit import Submit
from tests.simulation.cloud_line import CloudLine
from tests.simulation.database import GatedLeases, GatedOutbox, GatedRequests, GatedStore
from tests.simulation.process import Process
from tests.simulation.slack import SlackLine

LEASE = timedelta(seconds=30)
POLL = timedelta(seconds=10)


@dataclass
class FixedPolicies:
    """The policies of one run."""

    all: Sequence[Policy]
    projects: Sequence[str]

    def of(self, project: str, target_name: str) -> Policy | None:
        return policy_for(self.all, project, target_name)


@dataclass
class Ids:
    """Request ids, one after the other, for all replicas."""

    given: int = 0

    def new(self) -> str:
        self.given += 1
        return request_id(self.given * 7919)


class Replica:
    """What runs inside one process."""

    def __init__(
        self,
        process: Process,
        store: GatedStore,
        cloud: CloudLine,
        slack: SlackLine,
        policies: FixedPolicies,
        ids: Ids,
        died: Callable[[Process, BaseException], None],
    ) -> None:
        self.process = process
        self._died = died
        requests, outbox, clock, bell = GatedRequests(store), GatedOutbox(store), process.clock, Bell()
        access = Access(slack)
        holder = Holder(GatedLeases(store), clock, process.name, LEASE)
        backups = SafetyBackups(requests, cloud, clock)
        self.open_request = OpenRequest(requests, SqlDrafts(store), cloud, access, policies, clock, ids, bell)
        self.decide = Decide(requests, cloud, access, policies, clock, bell)
        self.break_glass = BreakGlass(requests, access, policies, clock, bell)
        self.cancel = Cancel(requests, clock, bell)
        self.reconcile = Reconcile(requests, cloud, access, policies, clock)
        submit = Submit(requests, cloud, access, policies, clock, backups, bell, holder.holds)
        steps = Steps(
            requests=requests,
            clock=clock,
            holder=holder,
            submit=submit,
            backups=backups,
            reconcile=self.reconcile,
            advance=Advance(requests, cloud, clock, POLL),
            expire=Expire(requests, policies, clock),
            lost=lambda request, conflict: process.trace(process.name, f"lost {request.id}: {conflict.code}"),
            broke=self._broke,
        )
        deliver = Deliver(
            outbox=outbox,
            requests=requests,
            messenger=slack,
            policies=policies,
            clock=clock,
            holder=holder,
            broke=self._broke,
            gave_up=lambda owing, error: process.trace(process.name, f"gave up {owing.request_id}: {error.code}"),
        )
        self._worker = Worker(steps, deliver, requests, outbox, clock, bell, self._failed)

    def start(self) -> None:
        """Begin to work."""
        self.process.spawn(self._run(), f"worker of {self.process.name}")

    async def _run(self) -> None:
        try:
            await self._worker.run()
        except Exception as error:  # noqa: BLE001 - whatever ends the worker is what the simulation looks for
            self._died(self.process, error)

    def _failed(self, loop: str, error: Unavailable) -> None:
        self.process.trace(self.process.name, f"{loop}: {error.code}")

    def _broke(self, request: str, error: Exception) -> None:
        self.process.trace.violated(f"a step of {request} broke: {error!r}")
