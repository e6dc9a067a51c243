"""One process at a time for one SQLite file; and whether it is still the same file."""

import fcntl
import os
from pathlib import Path
from typing import IO

from bot.domain.errors import Misconfigured, Unavailable
from bot.store.address import beside

Identity = tuple[int, int]
"""Which file it is, whatever its name: device and number. Not given to another file as long as somebody holds it open."""


def identity(path: Path) -> Identity | None:
    """The file that `path` leads to now; None where it leads to none. Raises Unavailable as `look_at`."""
    found = look_at(path)
    return None if found is None else _identity(found)


def look_at(path: Path) -> os.stat_result | None:
    """What is at `path`; None where nothing is. Raises Unavailable `store.unavailable` where the system does not tell: a
    disk that fails or a right that is missing is no sign that a file is gone."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Unavailable(
            "store.unavailable", f"The database does not answer: cannot look at {path}: {error.strerror}."
        ) from error


def _identity(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino


class FileLock:
    """A lock on a file beside the database. The operating system gives it back when the process dies, however it dies."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self.path = beside(database, ".lock")
        self._file: IO[str] | None = None
        self._mine: Identity | None = None

    def take(self) -> None:
        """Raises Misconfigured: `store.locked` if another process works on this database, `store.unwritable` if the lock
        file cannot be made."""
        try:
            file = self.path.open("a+", encoding="utf-8")
        except OSError as error:
            raise Misconfigured("store.unwritable", f"DATABASE_URL: cannot write {self.path}: {error.strerror}.") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            holder = file.read(20).strip()
            file.close()
            who = f"another process (number {holder})" if holder.isdigit() else "another process"
            raise Misconfigured(
                "store.locked",
                f"DATABASE_URL: the database {self._database} is in use by {who}. "
                "Several processes need PostgreSQL; SQLite serves one.",
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file, self._mine = file, _identity(os.fstat(file.fileno()))

    def is_void(self) -> bool:
        """Whether the file that we hold was removed or replaced: others would lock another one. Raises Unavailable as
        `look_at`."""
        return self._mine is not None and identity(self.path) != self._mine

    def give_back(self) -> None:
        """Let others in. The file stays: removing it would let two processes lock two different files."""
        if self._file is not None:
            self._file.close()
            self._file = self._mine = None
