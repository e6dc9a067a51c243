"""Everything that is shown: within Slack's limits, and without effect of what people wrote."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.events import Event, Kind, Milestone, Note, Owed
from bot.domain.facts import FactChange
from bot.domain.findings import Finding, Severity
from bot.domain.policy import ApproverGroup, Policy
from bot.domain.preflight import consequences
from bot.domain.quorum import OpenSeats
from bot.domain.request import Approval, BrokenGlass, Closing, Inspection, InstanceRef, SafetyBackupRun
from bot.domain.states import FINAL, State
from bot.sandbox.workspace.validation import message_faults, view_faults
from bot.slack.opening import backup_label
from bot.slack.render.card import card
from bot.slack.render.form import Choice, FormState, notice, restore_form, skeleton
from bot.slack.render.home import Page, home
from bot.slack.render.lists import one, several, usage
from bot.slack.render.review import approve_form, break_glass_form, deny_form, details, problems, summary
from bot.slack.render.thread import reply, to_requester
from tests.fakes import NOON
from tests.unit import requests as make

POLICY = Policy(approvers=("S0DBA",), approvals=2)
HOSTILE = st.one_of(
    st.text(min_size=1, max_size=400),
    st.sampled_from(["<!channel>", "`x`<@U1>", "\u202egnp", "*b*", "x" * 13_000, "&" * 900, "👩‍🚒" * 200, "a\n> b", " "]),
)


def texts_of(block: dict[str, Any]) -> list[Any]:
    return [block.get("text"), *(block.get("fields") or ()), *(block.get("elements") or ())]


def buttons(message):
    return [element["action_id"] for block in message.blocks if block["type"] == "actions" for element in block["elements"]]


@pytest.mark.parametrize("state", State)
def test_the_card_of_every_state_keeps_to_the_limits(state):
    shown = card(make.request(state), POLICY, NOON)
    assert message_faults(shown.blocks) == []
    assert shown.text


@pytest.mark.parametrize("state", sorted(FINAL))
def test_a_finished_card_decides_nothing_any_more(state):
    shown = card(make.request(state), replace(POLICY, break_glass=("U0BOSS",)), NOON)
    looking_back = ["verified", "not_as_expected"] if state is State.SUCCEEDED else []
    assert buttons(shown) == [*looking_back, "details"]
    assert make.request(state).closing is not None


BACKED_UP = SafetyBackupRun("before-R-7KQ2M", NOON, "backup-9", done=True)
GLASS = BrokenGlass(make.BOB, NOON, "Nobody answers", "digest", {})


@pytest.mark.parametrize(
    ("state", "changes", "actions"),
    [
        (State.SUCCEEDED, {"backup": BACKED_UP}, ["verified", "not_as_expected", "undo", "details"]),
        (State.SUCCEEDED, {"inspection": Inspection(make.BOB, NOON, as_expected=True)}, ["details"]),
        (State.FAILED, {"backup": BACKED_UP}, ["undo", "details"]),
        (State.FAILED, {"backup": BACKED_UP, "submitted_at": None}, ["details"]),
        (State.FAILED, {"backup": replace(BACKED_UP, done=False)}, ["details"]),
        (State.FAILED, {"broken_glass": GLASS}, ["sign_off", "details"]),
        (State.FAILED, {"broken_glass": replace(GLASS, reviewed_by=make.ALICE, reviewed_at=NOON)}, ["details"]),
        (State.RESTORING, {"broken_glass": GLASS}, ["details"]),
    ],
)
def test_looking_back(state, changes, actions):
    assert buttons(card(make.request(state, **changes), POLICY, NOON)) == actions


def test_break_glass_is_offered_where_the_policy_has_it():
    policy = replace(POLICY, break_glass=("U0BOSS",))
    assert buttons(card(make.request(), policy, NOON)) == ["approve", "deny", "break_glass", "cancel", "details"]


@pytest.mark.parametrize(
    ("state", "actions"),
    [
        (State.PENDING, ["approve", "deny", "cancel", "details"]),
        (State.APPROVED, ["cancel", "details"]),
        (State.BACKING_UP, ["cancel", "details"]),
        (State.SUBMITTING, ["details"]),
        (State.RESTORING, ["details"]),
        (State.UNKNOWN, ["adopt_job", "declare_failed", "details"]),
    ],
)
def test_a_live_card_offers_what_can_be_done(state, actions):
    assert buttons(card(make.request(state), POLICY, NOON)) == actions


def test_the_card_says_how_many_approvals_are_there_and_who_is_waited_for():
    shown = json.dumps(card(make.request(), POLICY, NOON).blocks)
    assert "0 of 2, waiting for 2 of <!subteam^S0DBA>" in shown
    approved = make.request(
        approvals=(Approval(make.BOB, NOON, "d", {}),), still_needed=(OpenSeats(("S0DBA", "U0DANA"), 1, "DBA"),)
    )
    shown = json.dumps(card(approved, POLICY, NOON).blocks, ensure_ascii=False)
    assert "1 of 2: <@U0BOB> ✓, waiting for one more of <!subteam^S0DBA> <@U0DANA> (DBA)" in shown


def test_two_groups_are_both_waited_for():
    policy = Policy(groups=(ApproverGroup(("S0DBA",), 2), ApproverGroup(("S0IC",), 1, "incident commander")))
    shown = json.dumps(card(make.request(), policy, NOON).blocks)
    assert "0 of 3, waiting for 2 of <!subteam^S0DBA> and one of <!subteam^S0IC> (incident commander)" in shown


@pytest.mark.parametrize(
    ("notify", "said"),
    [
        ((), "<!subteam^S0DBA> <@U0BOB>"),
        (("S0DBA", "U0BOB"), "<!subteam^S0DBA> <@U0BOB>"),
        (("S0DBA", "S0ONCALL"), "<!subteam^S0DBA> or the other approvers"),
        (("S0ONCALL",), "the approvers"),
    ],
)
def test_a_message_calls_only_those_to_notify(notify, said):
    policy = Policy(approvers=("S0DBA", "U0BOB"), notify=notify)
    waiting = card(make.request(), policy, NOON)
    assert f"waiting for one of {said}" in json.dumps(waiting.blocks)
    asked = reply(make.request(), policy, Owed(Note.THREAD, Milestone.REQUESTED)).text
    assert f"The approval of one of {said} is needed" in asked
    assert all(asked.count(name) == 1 for name in notify)
    shown = json.dumps(details(make.request(), policy, []).to_dict())
    assert "one of <!subteam^S0DBA> <@U0BOB>" in shown


def test_renamed_databases_are_shown_wherever_somebody_decides():
    made = make.request(wish=make.wish(databases={"crm": "", "audit": "audit_old,audit_copy"}))
    said = "`audit` → `audit_old, audit_copy`, `crm`"
    for shown in (
        card(made, POLICY, NOON).blocks,
        summary(made, ()).to_dict(),
        approve_form(made, made.facts, (), (), (), "{}", type_name=True).to_dict(),
        break_glass_form(made, POLICY, (), (), "{}", type_name=True).to_dict(),
        details(made, POLICY, []).to_dict(),
    ):
        assert said in json.dumps(shown, ensure_ascii=False)


def test_the_approver_reads_what_stands_against_it_not_every_check():
    findings = [Finding("a", Severity.OK, "Fine.", "source"), Finding("b", Severity.WARNING, "Look at this.", "source")]
    made = make.request()
    shown = json.dumps(approve_form(made, made.facts, findings, (), (), "{}", type_name=True).to_dict())
    assert "Look at this." in shown
    assert "Fine." not in shown
    assert "1 checks passed" in shown


def test_the_databases_that_are_there_are_listed():
    restored = make.request(State.SUCCEEDED, databases_after=("orders", *(f"d{n}" for n in range(25))))
    shown = json.dumps(card(restored, POLICY, NOON).blocks)
    assert "Databases on it: `orders`, `d0`" in shown
    assert "and 6 more" in shown


def test_the_progress_bar_moves():
    restoring = make.request(State.RESTORING)
    shown = json.dumps(card(restoring, POLICY, NOON + timedelta(minutes=4)).blocks, ensure_ascii=False)
    assert "████████░" in shown
    assert "running for 4 minutes" in shown
    assert "about 6 minutes to go" in shown


def test_what_changed_is_named():
    shown = json.dumps(card(make.request(State.INVALIDATED), POLICY, NOON).blocks)
    assert "target storage: was 120 GB, is now 40 GB" in shown


@given(HOSTILE, HOSTILE, st.sampled_from(State))
def test_what_people_and_the_cloud_wrote_has_no_effect_on_the_card(reason, name, state):
    wish = make.wish(reason=reason, source=InstanceRef("i", name), target=InstanceRef("j", name))
    facts = make.facts(source=make.instance(name), target=make.instance(name, id="j"))
    request = make.request(state, wish=wish, facts=facts, trouble=reason)
    if request.closing:
        request = replace(request, closing=Closing(make.BOB, NOON, reason))
    shown = card(request, POLICY, NOON)
    assert message_faults(shown.blocks) == []
    formatted = [
        text["text"]
        for block in shown.blocks
        for text in texts_of(block)
        if isinstance(text, dict) and text.get("type") == "mrkdwn"
    ]
    for text in formatted:
        assert "<!channel>" not in text
        assert "<@U1>" not in text
        assert "\u202e" not in text


@pytest.mark.parametrize("milestone", Milestone)
@pytest.mark.parametrize("state", [State.PENDING, State.RESTORING, State.SUCCEEDED, State.FAILED])
def test_every_milestone_has_words(milestone, state):
    request = make.request(state, backup=SafetyBackupRun("before-R-7KQ2M", NOON))
    owed = Owed(
        Note.THREAD,
        milestone,
        {
            "user": "U0BOB",
            "counted": "1",
            "percent": "50",
            "why": "*why*",
            "minutes_left": "5",
            "reason": "*why*",
            "as_expected": "no",
        },
    )
    shown = reply(request, POLICY, owed)
    assert message_faults(shown.blocks) == []
    assert not re.search(r"\{(target|percent|why|backup)\}", shown.text)
    private = to_requester(request, POLICY, owed, "https://northwind.slack.com/archives/C1/p1")
    assert "R-7KQ2M" in private.text


@given(HOSTILE)
def test_the_modals_keep_to_the_limits(text):
    request = make.request(wish=make.wish(reason=text, target=InstanceRef("j", text)))
    said = consequences(request.wish, request.facts, NOON)
    changed = [FactChange("target status", "ACTIVE", text)]
    views = [
        summary(request, said),
        approve_form(request, request.facts, request.findings, changed, said, "{}", type_name=True),
        deny_form(request, "{}"),
        details(request, POLICY, [Event(kind, make.BOB, NOON, {"why": text, "reason": text}) for kind in Kind] * 9),
        break_glass_form(request, POLICY, request.findings, said, "{}", type_name=True),
        problems(request.findings),
        notice("No", "⛔ no"),
        skeleton(),
        home(
            [(replace(request, id=f"R-{n}"), POLICY) for n in range(10)],
            [request] * 10,
            [request] * 10,
            [request] * 10,
            Page([request] * 10, 1, more=True),
        ),
        restore_form(
            FormState("C1", None, "prod", source=Choice("i", text), target=Choice("j", text), notices=(text,)),
            ["prod", "test"],
            "{}",
            offers_backup=True,
        ),
        restore_form(
            FormState(None, None, "prod", mode="timestamp", time="now", source_engine="SQLServer", ranges=("• a to b",)),
            ["prod"],
            "{}",
            offers_backup=False,
        ),
    ]
    for view in views:
        assert view_faults(view.to_dict()) == []


def test_an_approval_that_a_rule_forbids_cannot_be_submitted():
    small = make.facts(target=make.instance("orders-staging", storage_gb=1))
    request = make.request(facts=small)
    view = approve_form(request, small, request.findings, (), (), "{}", type_name=True).to_dict()
    assert "submit" not in view


def test_lists():
    request = make.request(State.RESTORING)
    for shown in (one(request), several("All", [request] * 20), several("None", []), usage("frobnicate"), usage("")):
        assert message_faults(shown.blocks) == []
    assert "`frobnicate`" in usage("frobnicate").text


def test_a_backup_is_offered_with_the_moment_whose_state_it_holds():
    began = NOON.replace(hour=1)
    whole = make.backup(began_at=began, ended_at=began + timedelta(minutes=26))
    assert backup_label(whole).startswith(f"{began:%Y-%m-%d} 01:26 UTC · auto · ")
    assert backup_label(replace(whole, ended_at=None)).startswith(f"{began:%Y-%m-%d} 01:00 UTC · ")
