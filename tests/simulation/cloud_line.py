"""The cloud as one process reaches it: slow, sometimes silent, and with answers that get lost."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from bot.domain.errors import Conflict, Unavailable
from bot.domain.facts import Backup, Instance, Window
from bot.domain.request import Job, Wish
from bot.workflow.outcome import Accepted, NotSent, Outcome, Rejected, Restored, Task, Unclear
from tests.simulation.cloud import Call, CloudModel, Work
from tests.simulation.process import NOON, Process

T = TypeVar("T")
PATIENCE = 20.0
"""Seconds that a call waits for its answer."""


@dataclass
class CloudLine:
    """Implements the workflow's `Cloud`."""

    cloud: CloudModel
    process: Process
    leaves: Callable[[Process, Wish], None]
    """Told when a recovery call is asked for, before anything else happens."""

    async def instances(self, project: str) -> Sequence[Instance]:
        return await self._read(lambda: list(self.cloud.instances.values()))

    async def instance(self, project: str, instance_id: str) -> Instance | None:
        return await self._read(lambda: self.cloud.instances.get(instance_id))

    async def backups(self, project: str, instance_id: str) -> Sequence[Backup]:
        return await self._read(lambda: [each for each in self._shown_backups() if each.instance_id == instance_id])

    async def backup(self, project: str, instance_id: str, backup_id: str) -> Backup | None:
        def look() -> Backup | None:
            found = self.cloud.backups.get(backup_id)
            return found if found is not None and found.instance_id == instance_id else None

        return await self._read(look)

    async def windows(self, project: str, instance_id: str, day: date | None = None) -> Sequence[Window]:
        return await self._read(lambda: [Window(NOON - timedelta(days=1), self.cloud.now())])

    async def databases(self, project: str, instance_id: str) -> Sequence[str] | None:
        return await self._read(lambda: None)

    async def jobs(self, project: str, ids: Sequence[str]) -> Mapping[str, Job]:
        return await self._read(lambda: {work.id: self._job(work) for work in self._shown() if work.id in ids})

    async def restore_tasks(self, project: str, instance_id: str) -> Sequence[Task] | None:
        def look() -> Sequence[Task] | None:
            if not self.cloud.has_task_list:
                return None
            return [self._task(work) for work in self._shown() if work.target_id == instance_id]

        return await self._read(look)

    async def recover(self, project: str, wish: Wish, may_send: Callable[[], bool] | None = None) -> Outcome:
        await self.process.gate()
        if may_send is not None and not may_send():
            self.process.faults.struck["recover: too late to send"] += 1
            return NotSent(Unavailable("cloud.too_late", "The call could not be sent in time."))
        self.leaves(self.process, wish)
        call = Call(wish.reason, wish.target.id, asyncio.get_running_loop().time())
        return await self._change("recover", lambda: self.cloud.calls.append(call), lambda: self._restore(call, wish))

    def _restore(self, call: Call, wish: Wish) -> Outcome:
        return self.cloud.take_restore(call, wish)

    async def back_up(self, project: str, instance_id: str, name: str, description: str) -> Outcome:
        await self.process.gate()
        return await self._change("backup", lambda: None, lambda: self.cloud.take_backup(instance_id, name))

    async def _change(self, what: str, sent: Callable[[], None], act: Callable[[], Outcome]) -> Outcome:
        process, faults, rng = self.process, self.process.faults, self.process.rng
        if "cloud" in faults.down or faults.strike(f"{what}: never sent"):
            return NotSent(Unavailable("cloud.unreachable", "The cloud cannot be reached."))
        sent()
        process.trace(process.name, f"sends {what}")
        lost = [f"{what}: answer lost, not taken", f"{what}: answer lost, taken"]
        late = ["recover: answer lost, taken late"] if what == "recover" else []
        fate = faults.one_of(f"{what}: rejected", *lost, *late)
        if fate is None:
            outcome = await process.exchange(act, rng.uniform(0.05, 2), rng.uniform(0.05, 2))
        elif fate.endswith("rejected"):
            no: Outcome = Rejected(Conflict("cloud.no", "The cloud says no."))
            outcome = await process.exchange(lambda: no, rng.uniform(0.05, 2), rng.uniform(0.05, 2))
        else:
            outcome = await self._unanswered(fate, act)
        said = type(outcome).__name__
        process.trace(process.name, f"{what}: {said} {outcome.id if isinstance(outcome, Accepted) else outcome.error.code}")
        return outcome

    async def _unanswered(self, fate: str, act: Callable[[], Outcome]) -> Outcome:
        process, rng = self.process, self.process.rng
        waits = rng.uniform(1, PATIENCE)
        if not fate.endswith("not taken"):
            after = rng.uniform(waits, 45) if fate.endswith("late") else rng.uniform(0.05, waits)
            asyncio.get_running_loop().call_later(after, act)
        await asyncio.sleep(waits)
        await process.thawed()
        return Unclear(Unavailable("cloud.no_answer", "The cloud gave no answer."))

    async def _read(self, look: Callable[[], T]) -> T:
        process = self.process
        await process.gate()
        if "cloud" in process.faults.down or process.faults.strike("cloud: a read fails"):
            raise Unavailable("cloud.unavailable", "The cloud does not answer.")
        return await process.exchange(look, process.rng.uniform(0.01, 0.3), process.rng.uniform(0.01, 0.3))

    def _shown(self) -> list[Work]:
        now = asyncio.get_running_loop().time()
        return [work for work in self.cloud.works if work.visible_at <= now < work.vanishes_at]

    def _shown_backups(self) -> list[Backup]:
        now = asyncio.get_running_loop().time()
        return [each for each in self.cloud.backups.values() if self.cloud.backups_visible_at.get(each.id, 0) <= now]

    def _job(self, work: Work) -> Job:
        status, percent = self.cloud.status_of(work, asyncio.get_running_loop().time())
        return Job(work.id, status, percent, "disk full" if work.fails and percent is None else None)

    def _task(self, work: Work) -> Task:
        told = None
        if self.cloud.tells_what_is_restored:
            told = Restored("elsewhere" if work.wish is None else work.wish.source.id, work.target_id)
        return Task(self._job(work), "RestoreMysqlInInstance", work.target_id, work.created_at, told)
