"""`requests list|show`: nothing is shortened, whatever the width; and the same for other programs as JSON."""

import asyncio
import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.domain.events import CARD, Event, Kind
from bot.domain.people import Place
from bot.domain.quorum import OpenSeats
from bot.domain.request import BrokenGlass, Closing, Inspection, InstanceRef
from bot.domain.states import State
from bot.store.database import Database
from bot.workflow.store_ports import Post
from tests.fakes import NOON
from tests.unit import requests as make

CONFIGURATION = """
[[projects]]
name = "prod"
region = "eu-de"

[[policies]]
targets = ["billing-*"]
approvers = ["U0CTO"]

[[policies]]
targets = ["orders-*"]
groups = [{ name = "dba", approvers = ["S0DBA", "U0BOB"] }, { approvers = ["S0IC"] }]
"""
LONG = "orders-staging-of-the-second-data-centre-with-a-name-that-goes-on-and-on"


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """Puts requests, with events and where the card is, into the database that the command reads."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("RDS_RESTORE_CONFIG", str(tmp_path / "rds-restore.toml"))
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "rds-restore.toml").write_text(CONFIGURATION)

    def store(*requests, events=(), posted=None):
        async def fill():
            database = Database(url)
            await database.open()
            for request in requests:
                await database.requests.add(request, events, [CARD])
            if posted is not None:
                lease = await database.leases.acquire("outbox", "me", NOON, NOON + timedelta(minutes=1))
                assert lease is not None
                (owing,) = await database.outbox.waiting(NOON, 9)
                await database.outbox.delivered(owing, posted, lease, NOON)
            await database.close()

        asyncio.run(fill())

    return store


def run(*arguments):
    result = CliRunner().invoke(app, ["requests", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def facts(text):
    """Names and values of `show`, put together again."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.partition("\n\n")[0].splitlines():
        name = line[:12].strip() or name
        found.setdefault(name, []).append(line[12:].strip())
    return {name: " ".join(values) for name, values in found.items()}


def named(name, request_id="R-7KQ2M", **changes):
    return make.request(id=request_id, wish=make.wish(target=InstanceRef(f"{name}-id", name)), **changes)


def test_a_list_in_a_pipe_has_a_line_a_request_and_whole_names(stored):
    stored(named(LONG), named(LONG + "-too", "R-22222"))
    heading, *lines = run("list").splitlines()
    assert heading.split() == ["id", "state", "source", "target", "requester", "opened", "(UTC)"]
    assert sorted(line.split()[3] for line in lines) == [LONG, LONG + "-too"]


def test_a_list_in_a_narrow_window_goes_on_in_the_next_line(stored, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    stored(named(LONG))
    heading, *lines = (line.replace("\x1b[1m", "").replace("\x1b[0m", "") for line in run("list").splitlines())
    assert max(map(len, lines)) <= 80
    assert "…" not in "".join(lines)
    begin, end = heading.index("target"), heading.index("requester")
    assert "".join(line[begin:end].strip() for line in lines) == LONG
    assert lines[0].startswith("R-7KQ2M  pending  ")


def test_a_name_that_is_longer_than_a_line_stays_whole(stored):
    stored(named(LONG))
    assert facts(run("show", "R-7KQ2M"))["target"] == f"{LONG} ({LONG}-id)"


def test_a_list_for_programs(stored):
    stored(named("orders-staging"), named("crm", "R-22222", state=State.SUCCEEDED))
    (live,) = json.loads(run("list", "--live", "--json"))
    assert (live["id"], live["state"], live["target"]) == (
        "R-7KQ2M", "pending", {"id": "orders-staging-id", "name": "orders-staging"},
    )  # fmt: skip
    assert live["requester"] == {"enterprise": "", "team": "T1", "user": "U0ALICE"}
    assert live["deadline"] == (NOON + timedelta(minutes=30)).isoformat()
    assert len(json.loads(run("list", "--json"))) == 2


def test_a_request_that_waits_says_for_whom_until_when_and_where_its_card_is(stored):
    stored(make.request(place=Place("C0INC", "1795.000001")), posted=Post("C0INC", "1795435200.000100"))
    said = facts(run("show", "r-7kq2m"))
    assert said["channel"] == "C0INC, thread 1795.000001"
    assert said["card"] == "its link ends in /archives/C0INC/p1795435200000100"
    assert said["policy"] == "2 of the configuration: targets orders-*; projects *"
    assert said["approvals"] == "none (of 2)"
    assert said["missing"] == "1 of S0DBA, U0BOB (dba) and 1 of S0IC"
    assert said["deadline"] == f"{NOON + timedelta(minutes=30):%Y-%m-%d %H:%M:%S} UTC: decided by then, or it expires"
    assert said["outcome"] == "not finished"


def test_an_approval_is_named_and_only_the_others_are_missing(stored):
    given = make.request(State.APPROVED).approvals
    stored(make.request(approvals=given, still_needed=(OpenSeats(("S0IC",), 1),)))
    said = facts(run("show", "R-7KQ2M"))
    assert said["approvals"] == f"U0BOB at {NOON:%Y-%m-%d %H:%M:%S} UTC (of 2)"
    assert said["missing"] == "1 of S0IC"
    told = json.loads(run("show", "R-7KQ2M", "--json"))
    assert told["policy"] == {"number": 2, "targets": ["orders-*"], "needed": 2}
    assert told["missing"] == [{"count": 1, "of": ["S0IC"], "name": ""}]
    assert told["card"] is None


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (State.SUCCEEDED, "succeeded by U0BOB at {ended}, 12 min 0 s after the call; As told.; not as expected, says U0BOB"),
        (State.DENIED, "denied by U0BOB at {ended}; As told."),
    ],
)
def test_what_has_ended_says_how(stored, state, outcome):
    inspection = Inspection(make.BOB, NOON, as_expected=False) if state is State.SUCCEEDED else None
    ended = NOON + timedelta(minutes=12)
    stored(make.request(state, inspection=inspection, closing=Closing(make.BOB, ended, "As told.")))
    said = facts(run("show", "R-7KQ2M"))
    assert said["outcome"] == outcome.format(ended=f"{ended:%Y-%m-%d %H:%M:%S} UTC")
    assert (said["missing"], said["deadline"]) == ("none", "none")


