"""The one writer of an SQLite file: a thread of its own, in which a transaction runs from its beginning to its end.

Transactions that wait for it at the same time share one commit, and so one wait for the disk. Each still succeeds or fails
by itself; none is answered before the commit.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from bot.domain.errors import Unavailable

Result = TypeVar("Result")
Work = Callable[[Connection], Result]
"""What a transaction does. It is called in another thread: it uses the connection, and nothing that others may change."""
AT_ONCE = 64
"""How many transactions share a commit at most."""


@dataclass(frozen=True, slots=True)
class _Turn:
    work: Work[Any]
    lasting: bool
    done: "asyncio.Future[Any]"


@dataclass(frozen=True, slots=True)
class _Failed:
    error: BaseException


class Writer:
    """Takes transactions from the event loop's tasks, in their order."""

    def __init__(self, engine: Engine) -> None:
        """Nothing is connected yet. The engine begins a transaction with BEGIN IMMEDIATE, and only when it is told; it waits
        for the disk at the end unless the connection's option `lasting` is False."""
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._waiting: deque[_Turn] = deque()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    async def run(self, work: Work[Result], *, lasting: bool) -> Result:
        """What `work` returns, once it is committed. An error of `work` rolls back what it did, and only that.

        Where the caller is cancelled, `work` may be carried out all the same. Raises Unavailable after `close`.
        """
        if self._closed:
            raise Unavailable("store.unavailable", "The database is closed.")
        turn = _Turn(work, lasting, asyncio.get_running_loop().create_future())
        self._waiting.append(turn)
        if self._idle.is_set():
            self._next()
        result: Result = await turn.done
        return result

    async def close(self) -> None:
        """Finish what was begun, and close the connection."""
        self._closed = True
        await self._idle.wait()
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        self._thread.shutdown()
        self._engine.dispose()

    def _next(self) -> None:
        """Give the thread those that wait. No task does this: a task can be cancelled, and nobody would be answered."""
        turns: list[_Turn] = []
        while self._waiting and len(turns) < AT_ONCE:
            turn = self._waiting.popleft()
            if not turn.done.cancelled():
                turns.append(turn)
        if not turns:
            self._idle.set()
            return
        self._idle.clear()
        job = asyncio.get_running_loop().run_in_executor(self._thread, self._together, turns)
        job.add_done_callback(partial(self._ended, turns))

    def _ended(self, turns: Sequence[_Turn], job: "asyncio.Future[list[object]]") -> None:
        error = job.exception()
        outcomes = job.result() if error is None else [_Failed(error)] * len(turns)
        try:
            for turn, outcome in zip(turns, outcomes, strict=True):
                _answer(turn, outcome)
        finally:
            self._next()

    def _together(self, turns: Sequence[_Turn]) -> list[object]:
        with self._engine.connect() as connection:
            connection.execution_options(lasting=any(turn.lasting for turn in turns))
            with connection.begin():
                if len(turns) == 1:
                    return [turns[0].work(connection)]
                return [_apart(connection, turn.work) for turn in turns]


def _apart(connection: Connection, work: Work[Any]) -> object:
    """One of several that share a commit: its failure must not touch the others."""
    savepoint = connection.begin_nested()
    try:
        result = work(connection)
        savepoint.commit()
    except Exception as error:
        if not _driver(connection).in_transaction:
            # SQLite itself has rolled everything back, as it may where the disk is full: that befalls all of them.
            raise
        if savepoint.is_active:
            savepoint.rollback()
        return _Failed(error)
    return result


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def _answer(turn: _Turn, outcome: object) -> None:
    if turn.done.cancelled():
        return
    if not isinstance(outcome, _Failed):
        turn.done.set_result(outcome)
    elif isinstance(outcome.error, StopIteration):
        # A future takes no such error, as no coroutine raises one.
        turn.done.set_exception(RuntimeError("a transaction raised StopIteration"))
    else:
        turn.done.set_exception(outcome.error)
