"""Every card as it is, in files that a person reads when a card changes. `GOLDEN=write` writes them anew."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.policy import ApproverGroup, Policy
from bot.domain.quorum import OpenSeats
from bot.domain.request import Approval, BrokenGlass, Inspection, Job, JobStatus, SafetyBackupRun
from bot.domain.states import State
from bot.slack.render.card import card
from tests.fakes import NOON
from tests.unit import requests as make

FOLDER = Path(__file__).parents[2] / "data" / "cards"
TWO = Policy(approvers=("S0DBA",), approvals=2)
GROUPS = Policy(
    groups=(ApproverGroup(("S0DBA",)), ApproverGroup(("S0IC", "U0BOSS"), 1, "incident commander")), break_glass=("U0BOSS",)
)
BOB = Approval(make.BOB, NOON, "digest", {})
BACKUP = SafetyBackupRun("before-R-7KQ2M", NOON, "backup-9", done=True)
GLASS = BrokenGlass(make.BOB, NOON, "All database administrators are on a plane.", "digest", {})
WANTS_BACKUP = make.wish(safety_backup=True)
LATER = NOON + timedelta(minutes=4)
CARDS = {
    **{state.value: (make.request(state), TWO) for state in State},
    "pending-one-of-two": (make.request(approvals=(BOB,), still_needed=(OpenSeats(("S0DBA",), 1),)), TWO),
    "pending-two-groups": (make.request(), GROUPS),
    "pending-without-a-policy": (make.request(), None),
    "approved-by-break-glass": (make.request(State.APPROVED, broken_glass=GLASS), GROUPS),
    "backing_up-running": (
        make.request(State.BACKING_UP, wish=WANTS_BACKUP, backup=replace(BACKUP, done=False)), TWO,
    ),
    "approved-in-trouble": (make.request(State.APPROVED, trouble="The cloud does not answer."), TWO),
    "unknown-with-a-job": (make.request(State.UNKNOWN, job=Job("job-1", JobStatus.RUNNING, 40)), TWO),
    "succeeded-with-a-way-back": (
        make.request(State.SUCCEEDED, wish=WANTS_BACKUP, backup=BACKUP, databases_after=("customers", "orders")), TWO,
    ),
    "succeeded-as-expected": (
        make.request(State.SUCCEEDED, inspection=Inspection(make.ALICE, NOON, as_expected=True)), TWO,
    ),
    "succeeded-not-as-expected": (
        make.request(State.SUCCEEDED, backup=BACKUP, inspection=Inspection(make.ALICE, NOON, as_expected=False)), TWO,
    ),
    "succeeded-unreviewed": (make.request(State.SUCCEEDED, broken_glass=GLASS), GROUPS),
    "succeeded-reviewed": (
        make.request(State.SUCCEEDED, broken_glass=replace(GLASS, reviewed_by=make.ALICE, reviewed_at=NOON)), GROUPS,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CARDS)
def test_the_card_is_as_it_was(name):
    request, policy = CARDS[name]
    shown = card(request, policy, LATER)
    written = json.dumps({"text": shown.text, "blocks": shown.blocks}, indent=1, ensure_ascii=False) + "\n"
    path = FOLDER / f"{name}.json"
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(written, encoding="utf-8")
    assert written == path.read_text(encoding="utf-8")


def test_no_file_is_left_over():
    assert {path.stem for path in FOLDER.glob("*.json")} == set(CARDS)