def test_all_that_is_special_about_a_request_is_said(stored):
    glass = BrokenGlass(make.ALICE, NOON, "nobody is awake", "digest", {})
    void = make.request(State.INVALIDATED, broken_glass=glass, approvals=())
    stored(void, named("crm", "R-22222", state=State.RESTORING, trouble="The cloud is slow."))
    said = facts(run("show", "R-7KQ2M"))
    assert said["glass"].endswith("nobody is awake (not signed off yet)")
    assert said["changed"] == "target storage: was 120 GB, is now 40 GB"
    said = facts(run("show", "R-22222"))
    assert (said["job"], said["trouble"]) == ("job-1 (running, 40 %)", "The cloud is slow.")
    assert said["policy"] == "none matches the target any more: nobody may approve"
    told = json.loads(run("show", "R-7KQ2M", "--json"))
    assert (told["glass"]["reviewed_by"], told["changed"][0]["name"]) == (None, "target storage")


def test_without_the_configuration_everything_else_is_shown(stored, monkeypatch):
    monkeypatch.setenv("RDS_RESTORE_CONFIG", "nowhere.toml")
    stored(make.request())
    said = facts(run("show", "R-7KQ2M"))
    assert said["policy"] == "not known here. RDS_RESTORE_CONFIG: there is no file nowhere.toml."
    assert said["missing"] == "not known here"
    assert "nowhere.toml" in json.loads(run("show", "R-7KQ2M", "--json"))["policy_unread"]


def test_what_people_wrote_fits_eighty_columns_and_does_nothing_to_the_terminal(stored):
    reason = "the orders table\n\x1b[31mwas dropped by mistake, \u202eand this reason is longer than a line can be\ud83d"
    digest = "0123456789abcdef" * 4
    events = [
        Event(Kind.REQUESTED, make.ALICE, NOON, {"reason": reason}),
        Event(Kind.APPROVED_BY, make.BOB, NOON, {"digest": digest, "counted": "1"}),
    ]
    stored(make.request(wish=make.wish(reason=reason)), events=events)
    text = run("show", "R-7KQ2M")
    assert max(map(len, text.splitlines())) <= 80
    assert all(each.isprintable() for each in text.replace("\n", ""))
    assert "\\x1b[31mwas dropped by mistake" in facts(text)["reason"]
    assert f"\n2026-11-23 12:00:00  approved_by   U0BOB\n    counted: 1;\n    digest: {digest}\n" in text
    told = json.loads(run("show", "R-7KQ2M", "--json"))
    assert told["reason"] == reason
    assert [entry["kind"] for entry in told["history"]] == ["requested", "approved_by"]
    assert told["history"][0]["data"]["reason"] == reason
