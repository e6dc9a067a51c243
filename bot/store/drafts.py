"""Requests that were checked but not confirmed."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from bot.domain.request import Request
from bot.store import rows
from bot.store.codec import dumps, loads, micros
from bot.store.engine import Store
from bot.store.schema import drafts

KEPT_FOR = timedelta(days=1)


class SqlDrafts:
    """The `Drafts` port."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(self, request: Request, now: datetime) -> None:
        """See the port. A draft of the same id is replaced. Raises ValueError for one with approvals: nobody saw it yet."""
        if request.approvals:
            raise ValueError(f"{request.id}: a draft has no approvals")
        row = {"id": request.id, "kept_at": micros(now), "request": dumps(rows.request_row(request))}
        too_old = drafts.c.kept_at < micros(now - KEPT_FOR)

        def write(connection: Connection) -> None:
            connection.execute(delete(drafts).where(too_old | (drafts.c.id == request.id)))
            connection.execute(insert(drafts), [row])

        await self._store.write(write)

    async def get(self, request_id: str) -> Request | None:
        """See the port."""
        wanted = select(drafts.c.request).where(drafts.c.id == request_id)
        text = await self._store.read(lambda connection: connection.scalar(wanted), single=True)
        return None if text is None else rows.request_of(loads(text), ())
