"""Slack's pace: who may speak now, and when it is everybody else's turn.

Nothing waits here: a message that must wait is told for how long, and comes back. Its place in line is kept, so that two
hundred messages that wait cost no more than two hundred that do not.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

FORGOTTEN_AFTER = timedelta(seconds=30)
"""A place in line that nobody has come back for is given away."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in a minute, of which a few at once."""

    per_minute: int
    burst: int

    @property
    def interval(self) -> timedelta:
        """The time between two."""
        return timedelta(minutes=1) / self.per_minute


POSTS = Limit(60, 3)
"""chat.postMessage in one channel: about one a second, with short bursts (source: Slack's rate limits)."""
UPDATES = Limit(40, 8)
"""chat.update in one workspace: Slack allows at least 50 a minute; the rest is for surprises."""
OPENINGS = Limit(40, 8)
"""conversations.open in one workspace: likewise."""


@dataclass(slots=True)
class Pace:
    """One for each thing that Slack limits."""

    limit: Limit
    _next: datetime | None = None
    """When the bucket is full again, by the generic cell rate algorithm."""
    _lines: defaultdict[bool, dict[str, datetime]] = field(default_factory=lambda: defaultdict(dict))
    """Who waits, and when it is their turn: those that are urgent, and the others."""

    def wait(self, who: str, now: datetime, *, urgent: bool, take: bool = True) -> float:
        """Seconds until `who` may speak; 0.0 if now, and then it counts. What is urgent goes before what is not.

        Without `take` nothing counts yet: who may speak now is told so, and others get their place in line.
        """
        line, before = self._line(urgent, now), {} if urgent else self._line(True, now)
        free = self._free_at(now)
        mine = line.get(who)
        if free <= now and not before and (mine <= now if mine is not None else not line):
            if not take:
                return 0.0
            line.pop(who, None)
            self._next = max(self._next or now, now) + self.limit.interval
            return 0.0
        if mine is None or mine <= now:
            others = [turn for name, turn in (*before.items(), *line.items()) if name != who]
            behind = max(others) + self.limit.interval if others else free
            # Whoever came back in time and was overtaken keeps the first place.
            line[who] = max(free if mine is not None and not before else behind, free)
        return max((line[who] - now).total_seconds(), 0.001)

    def _line(self, urgent: bool, now: datetime) -> dict[str, datetime]:
        line = self._lines[urgent]
        for who in [who for who, turn in line.items() if turn < now - FORGOTTEN_AFTER]:
            del line[who]
        return line

    def _free_at(self, now: datetime) -> datetime:
        return now if self._next is None else self._next - (self.limit.burst - 1) * self.limit.interval
