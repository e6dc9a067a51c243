"""The one writer of an SQLite file: a thread of its own, in which a transaction runs from its beginning to its end.

Transactions that wait for it at the same time share one commit, and so one wait for the disk. Each still succeeds or fails
by itself; none is answered before the commit.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

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
    error: Exception


class Writer:
    """Takes transactions from the event loop's tasks, in their order."""

    def __init__(self, engine: Engine) -> None:
        """Nothing is connected yet. The engine must begin a transaction with BEGIN IMMEDIATE, and only when it is told."""
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._waiting: list[_Turn] = []
        self._writing: asyncio.Task[None] | None = None

    async def run(self, work: Work[Result], *, lasting: bool) -> Result:
        """What `work` returns, once it is committed. An error of `work` rolls back what it did, and only that.

        Where the caller is cancelled, `work` may be carried out all the same.
        """
        turn = _Turn(work, lasting, asyncio.get_running_loop().create_future())
        self._waiting.append(turn)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write(), name="sqlite-writer")
        result: Result = await turn.done
        return result

    async def close(self) -> None:
        """Finish what was begun, and close the connection."""
        if self._writing is not None:
            await asyncio.wait([self._writing])
        await asyncio.to_thread(self._engine.dispose)

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            turns = [turn for turn in self._waiting[:AT_ONCE] if not turn.done.cancelled()]
            del self._waiting[:AT_ONCE]
            if not turns:
                continue
            try:
                outcomes = await loop.run_in_executor(self._thread, self._together, turns)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer to each of them
                outcomes = [_Failed(error)] * len(turns)
            for turn, outcome in zip(turns, outcomes, strict=True):
                _answer(turn, outcome)

    def _together(self, turns: Sequence[_Turn]) -> list[object]:
        with self._engine.connect() as connection:
            _wait_for_disk(connection, any(turn.lasting for turn in turns))
            with connection.begin():
                if len(turns) == 1:
                    return [turns[0].work(connection)]
                return [_apart(connection, turn.work) for turn in turns]


def _apart(connection: Connection, work: Work[Any]) -> object:
    """One of several that share a commit: its failure must not touch the others."""
    try:
        with connection.begin_nested():
            return work(connection)
    except Exception as error:
        if not _driver(connection).in_transaction:
            # SQLite itself has rolled everything back, as it may where the disk is full.
            raise
        return _Failed(error)


def _wait_for_disk(connection: Connection, lasting: bool) -> None:
    # The setting is the connection's, and may not be changed inside a transaction.
    _driver(connection).execute("PRAGMA synchronous=FULL" if lasting else "PRAGMA synchronous=NORMAL")


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def _answer(turn: _Turn, outcome: object) -> None:
    if turn.done.cancelled():
        return
    if isinstance(outcome, _Failed):
        turn.done.set_exception(outcome.error)
    else:
        turn.done.set_result(outcome)
