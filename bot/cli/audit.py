"""`audit export|verify`: the audit log."""

import asyncio
import csv
import json
import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from bot.cli.exits import CHECK_FAILED, exit_codes
from bot.cli.opened import opened
from bot.store.audit import Examined
from bot.store.chain import Entry

COLUMNS = ("seq", "at", "request_id", "kind", "enterprise", "team", "user", "data", "previous", "hash")
app = typer.Typer(no_args_is_help=True, help="The audit log.")


class Format(StrEnum):
    """How the log is written."""

    JSONL = "jsonl"
    CSV = "csv"


@app.command()
def export(
    form: Annotated[Format, typer.Option("--format", help="One JSON object a line, or a table.")] = Format.JSONL,
) -> None:
    """Write all entries to standard output, oldest first."""
    with exit_codes():
        asyncio.run(_export(form))


@app.command()
def verify(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
) -> None:
    """Check the chain; names the first entry that was edited, removed or moved, else the newest one."""
    with exit_codes():
        asyncio.run(_verify(as_json=as_json))


async def _export(form: Format) -> None:
    write = _json_line if form is Format.JSONL else _row
    async with opened() as database:
        if form is Format.CSV:
            csv.writer(sys.stdout).writerow(COLUMNS)
        async for entry in database.audit.export():
            write(entry)


def _json_line(entry: Entry) -> None:
    sys.stdout.write(json.dumps(_plain(entry), ensure_ascii=False) + "\n")


def _row(entry: Entry) -> None:
    actor, data = entry.actor, json.dumps(entry.data, ensure_ascii=False, sort_keys=True)
    values = (entry.seq, entry.at.isoformat(), entry.request_id, entry.kind, actor.enterprise, actor.team, actor.user)
    csv.writer(sys.stdout).writerow((*values, data, entry.previous, entry.hash))


def _plain(entry: Entry) -> dict[str, Any]:
    """The entry as it is sealed, so that anybody can compute the hashes again."""
    return {
        "seq": entry.seq,
        "request_id": entry.request_id,
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "actor": {"enterprise": entry.actor.enterprise, "team": entry.actor.team, "user": entry.actor.user},
        "data": entry.data,
        "previous": entry.previous,
        "hash": entry.hash,
    }


async def _verify(*, as_json: bool) -> None:
    async with opened() as database:
        found = await database.audit.examine()
    if as_json:
        sys.stdout.write(json.dumps(_verdict(found), ensure_ascii=False) + "\n")
    if found.tampering is not None:
        sys.stderr.write(f"broken at entry {found.tampering.seq}: {found.tampering.why}\n")
        raise typer.Exit(CHECK_FAILED)
    if not as_json:
        sys.stdout.write(f"the audit log is whole\n{_anchor(found)}\n")


def _anchor(found: Examined) -> str:
    """What an auditor writes down elsewhere: only that shows later that entries at the end are missing."""
    if found.newest is None:
        return "entries: 0. Nothing was ever recorded here; if this bot has run before, this is not its database."
    newest = found.newest
    return f"entries: {found.good}; newest: {newest.seq}, {newest.at.isoformat()}, {newest.hash}"


def _verdict(found: Examined) -> dict[str, Any]:
    newest, tampering = found.newest, found.tampering
    return {
        "whole": tampering is None,
        "entries": found.good,
        "newest": newest and {"seq": newest.seq, "at": newest.at.isoformat(), "hash": newest.hash},
        "broken": tampering and {"seq": tampering.seq, "why": tampering.why},
    }
