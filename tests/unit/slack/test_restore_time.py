from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Refused
from bot.slack.restore_time import read_time

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def at(hour, minute=0, second=0, ms=0, day=23):
    return datetime(2026, 11, day, hour, minute, second, ms * 1000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "zone", "moment"),
    [
        ("2026-11-23 10:00", "Europe/Berlin", at(9)),
        ("2026-11-23 9:05", "UTC", at(9, 5)),
        ("2026-11-23T10:00:30", "Europe/Berlin", at(9, 0, 30)),
        ("2026-11-23 10:00:30.250", "UTC", at(10, 0, 30, 250)),
        ("2026-11-23T10:00:00+02:00", "America/New_York", at(8)),
        ("2026-11-23T10:00:00Z", "America/New_York", at(10)),
        (str(int(at(10, 0, 1, 7).timestamp() * 1000)), "Asia/Tokyo", at(10, 0, 1, 7)),
        ("10 minutes ago", "Europe/Berlin", at(11, 50)),
        ("yesterday 10:00", "UTC", at(10, day=22)),
        ("2026-11-23 10:00", "No/Such_Zone", at(10)),
    ],
)
def test_each_way_to_write_a_moment(typed, zone, moment):
    assert read_time(typed, zone, NOW) == moment


@pytest.mark.parametrize(
    ("typed", "zone", "code"),
    [
        ("", "UTC", "time.missing"),
        ("2026-11-23 12:00:01", "UTC", "time.future"),
        ("2026-11-31 10:00", "UTC", "time.impossible"),
        ("2026-11-23 25:00", "UTC", "time.impossible"),
        ("when it still worked", "UTC", "time.unreadable"),
        ("2026-03-29 02:30", "Europe/Berlin", "time.skipped"),
        ("2026-10-25 02:30", "Europe/Berlin", "time.twice"),
    ],
)
def test_a_moment_that_cannot_be_is_refused_at_its_field(typed, zone, code):
    with pytest.raises(Refused) as refused:
        read_time(typed, zone, NOW)
    assert refused.value.code == code
    assert refused.value.field == "restore_time"


def test_this_very_moment_is_not_the_future():
    assert read_time("2026-11-23T12:00:00Z", "UTC", NOW) == NOW


@given(st.integers(min_value=0, max_value=10**9))
def test_epoch_milliseconds_are_exact(milliseconds_ago):
    moment = NOW - timedelta(milliseconds=milliseconds_ago)
    assert read_time(str(int(moment.timestamp() * 1000)), "UTC", NOW) == moment.replace(
        microsecond=moment.microsecond // 1000 * 1000
    )


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(typed):
    try:
        moment = read_time(typed, "Europe/Berlin", NOW)
    except Refused:
        return
    assert moment.tzinfo is not None
    assert moment <= NOW
