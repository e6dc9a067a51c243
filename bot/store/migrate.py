"""Brings the tables up to date, with the migrations that come with the program."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from bot.domain.errors import Misconfigured
from bot.store import lost, migrations
from bot.store.address import place
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


async def migrate(store: Store) -> bool:
    """Upgrade to the newest revision, in one transaction. True: none of our tables were there before.

    Raises Misconfigured `store.newer_schema`.
    """
    if await current(store) == newest():
        return False
    before: list[str | None] = []

    def upgrade(connection: Connection) -> None:
        # Asked again here, where no other replica migrates.
        before.append(_revision(connection))
        _upgrade(connection)

    await store.migrate(upgrade)
    return before[-1] is None


async def check(store: Store) -> None:
    """Raises Misconfigured unless the database has the newest revision: `store.empty`, `store.older_schema` or
    `store.newer_schema`."""
    revision = await current(store)
    where = place(store.url)
    if revision is None:
        raise lost.empty(where)
    _refuse_newer(revision, where)
    if revision != newest():
        raise Misconfigured(
            "store.older_schema",
            f"The database ({where}) has the older schema {revision}; this program's is {newest()}. Look into it with the "
            "version that last worked with it, or back it up and let `serve` bring it up to date.",
        )


def _upgrade(connection: Connection) -> None:
    _refuse_newer(_revision(connection), place(connection.engine.url))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def is_known(revision: str) -> bool:
    """Whether this program has a migration of that name."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _refuse_newer(revision: str | None, where: str) -> None:
    if revision is not None and not is_known(revision):
        raise Misconfigured(
            "store.newer_schema",
            f"The database ({where}) was last used by a newer version of this program (revision {revision}). "
            "Install that version.",
        )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    # Alembic reads a per cent sign as the start of a substitution.
    config.set_main_option("script_location", str(Path(migrations.__path__[0])).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
