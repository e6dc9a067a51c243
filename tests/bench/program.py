"""The real program as a process: started, watched, stopped."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.light_slack import SECRET, LightSlack

TICKS = os.sysconf("SC_CLK_TCK")
READY_WITHIN = 90.0
CONFIGURATION = """\
[[projects]]
name = "prod"
region = "eu-de"
project_id = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
endpoint = "{cloud}"
iam_endpoint = "{cloud}"

[[policies]]
approvers = ["S0DBA"]
approvals = 2
confirm = "button"
"""


@dataclass
class Program:
    """A running process, by what the kernel knows of it."""

    process: asyncio.subprocess.Process
    log: Path
    ready_after: float
    """Seconds from its start to its word that it is ready."""

    @property
    def rss_mb(self) -> float:
        """Memory in use, in megabytes."""
        size = rss_mb(self.process.pid)
        assert size is not None, "the program has ended"
        return size

    @property
    def cpu_seconds(self) -> float:
        """Processor time used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def rss_mb(pid: int) -> float | None:
    """Memory in use, in megabytes; None where there is no such process any more."""
    try:
        size = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").partition("VmRSS:")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(size[0]) / 1024 if size else None


def environment(folder: Path, slack: LightSlack, cloud: str = "http://127.0.0.1:9", *, http: bool = False) -> dict[str, str]:
    """What the program is told; its configuration is written into the folder."""
    config = folder / "rds-restore.toml"
    config.write_text(CONFIGURATION.format(cloud=cloud), encoding="utf-8")
    mode = {"SLACK_SIGNING_SECRET": SECRET} if http else {"SLACK_APP_TOKEN": "xapp-bench"}
    # An installed program has its bytecode, whatever the shell of the developer says.
    others = ("SLACK_", "HUAWEICLOUD_", "PYTHONDONTWRITEBYTECODE")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(others)},
        **mode,
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_API_URL": f"{slack.url}/api/",
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        "RDS_RESTORE_CONFIG": str(config),
        "HUAWEICLOUD_SDK_AK": "bench",
        "HUAWEICLOUD_SDK_SK": "bench",
        "HOST": "127.0.0.1",
        "PORT": "0",
        "LOG_FORMAT": "json",
    }


@asynccontextmanager
async def running(
    folder: Path, values: dict[str, str], arguments: Sequence[str] = ("-m", "bot", "serve"), word: str = '"ready"'
) -> AsyncIterator[Program]:
    """The process, ready. Stopped at the end, killed if it does not stop."""
    log = folder / f"{arguments[1]}-{time.monotonic_ns()}.log"
    began = time.perf_counter()
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, env=values, stdout=written, stderr=written
        )
    try:
        while word not in log.read_text(encoding="utf-8"):
            said = log.read_text(encoding="utf-8")
            assert process.returncode is None, said
            assert time.perf_counter() - began < READY_WITHIN, said
            await asyncio.sleep(0.01)
        yield Program(process, log, time.perf_counter() - began)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 15)
            except TimeoutError:
                process.kill()
                await process.wait()
