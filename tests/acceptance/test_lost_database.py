"""The bot's own database is taken away: the bot says so, and the runbook's commands bring everything back."""

import re
import shutil
import subprocess
import sys

import aiohttp
import pytest

from tests.acceptance.journey import approve, ask, headline
from tests.acceptance.world import World
from tests.architecture.fences import ROOT, blocks


def commands(marker):
    found = blocks(ROOT / "docs" / "runbook.md")
    return next(text for language, text in found if language == "sh" and marker in text)


async def database_says(world):
    """What `/readyz` of the newest process tells of its database."""
    url = re.findall(r'"url": "(http://[^"]+)"', world.log())[-1]
    async with aiohttp.ClientSession() as session, session.get(f"{url}/readyz") as answer:
        return answer.status, (await answer.json())["database"]


def rescued(world, process):
    """Both blocks of the runbook, as they stand there, with this process and these files."""
    copy = world.folder / "rescued"
    here = {
        "PID=$(pgrep -f 'rds-restore-bot serve')": f"PID={process.pid}",
        "FILE=/var/lib/rds-restore-bot/rds-restore-bot.db": f"FILE={world.folder / 'bot.db'}",
        "COPY=/var/tmp/rescued": f"COPY={copy}",
        "rds-restore-bot ": f"{sys.executable} -m bot ",
    }
    text = commands("kill -STOP") + "\n" + commands("kill -KILL")
    for written, ours in here.items():
        assert written in text
        text = text.replace(written, ours)
    return subprocess.run(["sh", "-eu", "-c", text], capture_output=True, text=True, check=False, cwd=ROOT)


def removed(file):
    file.unlink()


def removed_with_all_that_belongs_to_it(file):
    for each in (file, file.with_name("bot.db-wal"), file.with_name("bot.db-shm")):
        each.unlink()


def replaced(file):
    copy = file.with_name("older.db")
    shutil.copy(file, copy)
    copy.replace(file)


@pytest.mark.parametrize("happens", [removed, removed_with_all_that_belongs_to_it, replaced])
async def test_what_was_deleted_under_the_bot_is_rescued_as_the_runbook_says(tmp_path, happens):
    async with World(tmp_path) as world:
        process = await world.start_bot()
        request = await ask(world)
        assert await database_says(world) == (200, "ok")
        happens(tmp_path / "bot.db")
        status, said = await database_says(world)
        assert (status, "was removed or replaced while the bot works with it" in said) == (503, True)
        done = rescued(world, process)
        assert done.returncode == 0, done.stderr
        assert "the audit log is whole" in done.stdout
        assert request in done.stdout
        await process.wait()
        await world.start_bot()
        assert await database_says(world) == (200, "ok")
        await approve(world)
        await headline(world, "Restored")
        assert world.log().count("database_created") == 1


async def test_the_bot_does_not_begin_anew_where_it_has_lost_its_database(tmp_path):
    async with World(tmp_path) as world:
        process = await world.start_bot()
        assert '"action": "database_created"' in world.log()
        await world.kill(process)
        (tmp_path / "bot.db").unlink()
        newest = (tmp_path / "bot.db-wal").read_bytes()
        code, _, complaint = await world.run("serve")
        assert (code, "“Lost database” in the runbook" in complaint) == (2, True)
        assert (tmp_path / "bot.db-wal").read_bytes() == newest
        assert not (tmp_path / "bot.db").exists()
