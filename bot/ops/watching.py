"""Whether something outside is well, known without asking at that moment: it is asked now and then, in the background."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.domain.errors import BotError, Misconfigured, Unavailable
from bot.workflow.ports import Clock

NOT_YET = "It has not answered since this process began."
NOT_SINCE = "It has not answered since the clock was set back."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often something is asked. All in seconds."""

    quiet: float = 180.0
    """What has answered within this time is not asked."""
    grace: float = 60.0
    """What was well counts as well until it has failed for so long: a short trouble is nobody's business."""
    again: Sequence[float] = (20.0, 40.0, 60.0, 120.0, 180.0)
    """The waits after failures in a row; the last one stays."""
    refused: Sequence[float] = (45.0, 30.0, 300.0)
    """Likewise, after an answer that asking again seldom mends. The first wait is shorter than `grace`, so that a single
    refusal is nobody's business; never five within five minutes, because more in a row lock a key."""


class Watch:
    """One thing outside: a project of the cloud, or Slack.

    `ask` is one cheap question, and raises BotError. `seen` tells of answers to other questions. `turned` is told once of an
    error, when the thing is not well any more (and once more when refusal follows on silence), and of None when it is well
    again.
    """

    def __init__(
        self,
        ask: Callable[[], Awaitable[None]],
        clock: Clock,
        turned: Callable[[BotError | None], None],
        *,
        seen: Callable[[], datetime | None] = lambda: None,
        pace: Pace | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._turned = turned
        self._seen = seen
        self._pace = pace or Pace()
        self._sleep = sleep
        self._looked = asyncio.Event()
        self._known = asyncio.Event()
        self._well_at: datetime | None = None
        self._void: frozenset[datetime] = frozenset()
        """When it answered by a clock that was set back since: says nothing, also when that moment comes again."""
        self._error: BotError | None = None
        self._failing_since: datetime | None = None
        self._failures = 0
        self._told: bool | None = None
        """None: nobody needs to know anything. Else whether what was told is a refusal."""

    async def keep(self) -> None:
        """Look, and look again, until cancelled."""
        while True:
            if self._age() >= self._pace.quiet:
                await self._look()
            else:
                self._is_well()
            self._tell()
            await self._sleep(self._pause())

    async def first(self, patience: float) -> BotError | None:
        """What the first look ended with, waited for so many seconds; None also while it is not over."""
        try:
            async with asyncio.timeout(patience):
                await self._looked.wait()
        except TimeoutError:
            return None
        return self._error

    @property
    def is_known(self) -> bool:
        """Whether it was well at least once."""
        return self._known.is_set()

    async def known(self) -> None:
        """Wait until it was well for the first time."""
        await self._known.wait()

    def trouble(self) -> str | None:
        """What is wrong, in words; None while all is well, or was well a moment ago."""
        if not self._looked.is_set():
            return NOT_YET
        last = self._last()
        if self._error is None or self._failing_since is None:
            return None
        if last is None and not self.is_known:
            return f"{self._error.message} {NOT_YET}"
        failing = (self._clock.now() - self._failing_since).total_seconds()
        # Less than nothing: the clock was set back since the last look.
        if (last is not None and last > self._failing_since) or 0 <= failing < self._pace.grace:
            return None
        if last is None:
            return f"{self._error.message} {NOT_SINCE}"
        return f"{self._error.message} It last answered at {last:%Y-%m-%d %H:%M:%S} UTC."

    async def _look(self) -> None:
        try:
            await self._ask()
        except BotError as error:
            self._fails(error)
        except Exception:
            log.exception("A look failed in a way that nobody foresaw", action="look_broke")
            self._fails(Unavailable("unforeseen", "Looking at it failed in a way that nobody foresaw; see the log."))
        else:
            self._well_at = self._clock.now()
            self._is_well()

    def _fails(self, error: BotError) -> None:
        last = self._last()
        now = self._clock.now()
        if self._failing_since is None or (last is not None and last > self._failing_since):
            self._failing_since, self._failures = now, 0
        elif self._failing_since > now:
            # The clock was set back: it fails for nobody knows how long.
            self._failing_since = now - timedelta(seconds=self._pace.grace)
        self._error = error
        self._failures += 1
        self._looked.set()

    def _is_well(self) -> None:
        self._error = self._failing_since = None
        self._failures = 0
        self._known.set()
        self._looked.set()

    def _tell(self) -> None:
        if self.trouble() is None:
            if self._told is not None and self._error is None:
                self._told = None
                self._turned(None)
        elif self._error is not None and self._told is not (refuses := isinstance(self._error, Misconfigured)):
            self._told = refuses
            self._turned(self._error)

    def _last(self) -> datetime | None:
        """When it last answered; None also where the clock was set back since."""
        now = self._clock.now()
        stamps = frozenset(each for each in (self._well_at, self._seen()) if each is not None)
        self._void = frozenset(each for each in stamps if each > now or each in self._void)
        return max(stamps - self._void, default=None)

    def _age(self) -> float:
        """Seconds since the last good answer."""
        last = self._last()
        return float("inf") if last is None else (self._clock.now() - last).total_seconds()

    def _pause(self) -> float:
        if self._error is None:
            return min(max(self._pace.quiet - self._age(), 0.0), self._pace.quiet)
        steps = self._pace.refused if isinstance(self._error, Misconfigured) else self._pace.again
        wait = steps[min(self._failures, len(steps)) - 1]
        asked = self._error.retry_after if isinstance(self._error, Unavailable) else 0.0
        # One question in `quiet` is made even so: else nobody would learn that it is well again, or is not.
        return max(wait, min(asked, self._pace.quiet))
