"""How often a job is looked at."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.progress import pause
from bot.domain.request import Job, JobStatus
from bot.domain.states import State
from tests.fakes import NOON
from tests.unit import requests as make

EVERY = timedelta(seconds=5)


@pytest.mark.parametrize(
    ("minutes", "percent", "seconds"),
    [
        (10, None, 5.0),  # nobody knows
        (10, 0, 5.0),
        (0.1, 1, 5.0),  # at the beginning a percentage says little
        (3, 50, 18.0),  # a tenth of what is left
        (2, 10, 12.0),  # a tenth of what has passed
        (60, 50, 30.0),
        (60, 99, 5.0),  # near the end
    ],
)
def test_the_next_look_is_late_only_in_the_middle_of_a_long_job(minutes, percent, seconds):
    job = Job("job-1", JobStatus.RUNNING, percent)
    request = replace(make.request(State.RESTORING), job=job)
    assert pause(request, NOON + timedelta(minutes=minutes), EVERY) == timedelta(seconds=seconds)
