from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.freeze import DatedFreeze, WeeklyFreeze, frozen

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY_NIGHT = WeeklyFreeze(frozenset({4}), time(22), time(6), BERLIN, "batch")
WEEKEND = WeeklyFreeze(frozenset({5, 6}), time(), time(), BERLIN)


def berlin(month, day, hour=0, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("freeze", "now", "until"),
    [
        (FRIDAY_NIGHT, berlin(11, 27, 21, 59), None),
        (FRIDAY_NIGHT, berlin(11, 27, 22), berlin(11, 28, 6)),
        (FRIDAY_NIGHT, berlin(11, 28, 5, 59), berlin(11, 28, 6)),
        (FRIDAY_NIGHT, berlin(11, 28, 6), None),
        (FRIDAY_NIGHT, berlin(11, 26, 23), None),
        (WEEKEND, berlin(11, 28, 0), berlin(11, 29, 0)),
        (WEEKEND, berlin(11, 29, 23, 59), berlin(11, 30, 0)),
        (WEEKEND, berlin(11, 30, 0), None),
        # The night in which the clocks go back: 02:30 comes twice, the freeze is on both times.
        (
            WeeklyFreeze(frozenset({6}), time(2), time(3), BERLIN),
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
            datetime(2026, 10, 25, 2, tzinfo=UTC),
        ),
        (DatedFreeze(berlin(12, 24), berlin(12, 27)), berlin(12, 26, 23, 59), berlin(12, 27)),
        (DatedFreeze(berlin(12, 24), berlin(12, 27)), berlin(12, 27), None),
    ],
)
def test_when_a_freeze_is_on(freeze, now, until):
    on = frozen([freeze], now)
    assert (on.until if on else None) == until


def test_the_longest_freeze_is_said_with_its_reason():
    long = DatedFreeze(berlin(11, 1), berlin(12, 1), "end of year")
    on = frozen([FRIDAY_NIGHT, long], berlin(11, 27, 23))
    assert on is not None
    assert on.words == "Restores onto this instance are frozen until 2026-11-30 23:00 UTC (end of year)."
    assert frozen([], berlin(11, 27, 23)) is None


@given(
    st.frozensets(st.integers(0, 6), min_size=1),
    st.times(),
    st.times(),
    st.integers(0, 366 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
)
def test_a_freeze_that_is_on_ends_later_and_within_a_day_and_an_hour(days, start, end, now):
    until = WeeklyFreeze(days, start, end, BERLIN).until(now)
    if until is not None:
        assert now < until <= now + timedelta(hours=25)
