"""One process at a time for one SQLite file."""

import fcntl
import os
from pathlib import Path
from typing import IO

from bot.domain.errors import Misconfigured


class FileLock:
    """A lock on a file beside the database. The operating system gives it back when the process dies, however it dies."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = database.with_name(database.name + ".lock")
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Raises Misconfigured: `store.locked` if another process works on this database, `store.unwritable` if the lock
        file cannot be made."""
        try:
            file = self._path.open("a+", encoding="utf-8")
        except OSError as error:
            raise Misconfigured("store.unwritable", f"DATABASE_URL: cannot write {self._path}: {error.strerror}.") from error
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
        self._file = file

    def give_back(self) -> None:
        """Let others in. The file stays: removing it would let two processes lock two different files."""
        if self._file is not None:
            self._file.close()
            self._file = None
