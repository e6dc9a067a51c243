"""The bot's requests for the panel of the demo, read from its database while it runs, or does not."""

from collections.abc import Sequence
from itertools import groupby

from bot.domain.errors import Unavailable
from bot.domain.events import Kind
from bot.domain.request import Request
from bot.domain.states import State
from bot.sandbox.backstage.ports import RequestSeen
from bot.store.database import Database
from bot.workflow.store_ports import Filter

SHOWN = 12


class DemoRequests:
    """Keeps the port `Requests` of the sandbox. Only reads; nothing is known before it is opened."""

    def __init__(self, url: str) -> None:
        """`url` is the bot's DATABASE_URL."""
        self.database = Database(url, read_only=True)
        """The bot's own database, for other questions."""
        self._opened = False
        self._seen: dict[tuple[str, int], RequestSeen] = {}
        """Request and version → how it was seen."""
        self._newest: list[RequestSeen] = []

    async def open(self) -> None:
        """Begin to read; the bot must have made its tables. Raises Unavailable or Misconfigured."""
        await self.database.open()
        self._opened = True

    async def close(self) -> None:
        """Close the database."""
        await self.database.close()

    async def newest(self) -> Sequence[RequestSeen]:
        """See the port."""
        if self._opened:
            try:
                found = await self.database.requests.find(Filter(limit=SHOWN))
                self._seen = {(each.id, each.version): await self._look(each) for each in reversed(found)}
            except Unavailable:
                return self._newest
            self._newest = list(self._seen.values())
        return self._newest

    async def _look(self, request: Request) -> RequestSeen:
        known = self._seen.get((request.id, request.version))
        if known is not None:
            return known
        history = await self.database.audit.history(request.id)
        steps = [State.PENDING.value, *(event.data["to"] for event in history if event.kind is Kind.STATE)]
        # A step may stay in its state: what hinders the request is on record too.
        path = tuple(state for state, _ in groupby(steps))
        percent = request.job.percent if request.job is not None and request.state is State.RESTORING else None
        return RequestSeen(request.id, request.wish.target.name, path[-1], path, percent)
