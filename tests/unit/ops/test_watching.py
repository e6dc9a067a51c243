"""What is known of something outside without asking: when it is asked, when it counts as not well, and who is told."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.domain.errors import BotError, Misconfigured, Unavailable
from bot.ops.watching import Pace, Watch
from tests.fakes import NOON, FixedClock

PACE = Pace()
SILENT = Unavailable("cloud.unreachable", "The cloud cannot be reached.")
REFUSED = Misconfigured("cloud.credentials", "The cloud does not take the key.")


class Cloud:
    """Something outside, its watch, and the time, which passes only while the watch sleeps."""

    def __init__(self):
        self.clock = FixedClock()
        self.error = None
        self.seen = None
        self.asked = []
        self.told: list[BotError | None] = []
        self.at = {}
        """Second → what happens then."""
        self.until = 0.0
        self.watch = Watch(self.ask, self.clock, self.told.append, seen=lambda: self.seen, pace=PACE, sleep=self.sleep)

    @property
    def second(self):
        return (self.clock.moment - NOON).total_seconds()

    async def ask(self):
        self.asked.append(self.second)
        if self.error is not None:
            raise self.error

    async def sleep(self, seconds):
        end = self.second + seconds
        for moment in sorted(each for each in self.at if each <= min(end, self.until)):
            self.clock.forward(seconds=moment - self.second)
            self.at.pop(moment)()
        if end > self.until:
            self.clock.forward(seconds=self.until - self.second)
            raise TimeoutError
        self.clock.forward(seconds=end - self.second)

    async def passes(self, until):
        """Let the watch work until this second of the day."""
        self.until = until
        with pytest.raises(TimeoutError):
            await self.watch.keep()

    def fails(self, error):
        self.error = error

    def is_seen(self):
        self.seen = self.clock.moment


@pytest.fixture
def cloud():
    return Cloud()


async def test_what_is_silent_is_asked_every_three_minutes(cloud):
    await cloud.passes(600)
    assert cloud.asked == [0, 180, 360, 540]
    assert cloud.watch.trouble() is None
    assert cloud.told == []


async def test_what_answers_others_is_not_asked(cloud):
    cloud.at = dict.fromkeys(range(50, 1000, 50), cloud.is_seen)
    await cloud.passes(1000)
    assert cloud.asked == [0]
    assert cloud.watch.trouble() is None


async def test_before_the_first_look_nobody_says_that_it_is_well(cloud):
    assert cloud.watch.trouble() == "It has not answered since this process began."
    assert await cloud.watch.first(0.01) is None


@pytest.mark.parametrize("error", [SILENT, REFUSED])
async def test_what_never_answered_is_not_well_at_once(cloud, error):
    cloud.error = error
    await cloud.passes(1)
    assert cloud.watch.trouble() == f"{error.message} It has not answered since this process began."
    assert cloud.told == [error]
    assert await cloud.watch.first(1) is error
    assert not cloud.watch.is_known


@pytest.mark.parametrize("error", [SILENT, REFUSED])
async def test_an_idle_bot_knows_of_trouble_within_five_minutes(cloud, error):
    cloud.at = {1: lambda: cloud.fails(error)}
    await cloud.passes(300)
    assert cloud.watch.trouble() == f"{error.message} It last answered at 2026-11-23 12:00:00 UTC."
    assert cloud.told == [error]


@pytest.mark.parametrize("error", [SILENT, REFUSED])
async def test_a_short_trouble_is_nobodys_business(cloud, error):
    cloud.at = {170: lambda: cloud.fails(error), 190: lambda: cloud.fails(None)}
    await cloud.passes(195)
    assert cloud.watch.trouble() is None
    await cloud.passes(1000)
    assert cloud.asked[:2] == [0, 180]
    assert cloud.asked[2] < 180 + PACE.grace
    assert cloud.told == []
    assert cloud.watch.trouble() is None


async def test_it_is_not_hammered_while_it_is_away(cloud):
    cloud.error = SILENT
    await cloud.passes(1000)
    assert cloud.asked == [0, 20, 60, 120, 240, 420, 600, 780, 960]
    assert cloud.told == [SILENT]


async def test_a_refused_key_is_shown_seldom(cloud):
    cloud.error = REFUSED
    await cloud.passes(1000)
    assert cloud.asked == [0, 45, 75, 375, 675, 975]
    assert cloud.told == [REFUSED]


async def test_it_is_left_alone_for_as_long_as_it_asks(cloud):
    cloud.error = Unavailable("cloud.throttled", "Too many calls.")
    cloud.error.retry_after = 90.0
    await cloud.passes(200)
    assert cloud.asked == [0, 90, 180]


async def test_what_asks_to_be_left_alone_for_long_is_asked_even_so(cloud):
    cloud.error = Unavailable("cloud.throttled", "Too many calls.")
    cloud.error.retry_after = 3600.0
    await cloud.passes(400)
    assert cloud.asked == [0, 180, 360]


async def test_when_it_is_back_that_is_said_once(cloud):
    cloud.error = SILENT
    cloud.at = {70: lambda: cloud.fails(None)}
    await cloud.passes(1000)
    assert cloud.told == [SILENT, None]
    assert cloud.watch.trouble() is None
    assert cloud.watch.is_known


async def test_an_answer_to_somebody_else_shows_that_it_is_back(cloud):
    cloud.at = {1: lambda: cloud.fails(REFUSED), 400: cloud.is_seen}
    await cloud.passes(390)
    assert cloud.watch.trouble() is not None
    # The next look is minutes away.
    await cloud.passes(401)
    assert cloud.watch.trouble() is None


async def test_a_refusal_after_silence_is_told_too(cloud):
    cloud.error = SILENT
    cloud.at = {70: lambda: cloud.fails(REFUSED)}
    await cloud.passes(1000)
    assert cloud.told == [SILENT, REFUSED]


async def test_a_look_that_breaks_is_trouble_and_not_the_last_one(cloud):
    cloud.error = ZeroDivisionError("a mistake of ours")
    with capture_logs() as lines:
        await cloud.passes(30)
    assert cloud.asked == [0, 20]
    assert "nobody foresaw" in cloud.watch.trouble()
    assert [(line["action"], line["exc_info"]) for line in lines] == [("look_broke", True)] * 2


async def test_known_waits_for_the_first_good_answer(cloud):
    waiting = asyncio.create_task(cloud.watch.known())
    cloud.error = SILENT
    cloud.at = {70: lambda: cloud.fails(None)}
    await cloud.passes(60)
    await asyncio.sleep(0)
    assert not waiting.done()
    await cloud.passes(200)
    async with asyncio.timeout(5):
        await waiting


async def test_after_an_answer_to_somebody_else_a_failure_is_a_new_one(cloud):
    cloud.at = {1: lambda: cloud.fails(REFUSED), 300: cloud.is_seen}
    await cloud.passes(560)
    assert cloud.asked == [0, 180, 225, 255, 555]
    assert cloud.watch.trouble() is None
    cloud.clock.forward(seconds=56)
    assert cloud.watch.trouble() is not None
    assert cloud.told == [REFUSED]


async def test_a_clock_that_is_set_back_does_not_end_the_looks(cloud):
    await cloud.passes(100)
    cloud.clock.forward(hours=-5)
    asked = len(cloud.asked)
    await cloud.passes(cloud.second + 1)
    assert len(cloud.asked) == asked + 1


@pytest.mark.parametrize("seen", [False, True])
async def test_a_clock_that_is_set_back_hides_no_trouble(cloud, seen):
    cloud.at = {50: cloud.is_seen} if seen else {}
    await cloud.passes(100)
    cloud.clock.forward(hours=-1)
    cloud.error = SILENT
    back = cloud.second
    await cloud.passes(back + 5)
    assert cloud.watch.trouble() is None
    # Beyond the moments at which it answered by the former clock.
    await cloud.passes(back + 2 * 3600)
    assert cloud.told == [SILENT]
    assert cloud.watch.trouble() == f"{SILENT.message} It has not answered since the clock was set back."
    assert len([second for second in cloud.asked if second >= back]) < 2 * 3600 / 180 + 5
    cloud.error = None
    await cloud.passes(cloud.second + 200)
    assert cloud.told == [SILENT, None]
    assert cloud.watch.trouble() is None


async def test_a_trouble_stays_one_when_the_clock_is_set_back(cloud):
    cloud.at = {1: lambda: cloud.fails(REFUSED)}
    await cloud.passes(400)
    cloud.clock.forward(hours=-1)
    assert cloud.watch.trouble() is not None
    # Also when the moment at which it began to fail comes again.
    while cloud.second < 400:
        await cloud.passes(cloud.second + 20)
        assert cloud.watch.trouble() is not None
    assert cloud.told == [REFUSED]
