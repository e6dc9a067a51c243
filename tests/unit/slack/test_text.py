from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.render import text

HOSTILE = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        [
            "<!channel>", "<@U0BOB>", "<https://evil.example|click>", "`code`", "```fence```", "*bold*", "_it_", "~no~",
            "a&lt;b", "\u202eabc", "x" * 13_000, "&" * 500, "👍" * 300, "line\nbreak", "&amp;",
        ]
    ),
)  # fmt: skip


@given(HOSTILE)
def test_no_markup_survives_in_mrkdwn(written):
    shown = text.said(written, 200)
    assert len(shown) <= 200
    assert not set("<>`*~\n\u202e") & set(shown)
    assert all(part.startswith(("amp;", "lt;", "gt;")) for part in shown.split("&")[1:])


@given(HOSTILE)
def test_a_name_stays_inside_its_code_span(written):
    shown = text.code(written, 80)
    assert shown[0] == shown[-1] == "`"
    assert not set("<>`\n") & set(shown[1:-1])
    assert len(shown) <= 82


@given(HOSTILE, st.integers(min_value=1, max_value=100))
def test_plain_text_is_cut_to_its_limit(written, limit):
    assert len(text.plain(written, limit)) <= limit


def test_underscores_inside_a_name_stay():
    assert text.said("orders_db_2") == "orders_db_2"
    assert "_" not in text.said("_emphasis_")


def test_half_an_entity_is_never_shown():
    assert text.cut("ab&amp;cd", 6) == "ab" + text.ELLIPSIS


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(0), "less than a second"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(minutes=42, seconds=7), "42 minutes 7 seconds"),
        (timedelta(days=2, hours=3, minutes=4), "2 days 3 hours"),
    ],
)
def test_lengths_of_time_are_said_in_two_units(length, words):
    assert text.span(length) == words


def test_a_moment_is_shown_in_the_readers_zone_and_in_utc():
    shown = text.when(datetime(2026, 11, 23, 10, 0, tzinfo=UTC))
    assert shown == "<!date^1795428000^{date_short_pretty} {time_secs}|2026-11-23 10:00:00 UTC> (2026-11-23 10:00:00 UTC)"


def test_only_where_it_matters_milliseconds_are_shown():
    moment = datetime(2026, 11, 23, 10, 0, 0, 250_999, tzinfo=UTC)
    assert text.exactly(moment).endswith("(2026-11-23 10:00:00.250 UTC)")
    assert text.exactly(moment.replace(microsecond=0)) == text.when(moment)


def test_a_time_has_its_day():
    shown = text.day_time(datetime(2026, 11, 23, 10, 0, tzinfo=UTC))
    assert shown == "<!date^1795428000^{date_short_pretty} {time}|2026-11-23 10:00 UTC>"


@pytest.mark.parametrize(("percent", "full"), [(0, 0), (4, 0), (5, 1), (50, 10), (100, 20), (130, 20), (-1, 0)])
def test_the_bar_has_twenty_places(percent, full):
    shown = text.bar(percent)
    assert len(shown) == 20
    assert shown.count("█") == full


def test_mentions_are_made_from_ids():
    assert text.mention("S0DBA") == "<!subteam^S0DBA>"
    assert text.mention("U0BOB") == "<@U0BOB>"
