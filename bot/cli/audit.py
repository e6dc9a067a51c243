"""`audit export|verify`: the audit log."""

import asyncio
import json
import sys
from typing import Any

import typer

from bot.cli.exits import CHECK_FAILED, exit_codes
from bot.cli.opened import opened
from bot.store.chain import Entry

app = typer.Typer(no_args_is_help=True, help="The audit log.")


@app.command()
def export() -> None:
    """Write all entries as JSON Lines to standard output."""
    with exit_codes():
        asyncio.run(_export())


@app.command()
def verify() -> None:
    """Check the chain; names the first entry that was edited, removed or moved."""
    with exit_codes():
        asyncio.run(_verify())


async def _export() -> None:
    async with opened() as database:
        async for entry in database.audit.export():
            sys.stdout.write(json.dumps(_plain(entry), ensure_ascii=False) + "\n")


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


async def _verify() -> None:
    async with opened() as database:
        broken = await database.audit.verify()
    if broken is not None:
        sys.stderr.write(f"broken at entry {broken.seq}: {broken.why}\n")
        raise typer.Exit(CHECK_FAILED)
    sys.stdout.write("the audit log is whole\n")
