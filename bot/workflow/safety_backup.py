"""A manual backup of the target before it is overwritten: the way back."""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.events import CARD, Milestone, Note, Owed
from bot.domain.facts import Backup
from bot.domain.people import SYSTEM
from bot.domain.request import Request, SafetyBackupRun
from bot.domain.states import State
from bot.workflow.finish import finish, moved
from bot.workflow.outcome import Accepted, Outcome, Unclear
from bot.workflow.ports import Clock, Cloud
from bot.workflow.store_ports import Lease, Requests

LOOK_AGAIN = timedelta(seconds=5)
GIVE_UP_LOOKING = timedelta(minutes=10)
"""A backup whose creation was never confirmed and that the list does not show after so long did not start."""


def backup_name(request: Request) -> str:
    """The backup's name carries the request id (source: "Creating a Manual Backup", parameter name)."""
    return f"before-{request.id}"


@dataclass(frozen=True, slots=True)
class SafetyBackups:
    """Start it once, find it by its name if the answer was lost, wait until it is complete."""

    requests: Requests
    cloud: Cloud
    clock: Clock

    async def start(self, before: Request, request: Request, fence: Lease) -> Request:
        """Store the intent, then ask the cloud for the backup. A refusal ends the request."""
        now = self.clock.now()
        run = SafetyBackupRun(backup_name(request), now)
        intent = replace(request, backup=run, act_at=now + LOOK_AGAIN).step(State.BACKING_UP)
        owed = [CARD, Owed(Note.THREAD, Milestone.BACKUP_STARTED)]
        intent = await self.requests.change(
            before, intent, [moved(request, intent, SYSTEM, now)], owed, fence=fence, now=now
        )
        outcome = await self.cloud.back_up(
            request.wish.project, request.wish.target.id, run.name, f"Before restore {request.id}"
        )
        return await self._store(intent, run, outcome, fence)

    async def look(self, request: Request, fence: Lease) -> Request:
        """See how the backup stands. Sets `backup.done` when it is complete; a failed one ends the request."""
        if request.backup is None:
            raise ValueError(f"{request.id} has no safety backup")
        now = self.clock.now()
        found = await self._find(request, request.backup)
        if found is not None and found.status == "COMPLETED":
            run = replace(request.backup, backup_id=found.id, done=True)
            after = replace(request, backup=run, act_at=now, trouble=None)
            return await self._keep(request, after, fence, CARD, Owed(Note.THREAD, Milestone.BACKUP_DONE))
        if found is not None and found.status == "FAILED":
            return await self._fail(request, "The safety backup of the target failed.", "safety_backup_failed", fence)
        if found is None and now - request.backup.started_at > GIVE_UP_LOOKING:
            return await self._fail(
                request, "The cloud shows no safety backup of the target.", "safety_backup_missing", fence
            )
        run = request.backup if found is None else replace(request.backup, backup_id=found.id)
        return await self._keep(request, replace(request, backup=run, act_at=now + LOOK_AGAIN), fence)

    async def _find(self, request: Request, run: SafetyBackupRun) -> Backup | None:
        project, target = request.wish.project, request.wish.target.id
        if run.backup_id is not None:
            return await self.cloud.backup(project, target, run.backup_id)
        backups = await self.cloud.backups(project, target)
        return next((backup for backup in backups if backup.name == run.name), None)

    async def _store(self, intent: Request, run: SafetyBackupRun, outcome: Outcome, fence: Lease) -> Request:
        if isinstance(outcome, Accepted):
            return await self._keep(intent, replace(intent, backup=replace(run, backup_id=outcome.id)), fence, CARD)
        if isinstance(outcome, Unclear):
            return await self._keep(intent, replace(intent, trouble=outcome.error.message), fence, CARD)
        why = f"The safety backup could not be made: {outcome.error.message}"
        return await self._fail(intent, why, outcome.error.code, fence)

    async def _keep(self, before: Request, after: Request, fence: Lease, *owed: Owed) -> Request:
        return await self.requests.change(before, after, [], owed, fence=fence, now=self.clock.now())

    async def _fail(self, request: Request, why: str, code: str, fence: Lease) -> Request:
        now = self.clock.now()
        after, events, owed = finish(request, State.FAILED, SYSTEM, now, f"{why} Nothing was restored.", code)
        return await self.requests.change(request, after, events, owed, fence=fence, now=now)
