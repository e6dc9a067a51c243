"""The truth about the cloud: instances, backups, jobs, and which calls arrived."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count, product
from random import Random

from bot.domain.errors import Conflict, Refused
from bot.domain.facts import Backup, BackupPoint, Facts, Instance, Window, matters
from bot.domain.request import JobStatus, Wish
from bot.workflow.outcome import Accepted, Outcome, Rejected
from tests.simulation.faults import Faults
from tests.simulation.trace import Trace

PROJECT = "prod"
SOURCE = "source-in01"


@dataclass
class Work:
    """A restore that the cloud took. Times are seconds of the run. `form` is the reason of the form that led to it."""

    id: str
    wish: Wish | None
    target_id: str
    created_at: datetime
    begins: float
    ends: float
    fails: bool
    visible_at: float
    vanishes_at: float
    form: str | None
    over: bool = False


@dataclass
class Call:
    """One recovery call that left a process."""

    form: str
    target_id: str
    sent_at: float
    arrived_at: float | None = None
    work: Work | None = None


@dataclass
class CloudModel:
    """One project. Whatever changes is remembered with its time, so that checks can ask what was true when."""

    rng: Random
    faults: Faults
    trace: Trace
    now: Callable[[], datetime]
    instances: dict[str, Instance] = field(default_factory=dict)
    backups: dict[str, Backup] = field(default_factory=dict)
    backups_visible_at: dict[str, float] = field(default_factory=dict)
    works: list[Work] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    history: list[tuple[float, dict[str, Instance], dict[str, Backup]]] = field(default_factory=list)
    has_task_list: bool = True
    tells_what_is_restored: bool = False
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.has_task_list = self.rng.random() < 0.9
        self.tells_what_is_restored = self.rng.random() < 0.3
        self.instances[SOURCE] = _instance(SOURCE, "orders-prod", "8.0.32", 100)
        for number in range(self.rng.randint(1, 3)):
            name = f"orders-staging-{number}"
            self.instances[f"{name}-in01"] = _instance(f"{name}-in01", name, "8.0.32", 200)
        began = self.now() - timedelta(hours=4)
        backup = Backup("auto-br01", "auto-1", SOURCE, "auto", "COMPLETED", began, began + timedelta(hours=1), 40_000)
        self.backups[backup.id] = backup
        self._remember()

    @property
    def targets(self) -> list[str]:
        """Ids of the instances that are restored onto."""
        return [each for each in self.instances if each != SOURCE]

    def change(self, instance_id: str, **changes: object) -> None:
        """Something about an instance is different from now on."""
        self.instances[instance_id] = replace(self.instances[instance_id], **changes)  # type: ignore[arg-type]
        self.trace("cloud", f"{instance_id} {changes}")
        self._remember()

    def forget_backup(self) -> None:
        """The source's backup is deleted."""
        self.backups.pop("auto-br01", None)
        self.trace("cloud", "the backup is deleted")
        self._remember()

    def busy(self, instance_id: str) -> bool:
        """Whether the cloud would refuse another operation now."""
        running = any(work.target_id == instance_id and not work.over for work in self.works)
        return running or self.instances[instance_id].status != "ACTIVE"

    def take_restore(self, call: Call, wish: Wish) -> Outcome:
        """A recovery call arrives."""
        call.arrived_at = asyncio.get_running_loop().time()
        if self.busy(wish.target.id):
            self.trace("cloud", f"refuses the call of {call.form}: busy")
            return Rejected(Conflict("cloud.busy", "Another operation is being performed on the instance."))
        if isinstance(wish.point, BackupPoint) and wish.point.backup_id not in self.backups:
            self.trace("cloud", f"refuses the call of {call.form}: no backup")
            return Rejected(Refused("cloud.no_such_backup", "The backup does not exist."))
        call.work = self.restore(wish.target.id, wish)
        return Accepted(call.work.id)

    def restore(self, target_id: str, wish: Wish | None) -> Work:
        """A restore begins, by the bot or by somebody at the console."""
        rng, faults, loop = self.rng, self.faults, asyncio.get_running_loop()
        begins = loop.time()
        ends = begins + rng.uniform(6, 70)
        hidden = rng.uniform(1, 12) if faults.strike("job: not visible at first") else 0.0
        gone = rng.uniform(begins, ends + 20) if faults.strike("job: its record vanishes") else float("inf")
        form = None if wish is None else wish.reason
        work = Work(
            id=f"job-{next(self.numbers)}", wish=wish, target_id=target_id, created_at=self.now(), begins=begins, ends=ends,
            fails=faults.strike("job: fails"), visible_at=begins + hidden, vanishes_at=gone, form=form,
        )  # fmt: skip
        self.works.append(work)
        how = "fails" if work.fails else "works"
        self.trace("cloud", f"{work.id} begins on {target_id} for {form}, {how} at {ends:.0f}")
        loop.call_later(rng.uniform(0, 4), lambda: self.change(target_id, status="RESTORING"))
        early = rng.uniform(1, 12) if faults.strike("job: done before the instance is") else 0.0
        loop.call_later(ends - begins + early, self._ended, work)
        return work

    def _ended(self, work: Work) -> None:
        work.over = True
        loop = asyncio.get_running_loop()
        after = self.rng.choice(("ACTIVE", "FAILED")) if work.fails else "BACKING UP"
        self.change(work.target_id, status=after)
        if after != "ACTIVE":
            loop.call_later(self.rng.uniform(5, 40), self.settle, work.target_id, after)

    def settle(self, instance_id: str, status: str) -> None:
        """The instance is at rest again, unless something else has begun meanwhile."""
        if self.instances[instance_id].status == status:
            self.change(instance_id, status="ACTIVE")

    def take_backup(self, instance_id: str, name: str) -> Outcome:
        """A call for a manual backup arrives."""
        if self.busy(instance_id):
            return Rejected(Conflict("cloud.busy", "Another operation is being performed on the instance."))
        loop = asyncio.get_running_loop()
        number = f"manual-{next(self.numbers)}-br01"
        self.backups[number] = Backup(number, name, instance_id, "manual", "BUILDING", self.now(), None)
        hidden = self.rng.uniform(1, 12) if self.faults.strike("backup: not visible at first") else 0.0
        self.backups_visible_at[number] = loop.time() + hidden
        fails = self.faults.strike("backup: fails")
        self.trace("cloud", f"backup {name} begins, {'fails' if fails else 'works'}")
        self.change(instance_id, status="BACKING UP")
        loop.call_later(self.rng.uniform(4, 30), self._backed_up, number, "FAILED" if fails else "COMPLETED")
        return Accepted(number)

    def _backed_up(self, number: str, status: str) -> None:
        backup = self.backups[number]
        self.backups[number] = replace(backup, status=status, ended_at=self.now())
        self.trace("cloud", f"backup {backup.name} is {status}")
        # The instance shows it a little later.
        asyncio.get_running_loop().call_later(self.rng.uniform(0, 5), self.settle, backup.instance_id, "BACKING UP")

    def status_of(self, work: Work, at: float) -> tuple[JobStatus, int | None]:
        """What the cloud says of a job that it shows."""
        if at >= work.ends:
            return (JobStatus.FAILED if work.fails else JobStatus.COMPLETED), (None if work.fails else 100)
        return JobStatus.RUNNING, int(5 * (at - work.begins) / (work.ends - work.begins)) * 20

    def restored_at(self, target_id: str, time: float) -> datetime | None:
        """When the newest restore began that the task list showed at that time."""
        shown = (work for work in self.works if work.target_id == target_id and work.visible_at <= time < work.vanishes_at)
        return max((work.created_at for work in shown), default=None) if self.has_task_list else None

    def truths(self, wish: Wish, start: float) -> list[dict[str, str]]:
        """The facts that matter to a wish, at every moment since `start` at which they were different."""
        first = max((index for index, (time, _, _) in enumerate(self.history) if time <= start), default=0)
        last = max(start, self.trace.time())
        turns = {start, last} | {time for work in self.works for time in (work.visible_at, work.vanishes_at)}
        restored = {self.restored_at(wish.target.id, time) for time in turns if start <= time <= last}
        found = []
        for (_, instances, backups), restored_at in product(self.history[first:], restored):
            backup = backups.get(wish.point.backup_id) if isinstance(wish.point, BackupPoint) else None
            window = (Window(self.now() - timedelta(days=3), self.now() + timedelta(days=3)),)
            facts = Facts(
                self.now(), instances[wish.source.id], instances[wish.target.id], backup, window, None, restored_at
            )
            found.append(matters(facts, wish.point))
        return found

    def _remember(self) -> None:
        time = self.trace.time()
        self.history.append((time, dict(self.instances), dict(self.backups)))


def _instance(number: str, name: str, version: str, storage: int) -> Instance:
    return Instance(number, name, "MySQL", version, "ACTIVE", storage, lower_case_table_names="1")
