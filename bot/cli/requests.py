"""`requests list|show`: what is on record, from the database alone."""

import asyncio
import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.exits import exit_codes
from bot.cli.opened import opened
from bot.cli.requests_plain import of_history, of_known, of_request
from bot.cli.requests_shown import Known, clean, shown
from bot.domain.errors import Misconfigured
from bot.domain.policy import policy_for
from bot.domain.request import Request
from bot.domain.states import LIVE
from bot.settings import policies_only
from bot.workflow.store_ports import Filter, Post

WIDE = 10_000
"""Columns for a table that no person's window limits."""
app = typer.Typer(no_args_is_help=True, help="Requests on record.")


@app.command("list")
def list_requests(
    live: Annotated[bool, typer.Option("--live", help="Only those that are not finished.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array instead of a table.")] = False,
) -> None:
    """The newest requests."""
    with exit_codes():
        asyncio.run(_list(Filter(states=LIVE if live else None, limit=limit), as_json=as_json))


@app.command()
def show(
    request_id: str,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
) -> None:
    """One request: how it stands, what it waits for, and its history."""
    with exit_codes():
        asyncio.run(_show(request_id.upper(), as_json=as_json))


async def _list(wanted: Filter, *, as_json: bool) -> None:
    async with opened() as database:
        found = await database.requests.find(wanted)
    if as_json:
        _print_json([of_request(request) for request in found])
        return
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        # Another program reads it: a line a request, whatever COLUMNS says.
        console = Console(highlight=False, markup=False, width=WIDE)
    console.print(_table([_row(request) for request in found]))


def _table(rows: list[tuple[str, ...]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("id", "state", "source", "target", "requester", "opened (UTC)"):
        # A name that does not fit goes on in the next line: two that begin alike must not look the same.
        table.add_column(heading, overflow="fold", no_wrap=heading in ("id", "state", "opened (UTC)"))
    for row in rows:
        table.add_row(*row)
    return table


def _row(request: Request) -> tuple[str, ...]:
    names = (request.wish.source.name, request.wish.target.name, request.requester.user)
    return request.id, request.state.value, *(clean(name) for name in names), f"{request.opened_at:%Y-%m-%d %H:%M}"


async def _show(request_id: str, *, as_json: bool) -> None:
    async with opened() as database:
        request = await database.requests.get(request_id)
        known = _known(request, await database.outbox.card_of(request_id))
        history = await database.audit.of(request_id)
    if as_json:
        _print_json({**of_request(request), **of_known(request, known), "history": of_history(history)})
        return
    console = Console(highlight=False, markup=False)
    for line in shown(request, known, history, console.width):
        console.print(line, soft_wrap=True)


def _known(request: Request, card: Post | None) -> Known:
    """The policy is in the configuration, which may not be at hand where only the database is looked into."""
    try:
        policies = policies_only()
    except Misconfigured as error:
        return Known(card, None, None, error.message)
    for number, policy in enumerate(policies, 1):
        if policy_for((policy,), request.wish.project, request.wish.target.name) is not None:
            return Known(card, number, policy, "")
    return Known(card, None, None, "")


def _print_json(value: object) -> None:
    # Escaped to ASCII: what users wrote may hold half a character.
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
