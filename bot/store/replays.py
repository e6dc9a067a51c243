"""Signatures of requests that were let in, so that a copy of one is refused, whichever replica it comes to."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert
from sqlalchemy.exc import IntegrityError

from bot.store.codec import micros
from bot.store.engine import Store
from bot.store.faults import broken
from bot.store.schema import replays

SWEEP_EVERY = timedelta(minutes=1)


class SqlReplays:
    """The front door's memory: one row for each request, until its signature is too old to be good."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sweep_at: datetime | None = None

    async def first_time(self, signature: str, until: datetime, now: datetime) -> bool:
        """Whether nobody has shown this signature before; from now on it is known until `until`.

        On SQLite it outlives the process, but not always a power failure: a copy that comes in the minutes after one finds
        that its request was carried out, as a late click does.

        Raises Unavailable. Then the signature may be known or not: the request must not be let in.
        """
        sweep = self._sweep_at is None or self._sweep_at <= now
        if sweep:
            self._sweep_at = now + SWEEP_EVERY

        def write(connection: Connection) -> None:
            if sweep:
                connection.execute(delete(replays).where(replays.c.until < micros(now)))
            connection.execute(insert(replays), [{"signature": signature, "until": micros(until)}])

        try:
            await self._store.write(write, lasting=False)
        except IntegrityError as error:
            if not broken(error, replays.primary_key):
                raise
            return False
        return True
