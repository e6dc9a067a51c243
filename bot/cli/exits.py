"""The one place that turns errors into exit codes: 0 fine, 1 a check failed, 2 wrong usage or configuration."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from bot.domain.errors import BotError, Misconfigured

CHECK_FAILED = 1
WRONG = 2


@contextmanager
def exit_codes() -> Iterator[None]:
    """Say the error on standard error and end with its code."""
    try:
        yield
    except BotError as error:
        sys.stderr.write(f"rds-restore-bot: {error.message}\n")
        raise typer.Exit(WRONG if isinstance(error, Misconfigured) else CHECK_FAILED) from error
