"""`--version`: which program this is, and which tables it works with."""

from bot import __version__
from bot.store import migrate


def version() -> str:
    """One line: the program's version, and the newest revision of the database that it knows."""
    return f"rds-restore-bot {__version__} (database revision {migrate.newest()})"
