"""`demo --autoplay` as a stranger or a pipeline runs it, and the bot that the demo keeps."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path

import aiohttp
import pytest
from rich.console import Console

from bot.cli import narrator
from bot.cli.autoplay import play
from bot.cli.demo_bot import DemoBot
from bot.cli.demo_world import PROXIES, demo_world
from bot.sandbox.backstage.ports import CannotDo
from bot.settings import variables
from tests.acceptance.world import until

START_WITHIN = 60
END_WITHIN = 180


@asynccontextmanager
async def demo(folder: Path | None, *arguments: str, columns: int = 160) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "demo",
        *(() if folder is None else ("--data", str(folder))),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # How long the path of its folder is must not depend on the machine.
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": str(columns), "TMPDIR": "/tmp"},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            await process.wait()


@pytest.fixture
async def autoplay(tmp_path: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    async with demo(tmp_path, "--autoplay", "--job-seconds", "5") as process:
        yield process


async def end(process: asyncio.subprocess.Process) -> tuple[str, str]:
    out, err = await asyncio.wait_for(process.communicate(), END_WITHIN)
    return out.decode(), err.decode()


def children(process: asyncio.subprocess.Process) -> list[int]:
    """The processes that it started."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(child) for child in listed.split()]


async def address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(START_WITHIN):
        async for line in process.stdout:
            if found := re.search(r"[Oo]pen (http://\S+)/", line.decode()):
                return found[1]
    raise AssertionError("it told no address")


async def test_the_story_is_played_to_its_good_end(autoplay):
    out, err = await end(autoplay)
    assert autoplay.returncode == 0, out + err
    assert "All as expected" in out
    assert out.count("THE RECOVERY CALL") == 2
    assert "the answer is lost" in out
    assert "the audit log is whole" in out
    assert "\x1b" not in out
    assert err == ""


async def test_it_says_what_is_not_as_expected(autoplay):
    url = await address(autoplay)
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{url}/_control/fault", json={"id": "job_fails", "on": True}) as answer,
    ):
        assert (await answer.json()) == {"ok": True}
    out, err = await end(autoplay)
    assert autoplay.returncode == 1, out
    assert re.search(r"Not as expected: R-\w+ reaches succeeded; it is failed", err)
    assert "All as expected" not in out


async def test_at_a_terminal_it_has_colours_and_says_what_it_waits_for(tmp_path, monkeypatch):
    monkeypatch.setattr(narrator, "PAUSE", 0.0)
    shown = StringIO()
    async with demo_world(os.environ, 0, tmp_path, 5.0) as world:
        await play(world, Console(file=shown, force_terminal=True, width=120, highlight=False, _environ={}))
        seen = await world.requests.newest()
        assert [each.path for each in seen] == [("pending", "approved", "submitting", "restoring", "succeeded")] * 2
    assert "\x1b[" in shown.getvalue()
    assert "All as expected" in shown.getvalue()
    assert f"{seen[0].id} is restoring" in shown.getvalue()


async def test_settings_of_a_real_installation_in_the_shell_do_not_reach_it(tmp_path):
    (tmp_path / "secret").write_text("from a file")
    real = dict.fromkeys(variables() | PROXIES, "http://a-real-one.invalid")
    real |= {name: str(tmp_path / "secret") for name in variables() if name.endswith("_FILE")}
    real |= {"http_proxy": "http://a-real-one.invalid", "slack_workspaces": "T1", "LANG": "C.UTF-8"}
    async with demo_world({**os.environ, **real}, 0, tmp_path, 5.0) as world:
        assert world.environment["LANG"] == "C.UTF-8"
        assert [name for name, value in world.environment.items() if "a-real-one" in value] == []
        await world.bot.kill()
        await world.bot.start()
        await world.connected()


async def test_stopped_early_it_did_not_hold(autoplay):
    await address(autoplay)
    autoplay.send_signal(signal.SIGTERM)
    _, err = await end(autoplay)
    assert autoplay.returncode == 1
    assert "Stopped before the end" in err


async def test_the_demo_ends_with_its_bot_and_says_why(tmp_path):
    async with demo(tmp_path, "--port", "0") as process:
        await address(process)
        (bot,) = children(process)
        os.kill(bot, signal.SIGKILL)
        _, err = await end(process)
        assert process.returncode == 1
        assert "ended by itself with exit code -9" in err
        assert "Ready" in err


async def test_stopped_while_it_starts_it_leaves_nothing_behind(tmp_path):
    async with demo(tmp_path, "--port", "0") as process:
        await until(lambda: children(process), START_WITHIN)
        (bot,) = children(process)
        process.send_signal(signal.SIGTERM)
        await end(process)
        assert process.returncode == 0
        with pytest.raises(ProcessLookupError):
            os.kill(bot, 0)


async def test_what_it_says_at_its_start_fits_into_80_columns():
    async with demo(None, "--port", "0", columns=80) as process:
        assert process.stdout is not None
        said = (await process.stdout.readuntil(b"Press Ctrl+C")).decode()
        said += (await process.stdout.readline()).decode()
    assert re.search(r"│ Bot's log  /tmp/\S+\.log +│", said), said
    assert re.search(r"│ Press Ctrl\+C to stop; the log is deleted then\. +│", said), said
    assert max(map(len, said.splitlines())) <= 80


@pytest.fixture
def bot(tmp_path: Path) -> DemoBot:
    """It ends by itself with exit code 2, as soon as it has seen that it has no settings."""
    return DemoBot(lambda: os.environ, tmp_path / "bot.log")


async def test_a_bot_that_ends_by_itself_is_noticed_and_its_last_words_are_kept(bot):
    await bot.start()
    assert await asyncio.wait_for(bot.ended(), START_WITHIN) == 2
    assert not bot.running
    assert "rds-restore-bot:" in bot.last_words()


async def test_a_bot_that_was_killed_is_waited_for(bot):
    ended = asyncio.create_task(bot.ended())
    await bot.start()
    assert bot.running
    with pytest.raises(CannotDo):
        await bot.start()
    await bot.kill()
    assert not bot.running
    with pytest.raises(CannotDo):
        await bot.kill()
    assert not ended.done()
    await bot.start()
    assert bot.restarts == 1
    assert await asyncio.wait_for(ended, START_WITHIN) == 2
    await bot.stop()
