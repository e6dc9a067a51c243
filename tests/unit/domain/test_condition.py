"""What checks find, put together."""

import pytest

from bot.domain.condition import Condition, Status, clock, doubtful, fine, not_asked, together, worst, wrong


def test_the_worst_counts():
    assert worst([]) is Status.OK
    assert worst([Status.WARN, Status.FAIL, Status.OK]) is Status.FAIL


def test_of_several_findings_those_remain_that_are_not_well_each_once():
    assert together([fine("a")], "all well") == fine("all well")
    found = together([fine("a"), doubtful("b.", "do b."), wrong("c.", "do c."), doubtful("b.", "do b.")], "all well")
    assert found == Condition(Status.FAIL, "b. c.", "do b. do c.")


def test_what_was_not_asked_names_what_stands_in_the_way():
    found = not_asked("`slack token`")
    assert found.status is Status.WARN
    assert "`slack token`" in found.next_step


@pytest.mark.parametrize(
    ("skew", "status", "words"),
    [
        (None, Status.WARN, "did not tell"),
        (29.9, Status.OK, "Less than 30 s"),
        (30, Status.WARN, "ahead of"),
        (-299, Status.WARN, "behind"),
        (-300, Status.FAIL, "past 5 minutes"),
        (900, Status.FAIL, "900 s ahead of"),
    ],
)
def test_a_clock_is_well_doubtful_or_wrong(skew, status, words):
    found = clock(skew, "the service", 300)
    assert (found.status, words in found.detail) == (status, True)
