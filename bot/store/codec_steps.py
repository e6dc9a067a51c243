"""What happened to a request, as JSON and back; see `codec`."""

from collections.abc import Iterable

from bot.domain.quorum import OpenSeats
from bot.domain.request import BrokenGlass, Closing, Inspection, Job, JobStatus, SafetyBackupRun
from bot.store import codec
from bot.store.codec import Json


def job_json(job: Job | None) -> Json | None:
    """A job without its id, which has a column of its own."""
    return None if job is None else {"status": job.status.value, "percent": job.percent, "reason": job.reason}


def job(value: Json | None, job_id: str | None) -> Job | None:
    """Reads `job_json`."""
    if value is None or job_id is None:
        return None
    return Job(job_id, JobStatus(value["status"]), value["percent"], value["reason"])


def run_json(run: SafetyBackupRun | None) -> Json | None:
    """The safety backup."""
    if run is None:
        return None
    return {"name": run.name, "started_at": codec.micros(run.started_at), "backup_id": run.backup_id, "done": run.done}


def run(value: Json | None) -> SafetyBackupRun | None:
    """Reads `run_json`."""
    if value is None:
        return None
    return SafetyBackupRun(value["name"], codec.moment(value["started_at"]), value["backup_id"], value["done"])


def closing_json(closing: Closing | None) -> Json | None:
    """How the request ended."""
    if closing is None:
        return None
    return {"by": codec.person_json(closing.by), "at": codec.micros(closing.at), "why": closing.why, "code": closing.code}


def closing(value: Json | None) -> Closing | None:
    """Reads `closing_json`."""
    if value is None:
        return None
    return Closing(codec.person(value["by"]), codec.moment(value["at"]), value["why"], value["code"])


def seats_json(seats: Iterable[OpenSeats]) -> list[Json]:
    """Whose approvals are missing."""
    return [{"approvers": list(each.approvers), "count": each.count, "name": each.name} for each in seats]


def seats(value: list[Json]) -> tuple[OpenSeats, ...]:
    """Reads `seats_json`."""
    return tuple(OpenSeats(tuple(each["approvers"]), each["count"], each["name"]) for each in value)


def glass_json(glass: BrokenGlass | None) -> Json | None:
    """A break-glass and its review."""
    if glass is None:
        return None
    return {
        "by": codec.person_json(glass.by),
        "at": codec.micros(glass.at),
        "reason": glass.reason,
        "digest": glass.digest,
        "saw": dict(glass.saw),
        "reviewed_by": None if glass.reviewed_by is None else codec.person_json(glass.reviewed_by),
        "reviewed_at": codec.micros_or_none(glass.reviewed_at),
    }


def glass(value: Json | None) -> BrokenGlass | None:
    """Reads `glass_json`."""
    if value is None:
        return None
    return BrokenGlass(
        by=codec.person(value["by"]),
        at=codec.moment(value["at"]),
        reason=value["reason"],
        digest=value["digest"],
        saw=value["saw"],
        reviewed_by=None if value["reviewed_by"] is None else codec.person(value["reviewed_by"]),
        reviewed_at=codec.moment_or_none(value["reviewed_at"]),
    )


def inspection_json(inspection: Inspection | None) -> Json | None:
    """What a person said of the restored database."""
    if inspection is None:
        return None
    return {
        "by": codec.person_json(inspection.by),
        "at": codec.micros(inspection.at),
        "as_expected": inspection.as_expected,
    }


def inspection(value: Json | None) -> Inspection | None:
    """Reads `inspection_json`."""
    if value is None:
        return None
    return Inspection(codec.person(value["by"]), codec.moment(value["at"]), value["as_expected"])
