"""A request: one asked-for restore, and everything that happened to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.facts import BackupPoint, Digest, Facts, RestorePoint, TimePoint, digest, matters
from bot.domain.findings import Finding
from bot.domain.people import Person, Place
from bot.domain.quorum import OpenSeats
from bot.domain.states import State, may_follow

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits of a request id: those that are not mistaken for each other when read out."""
ID_LENGTH = 5
REVIEW_EVERY = timedelta(days=1)
"""How often people are reminded of a break-glass that nobody has signed off."""


def request_id(number: int) -> str:
    """The request id for a random number: short and speakable, for example `R-7KQ2M`."""
    letters = []
    for _ in range(ID_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "R-" + "".join(letters)


@dataclass(frozen=True, slots=True)
class InstanceRef:
    """An instance as the request names it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What the form asks for.

    `databases` maps names of SQL Server databases to their new names (several separated by commas, empty keeps the name);
    None restores all. `safety_backup` asks for a backup of the target before it is overwritten.
    """

    project: str
    source: InstanceRef
    target: InstanceRef
    point: RestorePoint
    reason: str
    databases: Mapping[str, str] | None = None
    safety_backup: bool = False

    def essentials(self) -> dict[str, str]:
        """What an approval is bound to, besides the facts."""
        if isinstance(self.point, TimePoint):
            point = f"time {self.point.at.isoformat(timespec='milliseconds')}"
        else:
            point = f"backup {self.point.backup_id}"
        return {
            "project": self.project,
            "source": self.source.id,
            "target": self.target.id,
            "point": point,
            "databases": "all" if self.databases is None else repr(sorted(self.databases.items())),
            "safety backup": str(self.safety_backup),
        }

    def digest(self, facts: Facts) -> Digest:
        """The fingerprint of this wish and the facts that matter to it."""
        return digest(self.essentials(), matters(facts, self.point))


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's yes. `saw` are the facts that mattered as the person saw them; `digest` covers the wish and `saw`."""

    person: Person
    at: datetime
    digest: Digest
    saw: Mapping[str, str]


class JobStatus(StrEnum):
    """How the cloud's task stands (source: "Obtaining Information About a Task")."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """The cloud's task. `percent` is None while the cloud tells no figure; `reason` only of a failed one."""

    id: str
    status: JobStatus
    percent: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SafetyBackupRun:
    """The backup of the target before it is overwritten. `backup_id` is None until the cloud has answered."""

    name: str
    started_at: datetime
    backup_id: str | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Closing:
    """How a request ended: by whom, when, and why in words."""

    by: Person
    at: datetime
    why: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class BrokenGlass:
    """Somebody started the restore without the approvals, for a reason; somebody else signs it off afterwards. `saw` and
    `digest` are as of an approval."""

    by: Person
    at: datetime
    reason: str
    digest: Digest
    saw: Mapping[str, str]
    reviewed_by: Person | None = None
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a person says who has looked at the restored database."""

    by: Person
    at: datetime
    as_expected: bool


@dataclass(frozen=True, slots=True)
class Request:
    """One asked-for restore. Immutable: each step makes a new one; `version` counts the steps that were stored.

    `act_at` is when the worker should look at it next (None: never). `trouble` says what hinders it at the moment, in
    words for the card. `submitted_at` is the moment written before the recovery call left.
    """

    id: str
    wish: Wish
    requester: Person
    place: Place
    facts: Facts
    findings: tuple[Finding, ...]
    state: State
    opened_at: datetime
    expires_at: datetime
    version: int = 1
    approvals: tuple[Approval, ...] = ()
    act_at: datetime | None = None
    remind_at: datetime | None = None
    approved_at: datetime | None = None
    backup: SafetyBackupRun | None = None
    submitted_at: datetime | None = None
    job: Job | None = None
    progress_at: datetime | None = None
    milestone: int = 0
    trouble: str | None = None
    closing: Closing | None = None
    changed: tuple[tuple[str, str, str], ...] = field(default=())
    """For an invalidated request: each fact that changed, with its value before and now."""
    still_needed: tuple[OpenSeats, ...] = ()
    """Whose approvals were missing after the newest one."""
    escalate_at: datetime | None = None
    broken_glass: BrokenGlass | None = None
    databases_after: tuple[str, ...] | None = None
    """What is on the target after the restore; None where the cloud did not tell."""
    inspection: Inspection | None = None
    execution: str | None = None
    """The step of a Slack workflow that waits for the end, where one does."""

    def step(self, state: State, **changed: object) -> "Request":
        """This request in another state. Raises ValueError for a step that the table does not know."""
        if not may_follow(self.state, state):
            raise ValueError(f"{self.id}: {self.state} cannot become {state}")
        return replace(self, state=state, **changed)  # type: ignore[arg-type]

    def closed(self, state: State, closing: Closing, **changed: object) -> "Request":
        """This request in a final state. All that may be left to do is to sign off that the glass was broken."""
        remind_at = closing.at + REVIEW_EVERY if self.awaits_review else None
        return self.step(state, closing=closing, act_at=None, remind_at=remind_at, escalate_at=None, trouble=None, **changed)

    @property
    def awaits_review(self) -> bool:
        """Whether the glass was broken and nobody has signed it off."""
        return self.broken_glass is not None and self.broken_glass.reviewed_by is None

    @property
    def has_way_back(self) -> bool:
        """Whether the target was overwritten, or may have been, and a backup from before is there."""
        done = self.backup is not None and self.backup.done and self.backup.backup_id is not None
        return done and self.state in (State.SUCCEEDED, State.FAILED) and self.submitted_at is not None

    @property
    def since(self) -> datetime:
        """When the restore itself began, as far as anyone can tell: the call, else the opening."""
        return self.submitted_at or self.opened_at


def lost(point: RestorePoint, now: datetime) -> timedelta:
    """How much of the source's newest data the restore leaves out, at `now`."""
    until = point.at if isinstance(point, TimePoint) else point.taken_at
    return max(timedelta(0), now - until)


def named(point: RestorePoint) -> str:
    """The restore point in plain words, UTC."""
    if isinstance(point, BackupPoint):
        return f"backup {point.name} of {point.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{point.at:%Y-%m-%d %H:%M:%S}.{point.at.microsecond // 1000:03d} UTC"
