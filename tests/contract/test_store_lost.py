"""A database that is not there, was emptied or is taken away while it is in use: nobody takes it for a new one."""

import asyncio
import shutil
import sqlite3
import threading

import pytest
from structlog.testing import capture_logs

from bot.domain.condition import Status
from bot.domain.errors import Misconfigured, Unavailable
from bot.store.condition import condition
from bot.store.database import Database
from bot.store.file_lock import FileLock
from bot.store.lost import RUNBOOK
from tests.contract.test_migrations import at_revision
from tests.databases import empty_postgresql


@pytest.fixture
def file(tmp_path):
    return tmp_path / "bot.db"


@pytest.fixture
def url(file):
    return f"sqlite+aiosqlite:///{file}"


async def made(url):
    database = Database(url)
    await database.open()
    await database.close()


async def refusal(database, what="open"):
    with pytest.raises(Misconfigured) as raised:
        await getattr(database, what)()
    await database.close()
    return raised.value


async def test_an_empty_database_is_made_aloud_and_once(database_url):
    for said in (["database_created"], []):
        with capture_logs() as logs:
            await made(database_url)
        assert [line["action"] for line in logs] == said
        for line in logs:
            assert (line["log_level"], RUNBOOK in line["next_step"]) == ("warning", True)
            assert line["database"].split(" on ")[0] in database_url


async def test_an_upgrade_is_no_new_database(database_url):
    await at_revision(database_url, "0001")
    with capture_logs() as logs:
        await made(database_url)
    assert logs == []


async def test_who_only_looks_is_told_what_is_wrong_with_which_database(url, file):
    """No such file, an empty one, an older schema: three answers, each with the place and no advice that does harm."""
    missing = await refusal(Database(url, read_only=True))
    assert (missing.code, str(file) in missing.message, RUNBOOK in missing.message) == ("store.missing", True, True)
    assert not file.exists()
    file.touch()
    empty = await refusal(Database(url, read_only=True))
    assert (empty.code, str(file) in empty.message, RUNBOOK in empty.message) == ("store.empty", True, True)
    await at_revision(url, "0001")
    older = await refusal(Database(url, read_only=True))
    assert (older.code, str(file) in older.message, "0001" in older.message) == ("store.older_schema", True, True)


async def test_a_server_is_named_without_its_secrets(postgres):
    with empty_postgresql(postgres) as url:
        empty = await refusal(Database(url.replace("postgres@", "postgres:a-password@"), read_only=True))
    assert (empty.code, postgres in empty.message, "a-password" in empty.message) == ("store.empty", True, False)


async def test_the_condition_of_a_missing_database_is_no_promise_that_all_is_well(url, file):
    found = await condition(url)
    assert (found.status, RUNBOOK in found.next_step) == (Status.WARN, True)
    assert "very first start" in found.next_step
    assert ".lock" not in found.detail
    file.with_name("bot.db.lock").touch()
    assert "bot.db.lock" in (await condition(url)).detail
    file.touch()
    found = await condition(url)
    assert (found.status, RUNBOOK in found.next_step) == (Status.WARN, True)


@pytest.mark.parametrize("emptied", [False, True])
async def test_the_newest_data_of_a_lost_file_is_not_deleted_by_opening_it(url, file, emptied):
    """SQLite would: it takes a journal beside an empty file for rubbish."""
    newest = file.with_name("bot.db-wal")
    newest.write_bytes(b"what was written last")
    if emptied:
        file.touch()
    for read_only in (False, True):
        assert (await refusal(Database(url, read_only=read_only))).code == "store.lost"
    found = await condition(url)
    assert (found.status, RUNBOOK in found.next_step) == (Status.FAIL, True)
    assert newest.read_bytes() == b"what was written last"
    newest.unlink()
    await made(url)


def taken_away(file):
    file.unlink()


def replaced(file):
    shutil.copy(file, file.with_name("copy"))
    file.with_name("copy").replace(file)


@pytest.mark.parametrize("happens", [taken_away, replaced])
async def test_a_file_that_is_taken_away_from_under_the_bot_is_noticed(url, file, happens):
    database = Database(url)
    await database.open()
    await database.ping()
    happens(file)
    error = await refusal(database, "ping")
    assert (error.code, str(file) in error.message, RUNBOOK in error.message) == ("store.replaced", True, True)


async def test_a_lock_that_is_taken_away_is_noticed(url, file):
    database = Database(url)
    await database.open()
    file.with_name("bot.db.lock").unlink()
    error = await refusal(database, "ping")
    assert (error.code, "bot.db.lock" in error.message) == ("store.replaced", True)


async def test_a_copy_made_from_outside_disturbs_nobody(url, file):
    database = Database(url)
    await database.open()
    with sqlite3.connect(file) as outside:
        outside.execute("VACUUM INTO ?", (str(file.with_name("copy.db")),))
    outside.close()
    await database.ping()
    await database.close()


