"""When the worker looks again: pure."""

from datetime import datetime, timedelta

LONGEST_NAP = timedelta(seconds=5)
"""However quiet it seems: another replica may have written what is due."""
SHORTEST_NAP = timedelta(milliseconds=100)
"""What is due but held by another process must not make this one spin."""
FIRST_RETRY = timedelta(seconds=2)
LONGEST_RETRY = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(days=3)
"""A message that Slack has not taken for so long is not sent any more."""


def nap(now: datetime, *due: datetime | None) -> float:
    """Seconds until the earliest of the moments given, at least `SHORTEST_NAP`, at most `LONGEST_NAP`."""
    soonest = min((moment - now for moment in due if moment is not None), default=LONGEST_NAP)
    return max(SHORTEST_NAP, min(soonest, LONGEST_NAP)).total_seconds()


def retry_after(attempts: int) -> timedelta:
    """How long to wait after so many tries that failed: doubled each time, up to `LONGEST_RETRY`."""
    doubled: timedelta = FIRST_RETRY * (1 << min(attempts, 10))
    return min(doubled, LONGEST_RETRY)
