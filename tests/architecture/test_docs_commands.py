"""Every command in the documentation exists, has the options that it is given, and works where it does no harm."""

import asyncio
import json
import re
import shlex
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.domain.events import Event, Kind
from bot.domain.people import Person
from bot.store.database import Database
from tests.architecture.command_pages import PROGRAM, commands, options
from tests.architecture.fences import PAGES, ROOT, blocks

HARMLESS = ("requests list", "requests show", "audit export", "audit verify", "manifest")
"""These only read: they are run as they stand in the documentation."""
RUNNER = CliRunner()
SHELL = ("", "sh", "bash")
INLINE = re.compile(r"(?<!`)`((?:\.venv/bin/)?(?:rds-restore-bot|make) [^`\n]+)`")


def lines():
    """Every line of a command, without comment, redirection and what it is piped into; with its page."""
    found = []
    for path in PAGES:
        inside = [line for language, text in blocks(path) if language in SHELL for line in text.splitlines()]
        for line in [*inside, *INLINE.findall(path.read_text(encoding="utf-8"))]:
            bare = re.split(r"\s#|\s*[|>&;]", line.strip().removeprefix(".venv/bin/"))[0].strip()
            if bare.split(" ")[0] in (PROGRAM, "make"):
                found.append((path.name, bare))
    return sorted(set(found))


CALLS = sorted({line for _, line in lines() if line.startswith(PROGRAM)})


def split(line):
    """The command that a line calls, and what it is given."""
    words = shlex.split(line)[1:]
    for length in (2, 1):
        name = " ".join(words[:length])
        if name in commands():
            return name, words[length:]
    return "", words


def test_there_are_commands_to_check():
    assert len(CALLS) > 15


@pytest.mark.parametrize("line", CALLS)
def test_the_command_and_its_options_exist(line):
    name, given = split(line)
    if not name:
        # The program or a group alone, as in a table or before --help or --version.
        groups = {each.partition(" ")[0] for each in commands() if " " in each}
        alone = [word for word in given if word not in ("--help", "--version")]
        assert alone == [] or (len(alone) == 1 and alone[0] in groups)
        return
    for word in given:
        if word.startswith("--"):
            assert word.partition("=")[0] in {*options(commands()[name]), "--help"}


@pytest.mark.parametrize(("page", "line"), [each for each in lines() if each[1].startswith("make")])
def test_the_target_of_make_exists(page, line):
    targets = set(re.findall(r"^([\w./-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {word for word in shlex.split(line, comments=True)[1:] if "=" not in word} <= targets, page


@pytest.mark.parametrize("name", commands())
def test_help_is_given(name):
    result = RUNNER.invoke(app, [*name.split(), "--help"])
    assert result.exit_code == 0, result.output


@pytest.fixture
def database(tmp_path, monkeypatch):
    """The file of a database with an audit log of three entries."""
    file = tmp_path / "bot.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{file}")

    async def fill():
        database = Database(f"sqlite+aiosqlite:///{file}")
        await database.open()
        for number in range(3):
            data = {"verb": "approve", "code": "own_request", "why": "ä ✓"}
            event = Event(Kind.REFUSED, Person("", "T1", "U1"), datetime(2026, 11, 23, 10, 0, number, 5, UTC), data)
            await database.requests.record("R-7KQ2M", event)
        await database.close()

    asyncio.run(fill())
    return file


@pytest.mark.parametrize("line", [line for line in CALLS if split(line)[0] in HARMLESS and "[" not in line])
def test_what_only_reads_is_run(line, database, monkeypatch):
    monkeypatch.chdir(ROOT)
    name, given = split(line)
    result = RUNNER.invoke(app, [*name.split(), *given])
    # The request of the examples is not there, and the program says so.
    assert result.exit_code == (1 if name == "requests show" else 0), result.output


def script(page, marker, language):
    found = blocks(ROOT / "docs" / page)
    return next(text for written_in, text in found if written_in == language and marker in text)


@pytest.mark.parametrize("edited", [None, 1])
def test_the_auditors_script_finds_what_was_edited(database, edited):
    entries = RUNNER.invoke(app, ["audit", "export"]).stdout.splitlines()
    if edited is not None:
        entries[edited] = json.dumps({**json.loads(entries[edited]), "kind": "approved_by"})
    result = subprocess.run(
        [sys.executable, "-c", script("runbook.md", "hashlib", "python")],
        input="\n".join(entries) + "\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout, result.stderr) == (("whole\n", "") if edited is None else ("", "broken at entry 2\n"))


def test_the_queries_of_the_runbook_fit_the_tables(database):
    queries = re.findall(r'"(SELECT [^"]+ FROM outbox [^"]+)"', (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8"))
    assert len(queries) == 2
    with sqlite3.connect(database) as connection:
        assert [connection.execute(query).fetchall() for query in queries] == [[], []]
    connection.close()


def test_the_shell_blocks_are_shell():
    for path in PAGES:
        for language, text in blocks(path):
            if language == "sh":
                result = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
                assert result.returncode == 0, (path.name, result.stderr)