@pytest.fixture
def elsewhere(tmp_path, file):
    """The file itself, in a folder of its own, where `url` has only a symbolic link; nothing is there yet."""
    real = tmp_path / "real" / "x.db"
    real.parent.mkdir()
    file.symlink_to(real)
    return real


async def test_the_newest_data_is_kept_where_it_lies_beside_the_target_of_a_link(url, file, elsewhere):
    await made(url)
    elsewhere.unlink()
    newest = elsewhere.with_name("x.db-wal")
    newest.write_bytes(b"what was written last")
    for read_only in (False, True):
        error = await refusal(Database(url, read_only=read_only))
        assert (error.code, str(file) in error.message, str(newest) in error.message) == ("store.lost", True, True)
    found = await condition(url)
    assert (found.status, str(file) in found.detail) == (Status.FAIL, True)
    assert newest.read_bytes() == b"what was written last"
    assert not elsewhere.exists()


@pytest.mark.parametrize("link_first", [True, False])
async def test_one_file_has_one_lock_by_whichever_name_it_is_opened(url, file, elsewhere, link_first):
    names = [(url, file), (f"sqlite+aiosqlite:///{elsewhere}", elsewhere)]
    (first, _), (second, typed) = names if link_first else reversed(names)
    database = Database(first)
    await database.open()
    error = await refusal(Database(second))
    assert (error.code, str(typed) in error.message) == ("store.locked", True)
    await database.ping()
    await database.close()
    assert sorted(each.name for each in file.parent.iterdir()) == ["bot.db", "real"]
    await made(second)


async def test_the_trace_of_a_bot_is_found_beside_the_target_of_a_link(url, elsewhere):
    elsewhere.with_name("x.db.lock").touch()
    assert str(elsewhere.with_name("x.db.lock")) in (await condition(url)).detail


async def test_the_folder_that_has_to_be_made_is_that_of_the_target(url, elsewhere):
    elsewhere.parent.rmdir()
    found = await condition(url)
    assert (found.status, f"Create {elsewhere.parent} " in found.next_step) == (Status.FAIL, True)


async def test_a_link_that_is_turned_to_another_file_is_noticed(url, file, elsewhere):
    """The next start would work on that one."""
    database = Database(url)
    await database.open()
    other = elsewhere.with_name("other.db")
    shutil.copy(elsewhere, other)
    file.unlink()
    file.symlink_to(other)
    assert (await refusal(database, "ping")).code == "store.replaced"


REFUSES = "Too many levels of symbolic links"
"""What the system says of a link to itself: an error of looking, which does not say that the file is gone."""


async def unavailable(asked):
    with pytest.raises(Unavailable) as raised:
        await asked
    assert raised.value.code == "store.unavailable"
    return raised.value.message


async def test_a_disk_that_does_not_answer_is_no_file_that_was_taken_away(tmp_path):
    """Nobody is sent to rescue what is not lost, and when the disk is back all is well."""
    folder, aside = tmp_path / "data", tmp_path / "aside"
    folder.mkdir()
    database = Database(f"sqlite+aiosqlite:///{folder}/bot.db")
    await database.open()
    folder.rename(aside)
    folder.symlink_to(folder)
    said = await unavailable(database.ping())
    assert (str(folder / "bot.db") in said, REFUSES in said, RUNBOOK in said) == (True, True, False)
    folder.unlink()
    aside.rename(folder)
    await database.ping()
    await database.close()


async def test_a_lock_that_cannot_be_looked_at_is_not_taken_for_a_removed_one(url, file):
    database = Database(url)
    await database.open()
    lock = file.with_name("bot.db.lock")
    lock.unlink()
    lock.symlink_to(lock)
    said = await unavailable(database.ping())
    assert (str(lock) in said, REFUSES in said) == (True, True)
    await database.close()


async def test_a_file_that_cannot_be_looked_at_is_neither_lost_nor_missing(url, file):
    file.symlink_to(file)
    database = Database(url, read_only=True)
    assert REFUSES in await unavailable(database.open())
    assert REFUSES in await unavailable(condition(url))


async def test_a_folder_that_is_a_file_holds_no_database(tmp_path):
    """That much is certain, so it is the address that has to be corrected."""
    (tmp_path / "data").touch()
    assert (await refusal(Database(f"sqlite+aiosqlite:///{tmp_path}/data/bot.db", read_only=True))).code == "store.missing"


async def test_a_disk_that_hangs_holds_one_thread_and_not_the_program(url, monkeypatch):
    answers, looks = threading.Event(), []

    def hangs(_):
        looks.append("began")
        assert answers.wait(30), "the program was held, so nothing could end this"
        return False

    database = Database(url)
    await database.open()
    with monkeypatch.context() as patched:
        patched.setattr(FileLock, "is_void", hangs)
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(database.ping(), 0.05)
        waiting = asyncio.create_task(database.ping())
        await asyncio.sleep(0)
        answers.set()
        await waiting
    assert looks == ["began"]
    await database.ping()
    await database.close()
