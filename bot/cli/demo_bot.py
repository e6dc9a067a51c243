"""The demo's bot: the unchanged program as a process that can be killed and started again."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.sandbox.backstage.ports import CannotDo

STOP_WITHIN = 15.0
"""Seconds that the bot may take to end."""
LINES_TOLD = 5


class DemoBot:
    """`rds-restore-bot serve` in a session of its own, its log in a file.

    `environment` is asked at each start: addresses are known only when the servers listen.
    """

    def __init__(self, environment: Callable[[], Mapping[str, str]], log: Path) -> None:
        self.restarts = 0
        self.log = log
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._wanted = asyncio.Event()
        """Set from a start to the kill."""
        self._starting = asyncio.Lock()

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it, again if it was killed. Raises CannotDo if it runs."""
        async with self._starting:
            if self.running or self._wanted.is_set():
                raise CannotDo("The bot is running.")
            self.restarts += self._process is not None
            self._process = await self._begin()
            self._wanted.set()

    async def kill(self) -> None:
        """End it with SIGKILL. Raises CannotDo if it does not run."""
        if self._process is None or not self.running:
            raise CannotDo("The bot is not running.")
        self._wanted.clear()
        self._process.kill()
        await self._process.wait()

    async def ended(self) -> int:
        """Wait until it ends without having been killed by us; its exit code."""
        while True:
            await self._wanted.wait()
            process = self._process
            code = await process.wait() if process is not None else 0
            if self._wanted.is_set() and process is self._process:
                return code

    async def stop(self) -> None:
        """End it in order, as far as it runs."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def last_words(self) -> str:
        """The end of its log."""
        written = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(written.splitlines()[-LINES_TOLD:])

    async def _begin(self) -> asyncio.subprocess.Process:
        with self.log.open("ab") as written:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                "serve",
                env=dict(self._environment()),
                stderr=written,
                stdout=written,
                start_new_session=True,
            )
