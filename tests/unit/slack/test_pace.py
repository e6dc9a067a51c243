"""Places in line, in virtual time."""

from datetime import timedelta

from bot.slack.pace import Limit, Pace
from tests.fakes import NOON

ONE_A_SECOND = Limit(60, 3)


def at(seconds):
    return NOON + timedelta(seconds=seconds)


def test_a_few_at_once_then_one_after_the_other():
    pace = Pace(ONE_A_SECOND)
    assert [pace.wait(name, at(0), urgent=False) for name in "abcdef"] == [0, 0, 0, 1, 2, 3]
    assert pace.wait("d", at(1), urgent=False) == 0
    assert pace.wait("e", at(1), urgent=False) == 1
    assert pace.wait("e", at(2), urgent=False) == 0


def test_nobody_goes_before_those_who_wait():
    pace = Pace(ONE_A_SECOND)
    assert [pace.wait(name, at(0), urgent=False) for name in "abcd"] == [0, 0, 0, 1]
    assert pace.wait("late", at(1), urgent=False) > 0
    assert pace.wait("d", at(1), urgent=False) == 0


def test_what_is_urgent_goes_before_what_is_not():
    pace = Pace(ONE_A_SECOND)
    for name in "abcde":
        pace.wait(name, at(0), urgent=False)
    assert pace.wait("final", at(0), urgent=True) == 1
    assert pace.wait("d", at(1), urgent=False) > 0
    assert pace.wait("final", at(1), urgent=True) == 0


def test_a_place_that_nobody_comes_back_for_is_given_away():
    pace = Pace(ONE_A_SECOND)
    for name in "abcd":
        pace.wait(name, at(0), urgent=True)
    assert pace.wait("other", at(40), urgent=False) == 0


def test_no_more_than_the_limit_in_any_minute():
    pace, sent = Pace(Limit(40, 8)), []
    due = {f"m{number}": 0.0 for number in range(200)}
    now = 0.0
    while due:
        now = min(due.values())
        name = min((each for each, turn in due.items() if turn <= now), key=str)
        wait = pace.wait(name, at(now), urgent=False)
        if wait:
            due[name] = now + wait
        else:
            sent.append(now)
            del due[name]
    assert max(sum(start <= moment < start + 60 for moment in sent) for start in sent) <= 48
    assert now <= 200 / 40 * 60 + 1
