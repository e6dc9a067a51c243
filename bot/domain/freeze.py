"""Times in which nothing may be restored onto a policy's targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DatedFreeze:
    """From one moment to another; the end is not part of it."""

    begins: datetime
    ends: datetime
    why: str = ""

    def until(self, now: datetime) -> datetime | None:
        """When it ends, if it is on at `now`, in UTC."""
        return self.ends.astimezone(UTC) if self.begins <= now < self.ends else None


@dataclass(frozen=True, slots=True)
class WeeklyFreeze:
    """The same hours on certain days of each week (0 is Monday), by the clock of `zone`.

    Hours that end at or before they start run into the next day; equal hours are a whole day.
    """

    days: frozenset[int]
    start: time
    end: time
    zone: tzinfo
    why: str = ""

    def until(self, now: datetime) -> datetime | None:
        """When it ends, if it is on at `now`, in UTC."""
        today = now.astimezone(self.zone).date()
        for day in (today - DAY, today):
            if day.weekday() not in self.days:
                continue
            begins = datetime.combine(day, self.start, self.zone)
            last = day if self.end > self.start else day + DAY
            ends = datetime.combine(last, self.end, self.zone)
            if begins <= now < ends:
                return ends.astimezone(UTC)
        return None


Freeze = DatedFreeze | WeeklyFreeze


@dataclass(frozen=True, slots=True)
class Frozen:
    """A freeze that is on, and the moment when it is over."""

    until: datetime
    why: str

    @property
    def words(self) -> str:
        """A sentence for people, UTC."""
        reason = f" ({self.why})" if self.why else ""
        return f"Restores onto this instance are frozen until {self.until:%Y-%m-%d %H:%M} UTC{reason}."


def frozen(freezes: Sequence[Freeze], now: datetime) -> Frozen | None:
    """The freeze that is on at `now` and lasts longest; None where restores may go on."""
    on = [Frozen(until, freeze.why) for freeze in freezes if (until := freeze.until(now)) is not None]
    return max(on, key=lambda each: each.until, default=None)
