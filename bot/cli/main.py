"""`rds-restore-bot`: every command, none of them imported before it is asked for."""

import sys
from typing import Annotated

import typer

from bot.cli.lazy import Entry, LazyGroup, loaded

COMMANDS = {
    "serve": Entry("bot.cli.serve:command", "Run the bot."),
    "check": Entry(
        "bot.cli.check:command",
        "Check settings, database, Slack and cloud: a line each, with the next step.",
    ),
    "demo": Entry("bot.cli.demo:command", "Try it: a local Slack, a local cloud and the bot, in one go."),
    "manifest": Entry("bot.cli.manifest:manifest", "Print the app's manifest as JSON."),
    "audit": Entry("bot.cli.audit:app", "The audit log."),
    "requests": Entry("bot.cli.requests:app", "Requests on record."),
    "sandbox": Entry("bot.cli.sandbox:app", "Local servers to try things against. Not for production."),
}


VERSION = "bot.cli.version:version"


class Commands(LazyGroup):
    """The program's commands."""

    entries = COMMANDS


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"{loaded(VERSION)()}\n")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="Print the version and the database revision."),
    ] = False,
) -> None:
    """Restores RDS databases from Slack, with a second person's yes."""
    del version


def main() -> None:
    """Entry point."""
    app()
