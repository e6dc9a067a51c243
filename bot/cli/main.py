"""`rds-restore-bot`: every command."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot import settings as program_settings
from bot.cli import audit, check, demo, manifest, requests, sandbox
from bot.cli.exits import CHECK_FAILED, exit_codes
from bot.cli.serve import serve as serve_until_stopped
from bot.ops import logs

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Restores RDS databases from Slack, with a second person's yes."
)
app.add_typer(audit.app, name="audit")
app.add_typer(requests.app, name="requests")
app.add_typer(sandbox.app, name="sandbox")


@app.command()
def serve() -> None:
    """Run the bot."""
    with exit_codes():
        settings = program_settings.load()
        logs.configure(settings.environment.log_format)
        asyncio.run(serve_until_stopped(settings))


@app.command("check")
def check_installation() -> None:
    """Check the settings, the database, Slack and the cloud, one line each."""
    with exit_codes():
        settings = program_settings.load()
        if not asyncio.run(check.check(settings)):
            raise typer.Exit(CHECK_FAILED)


@app.command("demo")
def try_it(
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
        asyncio.run((demo.autoplay if autoplay else demo.demo)(port, data, job_seconds))


app.command("manifest")(manifest.manifest)


def main() -> None:
    """Entry point."""
    app()
