"""The gateway's limit of calls a minute. Source: RDS product description, "Notes and Constraints"; APIGW.0308."""

import math
from collections import defaultdict, deque

from bot.sandbox.rds.errors import throttled

WINDOW = 60.0


class Throttle:
    """Lets each caller make `per_minute` calls in any minute; 0: no limit."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._calls: defaultdict[str, deque[float]] = defaultdict(deque)

    def pass_one(self, caller: str, now: float) -> None:
        """Count a call. Raises ApiError (429 with Retry-After); a call that is turned away does not count."""
        if self._per_minute <= 0:
            return
        calls = self._calls[caller]
        while calls and calls[0] <= now - WINDOW:
            calls.popleft()
        if len(calls) >= self._per_minute:
            raise throttled(self._per_minute, max(1, math.ceil(calls[0] + WINDOW - now)))
        calls.append(now)
