"""The operator reads what a policy means."""

import tomllib
from datetime import timedelta
from io import StringIO

import pytest
from pydantic import ValidationError
from rich.console import Console

from bot.cli.policy_table import policy_table, span
from bot.policy_settings import PolicySettings

FULL = """
projects = ["prod"]
targets = ["orders-*"]
channels = ["C0INC"]
requesters = ["S0DEV"]
notify = ["S0ONCALL"]
safety_backup = "required"
confirm = "button"
pending_for = "90s"
escalate_to = ["S0BOSS"]
break_glass = ["U0CTO"]
max_live_per_person = 2
freeze = [
  { days = ["sun", "sat"], from = "22:00", until = "06:00", zone = "Europe/Berlin", why = "batch" },
  { begins = 2026-12-24T00:00:00Z, ends = 2026-12-27T00:00:00Z },
]

[[groups]]
name = "database administrator"
approvers = ["S0DBA", "U0BOB"]
approvals = 2

[[groups]]
approvers = ["S0IC"]
"""


def shown(*policies):
    written = StringIO()
    Console(width=300, file=written).print(policy_table([policy.policy() for policy in policies]))
    return written.getvalue()


def test_everything_a_policy_says_is_in_the_table():
    text = shown(PolicySettings(**tomllib.loads(FULL)))
    for words in (
        "orders-*", "in prod", "S0DEV", "in C0INC", "at most 2 unfinished each",
        "not Sat, Sun 22:00 to 06:00 Europe/Berlin (batch)",
        "not from 2026-12-24 00:00 UTC to 2026-12-27 00:00 UTC", "2 of S0DBA, U0BOB (database administrator)", "1 of S0IC",
        "never by the requester", "break-glass: U0CTO", "presses the button", "a backup of the target first",
        "tells S0ONCALL, reminds after 10m", "escalates to S0BOSS after 15m", "expires after 90s",
    ):  # fmt: skip
        assert words in text, words


def test_the_smallest_policy():
    text = shown(PolicySettings(approvers=("S0DBA",)))
    for words in ("every instance", "in every project", "everybody", "in every channel", "1 of S0DBA", "tells S0DBA"):
        assert words in text


def test_a_target_that_nobody_may_ask_for():
    assert "nobody" in shown(PolicySettings(requesters=(), approvers=("S0DBA",)))


@pytest.mark.parametrize(("seconds", "words"), [(90, "90s"), (120, "2m"), (3600, "1h"), (86400, "1d"), (0, "0d")])
def test_spans(seconds, words):
    assert span(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("approvers = []", "give either approvers"),
        ('approvers = ["S1"]\n[[groups]]\napprovers = ["S2"]', "give either approvers"),
        ('approvals = 2\n[[groups]]\napprovers = ["S2"]', "each group has its own approvals"),
        ('approvers = ["S1"]\nfreeze = [{ why = "x" }]', "give either begins and ends, or days"),
        ('approvers = ["S1"]\nfreeze = [{ begins = 2026-01-02T00:00:00Z, ends = 2026-01-01T00:00:00Z }]', "must be before"),
        ('approvers = ["S1"]\nfreeze = [{ begins = 2026-01-02T00:00:00, ends = 2026-01-03T00:00:00Z }]', "timezone"),
        ('approvers = ["S1"]\nfreeze = [{ days = ["someday"] }]', "days"),
        ('approvers = ["S1"]\nfreeze = [{ days = ["mon"], from = "25:00" }]', "time of day"),
        ('approvers = ["S1"]\nfreeze = [{ days = ["mon"], zone = "Mars" }]', "time zone"),
        ('approvers = ["S1"]\nmax_live_per_person = 0', "max_live_per_person"),
        ('approvers = ["S1"]\nfrobnicate = 0', "frobnicate"),
    ],
)
def test_what_is_wrong_in_a_policy_is_named(text, complaint):
    with pytest.raises(ValidationError, match=complaint):
        PolicySettings(**tomllib.loads(text))
