"""Opens the database for a command that only looks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.settings import database_url
from bot.store.database import Database


@asynccontextmanager
async def opened() -> AsyncIterator[Database]:
    """The database of DATABASE_URL, read-only: the bot may go on running. Closed at the end."""
    database = Database(database_url(), read_only=True)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
