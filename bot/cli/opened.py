"""Opens the database for a command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.settings import database_url
from bot.store.database import Database


@asynccontextmanager
async def opened() -> AsyncIterator[Database]:
    """The database of DATABASE_URL, closed at the end."""
    database = Database(database_url())
    await database.open()
    try:
        yield database
    finally:
        await database.close()
