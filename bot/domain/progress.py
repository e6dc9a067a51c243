"""How far a restore is, and how long it may take."""

from datetime import datetime, timedelta

from bot.domain.facts import Facts, RestorePoint, TimePoint
from bot.domain.request import Request
from bot.domain.states import State

MB_PER_SECOND_BACKUP = 40
MB_PER_SECOND_POINT_IN_TIME = 30
"""Speeds that the vendor's user guide names for a full backup and for a point in time ("Restoring from Backup Files")."""
MILESTONES = (25, 50, 75)
LONGEST_PAUSE = timedelta(seconds=30)
"""Between two looks at a job that runs."""


def estimate(facts: Facts, point: RestorePoint) -> timedelta | None:
    """How long the restore may take: an estimate by the vendor's speeds, None where the size is not known."""
    if isinstance(point, TimePoint):
        if facts.source.storage_gb is None:
            return None
        return timedelta(seconds=facts.source.storage_gb * 1024 / MB_PER_SECOND_POINT_IN_TIME)
    if facts.backup is None or facts.backup.size_kb is None:
        return None
    return timedelta(seconds=max(60.0, facts.backup.size_kb / 1024 / MB_PER_SECOND_BACKUP))


def passed(before: int, percent: int) -> int | None:
    """The highest milestone in per cent that lies above `before` and at or below `percent`."""
    reached = [mark for mark in MILESTONES if before < mark <= percent]
    return max(reached, default=None)


def remaining(request: Request, now: datetime) -> timedelta | None:
    """The time still to go: from the job's own percentage once it tells one, else from the estimate."""
    if request.state is not State.RESTORING or request.submitted_at is None:
        return None
    elapsed = now - request.submitted_at
    if request.job is not None and request.job.percent:
        return elapsed * ((100 - request.job.percent) / request.job.percent)
    expected = estimate(request.facts, request.wish.point)
    return None if expected is None else max(timedelta(0), expected - elapsed)


def pause(request: Request, now: datetime, every: timedelta) -> timedelta:
    """How long to wait before the next look at the job: `every` near its end and at its beginning, longer in between.

    Percentages jump, so a look never comes later than a tenth of what seems to be left, or of what has passed.
    """
    left = remaining(request, now)
    if left is None or request.submitted_at is None or request.job is None or not request.job.percent:
        return every
    return max(every, min(LONGEST_PAUSE, left / 10, (now - request.submitted_at) / 10))
