"""A database with many open requests, as the bot itself would have written it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine, insert

from bot.domain.people import Person, Place
from bot.domain.request import ALPHABET, InstanceRef, Job, JobStatus, Request
from bot.domain.states import State
from bot.store import rows
from bot.store.database import Database
from bot.store.schema import approvals, requests
from tests.bench.light_cloud import PERCENT
from tests.bench.light_slack import CHANNEL, TEAM
from tests.unit.requests import request, wish

BEGAN = timedelta(minutes=10)
"""How long ago the restores began."""


def pending(number: int) -> Request:
    """One that waits for approval, each for a target of its own."""
    return _made(State.PENDING, number)


def restoring(number: int) -> Request:
    """One whose job runs."""
    now = datetime.now(UTC)
    return replace(
        _made(State.RESTORING, number),
        job=Job(f"job-{number}", JobStatus.RUNNING, PERCENT),
        milestone=25,
        act_at=now,
        progress_at=now,
        submitted_at=now - BEGAN,
    )


async def seed(folder: Path, wanted: Sequence[Request]) -> None:
    """Make the database with these requests; nobody is owed a message."""
    database = Database(f"sqlite+aiosqlite:///{folder / 'bot.db'}")
    await database.open()
    await database.close()
    await asyncio.to_thread(_write, folder / "bot.db", wanted)


def _write(file: Path, wanted: Sequence[Request]) -> None:
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        if wanted:
            connection.execute(insert(requests), [rows.request_row(each) for each in wanted])
        given = [row for each in wanted for row in rows.approval_rows(each.id, each.approvals, 0)]
        if given:
            connection.execute(insert(approvals), given)
    engine.dispose()


def _made(state: State, number: int) -> Request:
    now = datetime.now(UTC)
    made = request(
        state,
        id=_id(number),
        wish=wish(target=InstanceRef(f"target-{number}", f"target-{number}")),
        requester=Person("", TEAM, "U0ALICE"),
        place=Place(CHANNEL),
        opened_at=now,
        expires_at=now + timedelta(hours=12),
    )
    return replace(made, approved_at=now if made.approvals else None)


def _id(number: int) -> str:
    letters = ""
    for _ in range(5):
        number, letter = divmod(number, len(ALPHABET))
        letters = ALPHABET[letter] + letters
    return f"R-{letters}"
