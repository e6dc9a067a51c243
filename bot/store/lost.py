"""A database that is not there, or holds nothing: it is new, mistyped or lost, and only the operator can tell which.

To take a lost one for a new one is dangerous: the rule "one live restore per target" is kept by that database.
"""

from pathlib import Path

from bot.domain.condition import Condition, doubtful, wrong
from bot.domain.errors import Misconfigured
from bot.store.address import beside
from bot.store.file_lock import look_at

RUNBOOK = "“Lost database” in the runbook"
IF_USED = (
    f"If this bot has run before, its database is lost, or DATABASE_URL is mistyped: do not start `serve`, see {RUNBOOK}."
)
IF_MADE = f"If this bot has run before, stop it now: its database is lost, or DATABASE_URL is mistyped. See {RUNBOOK}."
STOP = f"This database is lost: do not start `serve`, see {RUNBOOK}."


def refuse_remains(file: Path) -> None:
    """Raises Misconfigured `store.lost` where an SQLite file is gone but its newest data is still beside it. SQLite would
    delete that data as soon as anybody opened the file, even to read. Raises Unavailable where the system does not tell."""
    remains = _remains(file)
    if remains is not None:
        raise Misconfigured("store.lost", f"DATABASE_URL: {_orphaned(file, remains)} {STOP}")


def missing(file: Path) -> Misconfigured:
    """What to say where only looking was asked for and the SQLite file is not there."""
    return Misconfigured("store.missing", f"DATABASE_URL: there is no database {file}. {IF_USED}")


def empty(where: str) -> Misconfigured:
    """The same of a database without the bot's tables; `where` as `address.place` gives it."""
    return Misconfigured("store.empty", f"DATABASE_URL: the database ({where}) holds none of the bot's tables. {IF_USED}")


def replaced(file: Path) -> Misconfigured:
    """What to say where `file`, which is in use, was removed or replaced."""
    return Misconfigured(
        "store.replaced",
        f"{file} was removed or replaced while the bot works with it. Do not stop the bot: what it writes is now in this "
        f"process alone. First rescue that, see {RUNBOOK}.",
    )


def unlocked(lock: Path) -> Misconfigured:
    """What to say where the lock beside the file was removed or replaced."""
    return Misconfigured(
        "store.replaced",
        f"{lock} was removed or replaced, so a second process could work on this database. Start the bot anew, once.",
    )


def condition_of_file(file: Path) -> Condition | None:
    """How things stand where the SQLite file is not there, or gone from beside its newest data; None: look into it. Raises
    Unavailable where the system does not tell."""
    remains = _remains(file)
    if remains is not None:
        return wrong(_orphaned(file, remains), STOP)
    if look_at(file) is not None:
        return None
    lock = beside(file, ".lock")
    trace = f" {lock} shows that a bot has worked here." if look_at(lock) is not None else ""
    return doubtful(f"There is no database {file}.{trace}", next_step("it"))


def condition_of_empty(where: str) -> Condition:
    """How things stand where the database holds none of our tables."""
    return doubtful(f"The database ({where}) holds none of the bot's tables.", next_step("them"))


def next_step(what: str) -> str:
    """What the operator does now: only they know whether the bot has run before. `what` the first start makes."""
    return f"{IF_USED} Before the very first start there is nothing to do: `serve` makes {what}."


def _remains(file: Path) -> Path | None:
    """The newest data of a file that is gone or was emptied. SQLite removes it when it closes a database properly."""
    newest = beside(file, "-wal")
    return newest if _size(file) == 0 and _size(newest) > 0 else None


def _size(file: Path) -> int:
    found = look_at(file)
    return 0 if found is None else found.st_size


def _orphaned(file: Path, remains: Path) -> str:
    return f"{file} is gone or empty, while {remains} with its newest data is there."
