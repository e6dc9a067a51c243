"""How calls that change something end, and what the cloud shows of them afterwards."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.errors import BotError
from bot.domain.request import Job


@dataclass(frozen=True, slots=True)
class Accepted:
    """The cloud took the call: its job, or the backup's id."""

    id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The cloud answered no: nothing was changed."""

    error: BotError


@dataclass(frozen=True, slots=True)
class NotSent:
    """The call provably never reached the cloud, so nothing was changed."""

    error: BotError


@dataclass(frozen=True, slots=True)
class Unclear:
    """The call may or may not have been carried out. It must never be sent again."""

    error: BotError


Outcome = Accepted | Rejected | NotSent | Unclear
"""How a call that changes something ended. Mutating calls do not raise; they end in one of these."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a task restores, as far as the cloud tells (SQL Server: "Querying Task Details"). `restore_time` in ms UTC."""

    source_id: str | None = None
    target_id: str | None = None
    backup_id: str | None = None
    restore_time: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """An entry of the cloud's task list (source: "Querying Instant Tasks")."""

    job: Job
    name: str
    instance_id: str
    created_at: datetime
    restored: Restored | None = None
