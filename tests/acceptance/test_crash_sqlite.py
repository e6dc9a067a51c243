"""The program is killed at every step, on SQLite, and started again."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.crash_journey import CrashJourney
from tests.acceptance.crash_points import POINTS
from tests.acceptance.crashes import die_everywhere

SOMETIMES = ("showing the card approved", "showing the card backing_up", "showing the card submitting")
"""States that last so short a time that mostly no card shows them."""


@contextmanager
def file_in(folder: Path) -> Iterator[str]:
    yield f"sqlite+aiosqlite:///{folder / 'bot.db'}"


async def test_killed_at_every_step_and_started_again(tmp_path):
    await die_everywhere(tmp_path, file_in, replicas=1)


async def test_the_list_names_every_step(tmp_path):
    trace = tmp_path / "trace"
    await CrashJourney(tmp_path, "", trace=trace).run()
    passed = {point for point in trace.read_text().splitlines() if not point.endswith(SOMETIMES)}
    assert passed == set(POINTS)
