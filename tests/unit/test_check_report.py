"""What `check` says when a part of it raises."""

import re
from pathlib import Path

import pytest

from bot.cli.checks import report
from bot.domain.condition import Status
from bot.domain.errors import Misconfigured, Unavailable
from tests.architecture.our_codes import codes

BOT = Path(report.__file__).parents[2]
SAID_ELSEWHERE = {
    *("store.url", "store.locked", "store.older_schema", "store.newer_schema"),
    *("store.missing", "store.empty", "store.lost", "store.replaced"),
}
"""`configuration` and `database` find these out before they are raised, or they befall only what writes (not `check`)."""


def test_every_error_of_the_database_has_its_step():
    assert set(report.STEPS) == {code for code in codes() if code.startswith("store.")} - SAID_ELSEWHERE


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (Unavailable("store.unavailable", "It does not answer."), "See that the database runs"),
        (Misconfigured("store.refused", "It refuses us."), "Correct user, password and name"),
        (Misconfigured("cloud.credentials", "The operator must check the keys."), "Correct what is named"),
        (Unavailable("slack.slow", "It is slow."), "Run `check` again in a minute"),
    ],
)
async def test_an_error_is_told_with_the_step_itself(error, step):
    async def ask():
        raise error

    found = (await report.run("database", ask)).condition
    assert (found.status, found.detail) == (Status.FAIL, error.message)
    assert found.next_step.startswith(step)


def test_no_text_of_the_program_sends_people_to_a_file_that_is_not_installed():
    """The wheel and the image hold no documentation."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(BOT.rglob("*.py"))}
    code = {path: re.sub(r'"""[\s\S]*?"""', "", text) for path, text in texts.items()}
    assert [path for path, text in code.items() if re.search(r"\bdocs/", text)] == []
