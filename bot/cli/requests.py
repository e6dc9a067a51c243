"""`requests list|show`: what is on record, from the database alone."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.cli.exits import exit_codes
from bot.cli.opened import opened
from bot.domain.request import Request, named
from bot.domain.states import LIVE
from bot.workflow.store_ports import Filter

app = typer.Typer(no_args_is_help=True, help="Requests on record.")


@app.command("list")
def list_requests(
    live: Annotated[bool, typer.Option("--live", help="Only those that are not finished.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 50,
) -> None:
    """The newest requests."""
    with exit_codes():
        asyncio.run(_list(Filter(states=LIVE if live else None, limit=limit)))


@app.command()
def show(request_id: str) -> None:
    """One request with its history."""
    with exit_codes():
        asyncio.run(_show(request_id.upper()))


async def _list(wanted: Filter) -> None:
    table = Table("id", "state", "source", "target", "requester", "opened (UTC)")
    async with opened() as database:
        for request in await database.requests.find(wanted):
            table.add_row(
                request.id,
                request.state.value,
                request.wish.source.name,
                request.wish.target.name,
                request.requester.user,
                f"{request.opened_at:%Y-%m-%d %H:%M}",
            )
    Console(highlight=False).print(table)


async def _show(request_id: str) -> None:
    console = Console(highlight=False, markup=False)
    async with opened() as database:
        request = await database.requests.get(request_id)
        for name, value in _facts(request):
            console.print(f"{name:<12}{value}")
        for entry in await database.audit.of(request_id):
            console.print(f"{entry.at:%Y-%m-%d %H:%M:%S}  {entry.kind:<14}{entry.actor.user}  {entry.data}")


def _facts(request: Request) -> list[tuple[str, str]]:
    return [
        ("id", request.id),
        ("state", request.state.value),
        ("project", request.wish.project),
        ("source", f"{request.wish.source.name} ({request.wish.source.id})"),
        ("target", f"{request.wish.target.name} ({request.wish.target.id})"),
        ("point", named(request.wish.point)),
        ("requester", request.requester.user),
        ("reason", request.wish.reason),
        ("job", request.job.id if request.job else "none"),
        ("outcome", request.closing.why if request.closing else ""),
    ]
