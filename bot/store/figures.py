"""Counts for the operator, cheap enough to be asked for at every scrape."""

from sqlalchemy import Connection, func, select

from bot.domain.states import State
from bot.store.codec import moment_or_none
from bot.store.engine import Store
from bot.store.schema import LIVE_ROWS, OPEN_ROWS, REVIEW_ROWS, outbox, requests
from bot.workflow.observing import Figures


class SqlFigures:
    """Every statement goes over an index, so none reads the requests' bodies."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self) -> Figures:
        """All counts of one moment. Raises Unavailable."""
        return await self._store.read(_read)


def _read(connection: Connection) -> Figures:
    states = select(requests.c.state, func.count()).group_by(requests.c.state)
    restoring = requests.c.state == State.RESTORING.value
    running = select(requests.c.project, func.count()).where(restoring).group_by(requests.c.project)
    owed = select(func.count(), func.min(outbox.c.created_at)).where(OPEN_ROWS)
    due = select(func.min(requests.c.wake_at)).where(LIVE_ROWS)
    unreviewed = select(func.count()).select_from(requests).where(REVIEW_ROWS)
    by_state = {State(state): int(number) for state, number in connection.execute(states)}
    by_project = {str(project): int(number) for project, number in connection.execute(running)}
    number, oldest = (connection.execute(owed)).one()
    return Figures(
        by_state=by_state,
        running=by_project,
        owed=number,
        owed_since=moment_or_none(oldest),
        due_since=moment_or_none(connection.scalar(due)),
        unreviewed=connection.scalar(unreviewed) or 0,
    )
