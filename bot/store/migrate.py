"""Brings the tables up to date, with the migrations that come with the program."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.domain.errors import Misconfigured
from bot.store import migrations
from bot.store.engine import Store


def newest() -> str:
    """The revision that this program's tables have."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("the program comes without migrations")
    return head


async def current(store: Store) -> str | None:
    """The revision that the database has; None for an empty one."""
    return await store.read(_revision)


async def migrate(store: Store) -> None:
    """Upgrade to the newest revision, in one transaction. Raises Misconfigured `store.newer_schema`."""
    if await current(store) == newest():
        return
    await store.migrate(_upgrade)


async def check(store: Store) -> None:
    """Raises Misconfigured: `store.newer_schema` or `store.older_schema` unless the database has the newest revision."""
    revision = await current(store)
    _refuse_newer(revision)
    if revision != newest():
        raise no_tables()


def no_tables() -> Misconfigured:
    """What to say of a database that this version has not worked with yet."""
    return Misconfigured("store.older_schema", "The database has no tables of this version yet: start `serve` once.")


def _upgrade(connection: Connection) -> None:
    _refuse_newer(_revision(connection))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def is_known(revision: str) -> bool:
    """Whether this program has a migration of that name."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and not is_known(revision):
        raise Misconfigured(
            "store.newer_schema",
            f"The database was last used by a newer version of this program (revision {revision}). Install that version.",
        )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    # Alembic reads a per cent sign as the start of a substitution.
    config.set_main_option("script_location", str(Path(migrations.__path__[0])).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
