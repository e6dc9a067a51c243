"""One run: what there is at the start, what befalls it, and how it becomes quiet."""

import asyncio
from collections import Counter
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from unittest.mock import patch

from bot.domain.events import Milestone, Note
from bot.domain.policy import Confirm, Policy, SafetyBackup
from bot.domain.request import Wish
from bot.domain.states import FINAL, State
from bot.worker import schedule
from bot.workflow.store_ports import Lease
from tests.simulation.chaos import Chaos
from tests.simulation.cloud import PROJECT, CloudModel
from tests.simulation.cloud_line import CloudLine
from tests.simulation.database import HELD, GatedStore, Memory, taken_over
from tests.simulation.faults import Faults
from tests.simulation.loop import VirtualLoop
from tests.simulation.people import ERIN, MEMBERS, ZOE, People, profiles
from tests.simulation.process import NOON, Process, ProcessClock
from tests.simulation.replica import FixedPolicies, Ids, Replica
from tests.simulation.rules import Rules
from tests.simulation.slack import GROUP, Message, SlackLine, SlackModel
from tests.simulation.trace import Trace

TROUBLED = 420.0
"""Seconds in which faults happen. After them, everything must come to rest."""
REST = 45 * 60.0
"""How long that may take, in seconds."""
SHORTEST_NAP = timedelta(seconds=1)
"""Waiting for somebody else's lease to run out is what costs most; a longer nap changes nothing else."""
A_DAY = timedelta(hours=25)
"""The cloud's jobs that nobody can see any more are given up after a day."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a run went."""

    seed: int
    trace: tuple[str, ...]
    violations: tuple[str, ...]
    struck: Counter[str]
    states: Counter[str]
    seconds: float


