"""`audit verify`: what it says of a whole log, an empty one and a broken one, to people and to programs."""

import asyncio
import json
import sqlite3
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.domain.events import Event, Kind
from bot.domain.people import Person
from bot.store.audit import Head
from bot.store.database import Database

AT = datetime(2026, 11, 23, 10, 0, 0, 5, UTC)


def verify(*options):
    return CliRunner().invoke(app, ["audit", "verify", *options])


@pytest.fixture
def file(tmp_path, monkeypatch):
    file = tmp_path / "bot.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{file}")
    return file


def recorded(file, entries):
    async def fill():
        database = Database(f"sqlite+aiosqlite:///{file}")
        await database.open()
        for _ in range(entries):
            await database.requests.record("R-7KQ2M", Event(Kind.REFUSED, Person("", "T1", "U1"), AT))
        head = await database.audit.head()
        await database.close()
        return head

    return asyncio.run(fill())


def test_of_a_whole_log_the_newest_entry_is_named_for_the_auditor(file):
    head = recorded(file, 3)
    result = verify()
    first, second = result.stdout.splitlines()
    assert (result.exit_code, first) == (0, "the audit log is whole")
    assert second == f"entries: 3; newest: 3, 2026-11-23T10:00:00.000005+00:00, {head.hash}"
    newest = {"seq": 3, "at": "2026-11-23T10:00:00.000005+00:00", "hash": head.hash}
    assert json.loads(verify("--json").stdout) == {"whole": True, "entries": 3, "newest": newest, "broken": None}


def test_an_empty_log_is_whole_but_says_that_it_is_empty(file):
    assert recorded(file, 0) == Head(0, "0" * 64)
    result = verify()
    first, second = result.stdout.splitlines()
    assert (result.exit_code, first) == (0, "the audit log is whole")
    assert second.startswith("entries: 0. ")
    assert json.loads(verify("--json").stdout) == {"whole": True, "entries": 0, "newest": None, "broken": None}


def test_a_broken_log_names_the_entry_and_what_was_good_before_it(file):
    recorded(file, 3)
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TRIGGER events_no_update")
        connection.execute("UPDATE events SET kind = 'approved_by' WHERE seq = 2")
    connection.close()
    result = verify()
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "broken at entry 2: was changed\n")
    result = verify("--json")
    said = json.loads(result.stdout)
    assert (result.exit_code, said["whole"], said["entries"], said["newest"]["seq"]) == (1, False, 1, 1)
    assert said["broken"] == {"seq": 2, "why": "was changed"}


@pytest.mark.parametrize("command", [("audit", "verify"), ("audit", "export"), ("requests", "list")])
def test_a_mistyped_database_is_named_and_not_made(file, command):
    result = CliRunner().invoke(app, command)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"there is no database {file}" in result.stderr
    assert "do not start `serve`" in result.stderr
    assert not file.exists()
