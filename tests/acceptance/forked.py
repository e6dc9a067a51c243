"""Starts the program as processes of a server that has imported it once: hundreds of starts cost hardly more than one."""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.cli.main import main
from tests.acceptance import crashing

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.acceptance.crashing"])
RUN_WITHIN = 120.0
"""Seconds."""


class Forked:
    """A process, with what the tests use of an `asyncio.subprocess.Process`."""

    def __init__(self, arguments: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
        self._process = SERVER.Process(target=_run, args=(arguments, dict(environment), str(log)))
        self._process.start()

    @property
    def returncode(self) -> int | None:
        """As of `asyncio.subprocess`: negative for a signal, None while it runs."""
        return self._process.exitcode

    async def wait(self) -> int:
        """Until it has ended."""
        await asyncio.to_thread(self._process.join)
        return self._process.exitcode or 0

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        if self._process.pid is not None and self._process.exitcode is None:
            os.kill(self._process.pid, number)

    def kill(self) -> None:
        """No chance to tidy up."""
        self.send_signal(signal.SIGKILL)


async def run_to_end(arguments: tuple[str, ...], environment: Mapping[str, str], folder: Path) -> tuple[int, str, str]:
    """A command that ends by itself: exit code, output, errors. The texts are kept in `folder` for the while."""
    out, err = folder / "command.out", folder / "command.err"
    process = SERVER.Process(target=_command, args=(arguments, dict(environment), str(out), str(err)))
    process.start()
    await asyncio.to_thread(process.join, RUN_WITHIN)
    assert process.exitcode is not None, "the command did not end"
    return process.exitcode, out.read_text(encoding="utf-8"), err.read_text(encoding="utf-8")


def _command(arguments: tuple[str, ...], environment: dict[str, str], out: str, err: str) -> None:
    """In the new process: become the command."""
    os.environ.clear()
    os.environ.update(environment)
    for path, stream in ((out, sys.stdout), (err, sys.stderr)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream.fileno())
    sys.argv = ["rds-restore-bot", *arguments]
    main()


def _run(arguments: tuple[str, ...], environment: dict[str, str], log: str) -> None:
    """In the new process: become the program."""
    os.environ.clear()
    os.environ.update(environment)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(written, sys.stderr.fileno())
    sys.argv = ["rds-restore-bot", *arguments]
    crashing.start()