class World:
    """Everything in one run."""

    def __init__(self, seed: int, memory: Memory) -> None:
        self.loop = asyncio.get_running_loop()
        self.seed, self.memory, self.rng = seed, memory, Random(seed)
        self.skipped = timedelta()
        self.trace = Trace(self.loop.time)
        self.faults = Faults(self.rng)
        self.cloud = CloudModel(self.rng, self.faults, self.trace, self.now)
        self.slack = SlackModel(self.trace, self.now, self._posted, profiles=profiles())
        self.slack.change_people(MEMBERS, frozenset())
        self.policies = FixedPolicies([_policy(self.rng)], [PROJECT])
        self.ids = Ids()
        self.replicas: dict[str, Replica] = {}
        self.births = 0
        self.people = People(
            self.rng, self.faults, self.trace, self.cloud, self.slack, lambda: list(self.replicas.values()), self._stored
        )
        self.rules = Rules(self.trace, memory, self.cloud, self.slack, self.policies, self.people.clicks)
        self.chaos = Chaos(self)

    def now(self) -> datetime:
        """The true time."""
        return NOON + timedelta(seconds=self.loop.time()) + self.skipped

    async def run(self) -> None:
        """From the first request to the last word."""
        for _ in range(self.rng.choice((1, 2, 2))):
            self.start_replica()
        self.people.begin()
        self.chaos.begin()
        await asyncio.sleep(TROUBLED)
        self.trace("----", "the faults end")
        self.chaos.end()
        if not await self._quiet():
            self.trace("----", "a day passes")
            self.skipped += A_DAY
            await self._quiet()
        self.rules.at_the_end()
        await self._stop()

    def start_replica(self) -> None:
        """A process starts. Its clock is a little wrong."""
        self.births += 1
        ahead = timedelta()
        if self.rng.random() < 0.5:
            ahead = timedelta(seconds=self.rng.uniform(-4, 4))
            self.faults.struck["clock: differs between replicas"] += 1
        process = Process(
            name=f"bot-{self.births}",
            clock=ProcessClock(self.now, ahead),
            rng=self.rng,
            faults=self.faults,
            trace=self.trace,
            died=self._crashed,
        )
        self.trace(process.name, f"starts, {ahead.total_seconds():+.1f} s")
        store = GatedStore(self.memory, process)
        replica = Replica(
            process,
            store,
            CloudLine(self.cloud, process, self._recovers),
            SlackLine(self.slack, process, self.rules.about_to_speak, self._right_to_speak),
            self.policies,
            self.ids,
            self._worker_died,
        )
        self.replicas[process.name] = replica
        replica.start()

    def result(self) -> Result:
        """What there is to say about the run."""
        states: Counter[str] = Counter()
        for (request_id,) in self.memory.all("SELECT id FROM requests ORDER BY id"):
            states[State.PENDING.value] += 1
            states.update(after.value for _, after in self.rules.steps(request_id))
        return Result(
            self.seed, tuple(self.trace.lines), tuple(self.trace.violations), self.faults.struck, states, self.loop.time()
        )

    async def _quiet(self) -> bool:
        """Wait until nothing is left to do. False if that does not happen."""
        until = self.loop.time() + REST
        while self.loop.time() < until:
            await asyncio.sleep(10)
            if self._at_rest():
                return True
        return False

    def _at_rest(self) -> bool:
        done = {*FINAL, State.UNKNOWN}
        states = [row[0] for row in self.memory.all("SELECT state FROM requests")]
        owed = self.memory.one("SELECT 1 FROM outbox WHERE settled_at IS NULL LIMIT 1")
        return all(state in done for state in states) and owed is None and not self.people.tasks

    def _recovers(self, process: Process, wish: Wish) -> None:
        self.rules.about_to_recover(process, wish.reason)

    def _right_to_speak(self) -> "Lost":
        lease, _ = HELD.get({}).get("outbox", (None, 0.0))
        return Lost(self.memory, lease)

    def _posted(self, message: Message) -> None:
        if message.note is Note.CARD and len(self.slack.of(message.request_id, Note.CARD)) == 1:
            self.people.see_card(message.request_id)
        if message.milestone in (Milestone.UNKNOWN, Milestone.STUCK):
            self.people.see_question(message.request_id)

    def _stored(self, request_id: str) -> tuple[str, str, str]:
        request = self.rules.request(request_id)
        return request.state.value, request.wish.reason, request.requester.user

    def _crashed(self, process: Process) -> None:
        self.replicas.pop(process.name, None)
        # In a context of its own: the dead process's leases are not the new one's.
        self.loop.call_later(self.rng.uniform(1, 60), self.start_replica, context=Context())

    def _worker_died(self, process: Process, error: BaseException) -> None:
        inside = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
        self.trace.violated(f"the worker of {process.name} ended: {error!r} {inside}")
        process.crash()
        self._crashed(process)

    async def _stop(self) -> None:
        left = [*self.people.tasks]
        for replica in self.replicas.values():
            left += replica.process.tasks
            replica.process.crash()
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Lost:
    """Whether a lease has gone to somebody else meanwhile."""

    memory: Memory
    lease: Lease | None

    def __call__(self) -> bool:
        return self.lease is not None and taken_over(self.memory, self.lease)


def _policy(rng: Random) -> Policy:
    alone = rng.random() < 0.4
    return Policy(
        approvers=(GROUP, ERIN.user),
        approvals=rng.choice((1, 1, 2)),
        safety_backup=rng.choice(list(SafetyBackup)),
        confirm=rng.choice(list(Confirm)),
        pending_for=timedelta(minutes=rng.choice((2, 5))),
        remind_every=timedelta(minutes=1),
        escalate_to=("U0BOSS",) if rng.random() < 0.5 else (),
        escalate_after=timedelta(minutes=1),
        break_glass=(ZOE.user,) if alone else (),
        max_live_per_person=rng.choice((None, 1)),
    )


def simulate(seed: int, memory: Memory) -> Result:
    """One run, from a fresh database."""
    memory.empty()
    with patch.object(schedule, "SHORTEST_NAP", SHORTEST_NAP), asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_run(seed, memory))


async def _run(seed: int, memory: Memory) -> Result:
    world = World(seed, memory)

    def unforeseen(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        world.trace.violated(f"the loop: {context.get('message')} {context.get('exception')!r}")

    world.loop.set_exception_handler(unforeseen)
    await world.run()
    return world.result()
