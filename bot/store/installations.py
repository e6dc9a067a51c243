"""What slack_sdk's installation and state stores stand on: they bring their own SQL, and hold the tokens of workspaces.

Their tables are made by our migrations, so that nothing is created while the program runs; a test compares the columns with
slack_sdk's.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from sqlalchemy import Connection, column, select, table

from bot.store.engine import Store
from bot.store.faults import in_our_words

bots = table("slack_bots", column("client_id"), column("enterprise_id"), column("team_id"))


class SqlInstallations:
    """The engine for slack_sdk, and the one question that its stores do not answer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def engine(self) -> object:
        """For slack_sdk's stores. Their transactions write from the start, as SQLite wants it."""
        return self._store.writer

    def in_our_words(self) -> AbstractContextManager[None]:
        """Inside, faults of the database come out as Unavailable or Misconfigured."""
        return in_our_words(self._store.url)

    async def places(self, client_id: str) -> Sequence[tuple[str | None, str | None]]:
        """Enterprise and team of every installation of this app."""
        wanted = select(bots.c.enterprise_id, bots.c.team_id).where(bots.c.client_id == client_id).distinct()

        def read(connection: Connection) -> Sequence[tuple[str | None, str | None]]:
            return [(row.enterprise_id, row.team_id) for row in connection.execute(wanted)]

        return await self._store.read(read, single=True)
