"""What the drivers say when something goes wrong, in our words."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Index, PrimaryKeyConstraint, UniqueConstraint
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.domain.errors import BotError, Misconfigured, Unavailable
from bot.store.address import place, sqlite_file, without_secrets

NOT_OURS = (
    "password authentication failed",
    "no password supplied",
    "does not exist",
    "no pg_hba.conf entry",
    "permission denied",
)
"""What PostgreSQL says when the address is wrong. Connection errors carry no code, only words; where the server speaks
another language, they end as "unavailable", with the server's words."""
NO_PRIVILEGE = "42501"
READ_ONLY = "25006"
"""PostgreSQL's codes (source: its manual, appendix A). A server is read-only while another one takes over from it."""


@contextmanager
def in_our_words(url: URL) -> Iterator[None]:
    """Turn a driver's fault into Unavailable `store.unavailable` or Misconfigured.

    Broken constraints and mistakes in our SQL pass: the first are for the caller, the second must be seen.
    """
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        ours = _meaning(error, url)
        if ours is None:
            raise
        raise ours from error
    except PoolTimeout as error:
        raise Unavailable("store.unavailable", f"The database ({place(url)}) is too busy.") from error
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.DatabaseError) and _sqlite_code(error.orig) == sqlite3.SQLITE_NOTADB:
            file = sqlite_file(url)
            raise Misconfigured("store.not_a_database", f"The file {file} is not an SQLite database.") from error
        code = getattr(error.orig, "sqlstate", None)
        if code == NO_PRIVILEGE:
            said = without_secrets(str(error.orig), url).strip().partition("\n")[0]
            raise Misconfigured("store.refused", f"The database ({place(url)}) refuses us: {said}") from error
        if error.connection_invalidated or code == READ_ONLY:
            raise Unavailable("store.unavailable", f"The database ({place(url)}) takes no writes now.") from error
        raise
    except OSError as error:
        raise Unavailable("store.unavailable", f"The database ({place(url)}) does not answer: {error.strerror}.") from error


def broken(error: IntegrityError, rule: Index | UniqueConstraint | PrimaryKeyConstraint) -> bool:
    """Whether this very rule was broken. PostgreSQL tells the rule's name, SQLite its columns."""
    if isinstance(error.orig, sqlite3.Error):
        columns = ", ".join(f"{column.table.name}.{column.name}" for column in rule.columns)
        return str(error.orig) == f"UNIQUE constraint failed: {columns}"
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return name is not None and name == rule.name


def _meaning(error: DBAPIError, url: URL) -> BotError | None:
    said = without_secrets(str(error.orig), url).strip().partition("\n")[0]
    if isinstance(error.orig, sqlite3.Error):
        code = _sqlite_code(error.orig)
        if code == sqlite3.SQLITE_ERROR:
            return None
        if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
            return Misconfigured("store.unwritable", f"Cannot open and write the database {sqlite_file(url)}: {said}.")
        return Unavailable("store.unavailable", f"The database ({place(url)}) does not answer: {said}.")
    if any(words in said for words in NOT_OURS):
        return Misconfigured("store.refused", f"The database ({place(url)}) refuses us: {said}")
    return Unavailable("store.unavailable", f"The database ({place(url)}) does not answer: {said}")


def _sqlite_code(error: sqlite3.Error) -> int:
    """The primary result code; faults that the driver raises by itself carry none and count as "busy"."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_BUSY)
    return code & 0xFF
