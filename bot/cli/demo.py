"""`demo`: a local Slack with a web page, a local RDS API, and the unchanged bot as a process of its own."""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from bot.cli.autoplay import play
from bot.cli.demo_world import DemoWorld, demo_world
from bot.cli.exits import exit_codes
from bot.cli.sandbox import until_signal
from bot.domain.errors import Unavailable

PORT = 8000
JOB_SECONDS = 24.0
AUTOPLAY_JOB_SECONDS = 10.0
FILE_WIDTH = 110
"""Columns at least where the story does not go to a terminal."""


def command(
    port: Annotated[int | None, typer.Option(show_default="8000", help="Port of the page; 0 takes a free one.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder for the demo's database; a temporary one by default.")] = None,
    job_seconds: Annotated[
        float | None, typer.Option(show_default="24; 10 in autoplay", help="How long a restore takes.")
    ] = None,
    autoplay: Annotated[
        bool, typer.Option("--autoplay", help="Play the story here, and check it; exit code 1 if not.")
    ] = False,
) -> None:
    """Try it: a local Slack, a local cloud and the bot, in one go."""
    with exit_codes():
        asyncio.run((play_story if autoplay else demo)(port, data, job_seconds))


async def demo(port: int | None, data: Path | None, job_seconds: float | None) -> None:
    """Run all three until SIGTERM or SIGINT. Raises Misconfigured if the port is taken, Unavailable if the bot ends."""
    await _first(until_signal(), _demo(PORT if port is None else port, data, job_seconds or JOB_SECONDS))


async def play_story(port: int | None, data: Path | None, job_seconds: float | None) -> None:
    """Play the story of the demo in the terminal. Raises Unavailable where something is not as it is expected."""
    await _first(_stopped(), _autoplay(port or 0, data, job_seconds or AUTOPLAY_JOB_SECONDS))


async def _demo(port: int, data: Path | None, job_seconds: float) -> None:
    console = Console(highlight=False)
    async with _ready(console, port, data, job_seconds) as world:
        console.print(_welcome(world, is_kept=data is not None))
        await world.until_ended()


async def _autoplay(port: int, data: Path | None, job_seconds: float) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, FILE_WIDTH)
    async with _ready(console, port, data, job_seconds) as world:
        await _first(world.until_ended(), play(world, console))


async def _stopped() -> None:
    await until_signal()
    raise Unavailable("demo.stopped", "Stopped before the end of the story.")


@asynccontextmanager
async def _ready(console: Console, port: int, data: Path | None, job_seconds: float) -> AsyncIterator[DemoWorld]:
    async with AsyncExitStack() as stack:
        with console.status("Starting a local Slack, a local cloud and the bot…"):
            world = await stack.enter_async_context(demo_world(os.environ, port, data, job_seconds))
        yield world


async def _first(*ways: Coroutine[Any, Any, None]) -> None:
    """Wait for the first of several ways to end, then end the others in order; the first one's error comes out."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def _welcome(world: DemoWorld, *, is_kept: bool) -> Panel:
    lines = (
        f"Open [bold]{world.slack.url}/[/]\n\n"
        "A small Slack in the middle of an incident. You are Alice. A tour beside\n"
        "it leads you from the question to the restored database in two minutes,\n"
        "and then lets you break things.\n\n"
        "On your own: type [bold]/rds-restore orders-prod to orders-staging[/],\n"
        "then switch to Bob and approve.\n\n"
        f"[dim]RDS API    {world.cloud.url}\n"
        f"Bot's log  {escape(str(world.bot.log))}\n"
        f"Press Ctrl+C to stop{'' if is_kept else '; the log is deleted then'}.[/]"
    )
    return Panel(lines, title="RDS restore bot", expand=False)
