"""Whatever people and the cloud wrote: nothing that is shown breaks Slack's limits, calls somebody, or links anywhere."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.events import Event, Kind, Milestone, Note, Owed
from bot.domain.facts import BackupPoint, FactChange
from bot.domain.findings import Finding, Severity
from bot.domain.policy import Policy
from bot.domain.quorum import OpenSeats
from bot.domain.request import BrokenGlass, Closing, InstanceRef, Job, JobStatus, SafetyBackupRun
from bot.domain.states import FINAL, State
from bot.sandbox.workspace.validation import UPDATE_TEXT, characters, message_faults, view_faults
from bot.slack.payloads import dump_form
from bot.slack.render import limits
from bot.slack.render.card import card
from bot.slack.render.form import Choice, FormState, notice, option, restore_form
from bot.slack.render.home import Page, home
from bot.slack.render.lists import line, one, several, usage
from bot.slack.render.review import approve_form, break_glass_form, deny_form, details, problems, summary
from bot.slack.render.text import said
from bot.slack.render.thread import reply, to_requester
from tests.fakes import NOON
from tests.unit import requests as make
from tests.unit.slack.second_opinion import faults_of_blocks, faults_of_view

POLICY = Policy(approvers=("S0DBA",), approvals=2, break_glass=("U0BOSS",), escalate_to=("S0IC",))
LINK = "https://northwind.slack.com/archives/C1/p1"
OURS = re.compile(
    r"<(@U0ALICE|@U0BOB|!subteam\^S0DBA|!subteam\^S0IC|#C0INC|!date\^\d+\^[^<>|]+\|[^<>|]+|"
    rf"{re.escape(LINK)}\|Open the request)>"
)
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
BAIT = [
    "<!channel>", "<!here>", "<!everyone>", "<@U0EVIL>", "<#C0EVIL>", "<!subteam^S0EVIL>", "<https://evil.example|safe>",
    "<mailto:a@evil.example>", "https://evil.example/", "@channel", "`", "```", "*b*", "_i_", "~s~", "&lt;!channel&gt;",
    "\u202e", "\u200b", "\u200f", "\u2066", "\u00ad", "\u061c", "\U000e0041", "\ud800", "\x00", "\n", "\r\n> quote",
    "\u2028", ":fire:", "\N{FIRE}", "\U0001f469\u200d\U0001f692", "{target}", "%s", "|", "^", "<!date^1^x|y>", "-" * 300,
    "<" * 700, "&",
]  # fmt: skip


class Long(str):
    """Thirteen thousand characters, named in a few."""

    __slots__ = ()

    def __repr__(self):
        return f"{str(self[:30])!r} and so on"


hostile = st.one_of(
    st.lists(st.one_of(st.sampled_from(BAIT), st.text(max_size=8)), min_size=1, max_size=12).map("".join),
    st.sampled_from([Long(bait * (13_000 // len(bait))) for bait in BAIT]),
)


def request(state, text, *, long=1):
    """A request in which everything that comes from outside is this text."""
    wish = make.wish(
        project=text,
        reason=text,
        source=InstanceRef("i", text),
        target=InstanceRef("j", text),
        point=BackupPoint("b", text, NOON - timedelta(hours=3)),
        databases={f"{text}{number}": text for number in range(long)},
        safety_backup=True,
    )
    spoilt = {"name": text, "engine": text, "version": text, "status": text}
    facts = make.facts(
        source=make.instance(**spoilt),
        target=make.instance(**spoilt, id="j"),
        backup=make.backup(name=text, status=text),
        target_busy=text,
    )
    findings = tuple(Finding("rule", severity, text, "source") for severity in Severity for _ in range(long))
    made = replace(
        make.request(state),
        wish=wish,
        facts=facts,
        findings=findings,
        trouble=text,
        changed=tuple((text, text, text) for _ in range(long)) if state is State.INVALIDATED else (),
        backup=SafetyBackupRun(text, NOON, backup_id=text),
        job=Job(text, JobStatus.RUNNING, 40, reason=text),
        still_needed=(OpenSeats(("S0DBA",), 1, text),),
        broken_glass=BrokenGlass(make.BOB, NOON, text, "digest", {}),
        databases_after=(text,) * long,
    )
    if state in FINAL:
        made = replace(made, closing=Closing(make.BOB, NOON, text, text))
    return made


def texts(value):
    """Every text object inside."""
    if isinstance(value, dict):
        if value.get("type") in ("mrkdwn", "plain_text") and isinstance(value.get("text"), str):
            yield value
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def check_markup(markup):
    """No mention, link or date but ours, and nothing that hides."""
    rest = OURS.sub("", markup)
    assert "<" not in rest, rest
    assert ">" not in rest, rest
    assert all(part.startswith(("amp;", "lt;", "gt;")) for part in rest.split("&")[1:]), rest
    assert not HIDDEN.search(rest)
    assert "```" not in rest


def check(blocks_or_view):
    for text in texts(blocks_or_view):
        assert not HIDDEN.search(text["text"]), text
        if text["type"] == "mrkdwn":
            # Otherwise Slack makes links of bare addresses.
            assert text.get("verbatim") is True or OURS.sub("", text["text"]).isascii(), text
            check_markup(text["text"])
        else:
            assert text.get("emoji") is not True or ":fire:" not in text["text"], text


def check_message(message):
    assert message_faults(message.blocks) == []
    assert faults_of_blocks(message.blocks) == []
    assert characters(message.blocks) <= limits.MESSAGE_CHARACTERS == 13_000
    assert 0 < len(message.text) <= UPDATE_TEXT
    check(message.blocks)
    check_markup(message.text)


def check_view(view):
    shown = view.to_dict()
    assert view_faults(shown) == []
    assert faults_of_view(shown) == []
    check(shown)


@settings(max_examples=150, deadline=None)
@given(text=hostile, state=st.sampled_from(State), long=st.sampled_from([1, 30]))
def test_cards_and_lists(text, state, long):
    made = request(state, text, long=long)
    for message in (card(made, POLICY, NOON), one(made), several("All", [made] * 20), usage(text), line(said(text))):
        check_message(message)


@settings(max_examples=100, deadline=None)
@given(text=hostile, state=st.sampled_from(State), milestone=st.sampled_from(Milestone), long=st.sampled_from([1, 30]))
def test_messages_under_the_card_and_in_private(text, state, milestone, long):
    made = request(state, text, long=long)
    data = {
        "user": "U0BOB",
        "counted": "1",
        "percent": "50",
        "why": text,
        "minutes_left": "5",
        "reason": text,
        "as_expected": "no",
    }
    owed = Owed(Note.THREAD, milestone, data)
    check_message(reply(made, POLICY, owed))
    check_message(to_requester(made, POLICY, owed, LINK))


@settings(max_examples=100, deadline=None)
@given(text=hostile, state=st.sampled_from(State), long=st.sampled_from([1, 30]))
def test_modals_and_the_home_tab(text, state, long):
    made = request(state, text, long=long)
    said_of_it = [text] * long
    changed = [FactChange(text, text, text)] * long
    for view in (
        summary(made, said_of_it),
        approve_form(made, made.facts, made.findings, changed, said_of_it, "{}", type_name=True),
        approve_form(made, made.facts, (), changed, said_of_it, "{}", type_name=True),
        deny_form(made, "{}"),
        details(made, POLICY, [Event(kind, made.requester, NOON, {"why": text, "reason": text}) for kind in Kind] * long),
        break_glass_form(made, POLICY, made.findings, said_of_it, "{}", type_name=True),
        problems(made.findings),
        notice("No", f"⛔ {said(text)}"),
        home(
            [(replace(made, id=f"R-{number}"), POLICY) for number in range(10)],
            [made] * 10,
            [made] * 10,
            [made] * 10,
            Page([made] * 10, 1, more=True),
        ),
    ):
        check_view(view)


@settings(max_examples=100, deadline=None)
@given(text=hostile, mode=st.sampled_from(["backup", "timestamp"]))
def test_the_form_and_what_it_remembers(text, mode):
    chosen = Choice("0123456789abcdef0123456789abcdefin01", text)
    state = FormState(
        "C0INC", "1795400001.000100", "prod", mode=mode, source=chosen, source_engine="SQLServer", backup=chosen, time=text,
        target=chosen, notices=(text,) * 4,
    )  # fmt: skip
    memory = dump_form(state)
    assert len(memory) <= limits.METADATA
    check_view(restore_form(state, ["prod", "test"], memory, offers_backup=True))


@given(label=hostile, description=hostile)
def test_options(label, description):
    shown = option("i-1", label, description).to_dict()
    assert 0 < len(shown["text"]["text"]) <= limits.OPTION_TEXT
    assert 0 < len(shown.get("description", {"text": "-"})["text"]) <= limits.OPTION_DESCRIPTION
    check(shown)


@pytest.mark.parametrize("bait", BAIT)
def test_a_name_is_still_recognisable(bait):
    made = request(State.PENDING, f"orders{bait}prod")
    shown = card(made, POLICY, NOON)
    overwritten = next(each["text"] for each in texts(shown.blocks) if each["text"].startswith("*Will be overwritten*"))
    for text in (shown.text, overwritten):
        assert "orders" in text
        assert len(bait) > 100 or "prod" in text


def test_the_second_opinion_is_one():
    button = {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "x" * 76}}
    assert faults_of_blocks([{"type": "actions", "elements": [button]}]) != []
    assert faults_of_view({"type": "modal", "title": {"type": "plain_text", "text": "x" * 25}, "blocks": []}) != []


@pytest.mark.parametrize("bait", [":fire:", ":+1:", ":skin-tone-2:"])
def test_words_do_not_turn_into_pictures(bait):
    assert bait not in said(bait)
    assert said("at 12:30:45, a:b") == "at 12:30:45, a:b"
