"""Requests, with their approvals, audit entries and messages owed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    RowMapping,
    Select,
    and_,
    bindparam,
    func,
    insert,
    select,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError

from bot.domain.errors import Conflict, Refused
from bot.domain.events import Event, Note, Owed
from bot.domain.request import Approval, Request
from bot.domain.states import State
from bot.store import chain, rows
from bot.store.codec import micros, moment_or_none
from bot.store.engine import Store
from bot.store.faults import broken
from bot.store.leases import check_fence
from bot.store.schema import LIVE_ROWS, ONE_APPROVAL_EACH, ONE_LIVE, OPEN_ROWS, REVIEW_ROWS, approvals, outbox, requests
from bot.workflow.observing import Witness, Written
from bot.workflow.store_ports import Filter, Lease

TRIES = 3
"""How often a new request is tried again where the one that held its target ended at the same moment."""

UNCHANGED = update(requests).where(
    requests.c.id == bindparam("of"),
    requests.c.state == bindparam("in_state"),
    requests.c.version == bindparam("at_version"),
)
POSTPONE = UNCHANGED.values(act_at=bindparam("later"), wake_at=bindparam("woken"))
SWAP = UNCHANGED.values({column: bindparam(f"new_{column.name}") for column in requests.c})
"""Made once, as it is at the heart of every click: a statement of so many columns takes longer to make than to carry out."""

WITH_APPROVALS = (
    select(*requests.c, *(column.label(rows.BESIDE + column.name) for column in approvals.c))
    .outerjoin(approvals, approvals.c.request_id == requests.c.id)
    .where(requests.c.id == bindparam("wanted"))
    .order_by(approvals.c.place)
)
NEXT = union_all(*(select(func.min(requests.c.wake_at)).where(of_interest) for of_interest in (LIVE_ROWS, REVIEW_ROWS)))
"""Two readings of an index in one statement."""


class SqlRequests:
    """The `Requests` port. Locks are taken in one order: lease, request, outbox, audit log."""

    def __init__(self, store: Store, witness: Witness | None = None) -> None:
        """`witness` is told of every commit; there is no other way by which a request changes."""
        self._store = store
        self._witness = witness

    async def add(self, request: Request, events: Sequence[Event], owed: Sequence[Owed]) -> None:
        """See the port."""
        for _ in range(TRIES):
            try:
                return await self._add(request, events, owed)
            except IntegrityError as error:
                if broken(error, requests.primary_key):
                    raise Conflict("already_opened", f"Request {request.id} exists already.") from error
                if not broken(error, ONE_LIVE):
                    raise
            holder = await self.live_on(request.wish.project, request.wish.target.id)
            if holder is not None:
                raise Conflict("target_held", f"Request {holder.id} holds this target.", request_id=holder.id)
        raise Conflict("target_held", "Other requests for this target come and go. Try again in a moment.")

    async def _add(self, request: Request, events: Sequence[Event], owed: Sequence[Owed]) -> None:
        def write(connection: Connection) -> None:
            connection.execute(insert(requests), [rows.request_row(request)])
            _add_approvals(connection, request.id, request.approvals, 0)
            _add_owed(connection, request.id, owed, _moment(request, events, None))
            chain.append(connection, request.id, events)

        await self._store.write(write)
        self._tell(Written(request.id, None, request, events))

    async def get(self, request_id: str) -> Request:
        """See the port."""
        # Whatever somebody typed: PostgreSQL takes no NUL in a text, and no id has more than plain letters.
        if request_id.isascii() and request_id.isprintable():
            by_id = {"wanted": request_id}
            found = await self._store.read(lambda connection: _all(connection, WITH_APPROVALS, by_id), single=True)
            if found:
                return rows.request_of(found[0], rows.approvals_beside(found))
        raise Refused("no_such_request", f"There is no request {request_id}.")

    async def change(
        self,
        before: Request,
        after: Request,
        events: Sequence[Event],
        owed: Sequence[Owed] = (),
        *,
        fence: Lease | None = None,
        now: datetime | None = None,
    ) -> Request:
        """See the port. Raises Conflict `already_approved` for a second approval of one person."""
        known = len(before.approvals)
        if before.id != after.id or after.approvals[:known] != before.approvals:
            raise ValueError(f"{before.id}: a change keeps the id and the approvals")
        stored = replace(after, version=before.version + 1)

        def write(connection: Connection) -> None:
            _fenced(connection, fence, now)
            _swap(connection, before, stored)
            _add_approvals(connection, stored.id, stored.approvals[known:], known)
            _add_owed(connection, stored.id, owed, _moment(stored, events, now))
            chain.append(connection, stored.id, events)

        try:
            await self._store.write(write)
        except IntegrityError as error:
            if broken(error, ONE_APPROVAL_EACH):
                raise Conflict("already_approved", f"This person has already approved {before.id}.") from error
            raise
        self._tell(Written(stored.id, before, stored, events))
        return stored

    async def record(self, request_id: str, event: Event) -> None:
        """See the port."""
        await self._store.write(lambda connection: chain.append(connection, request_id, [event]))
        self._tell(Written(request_id, None, None, [event]))

    async def postpone(self, looked_at: Sequence[Request], fence: Lease, now: datetime) -> None:
        """See the port."""
        postponed = [rows.postponed(each) for each in looked_at]

        def write(connection: Connection) -> None:
            check_fence(connection, fence, now)
            connection.execute(POSTPONE, postponed)

        await self._store.write(write, lasting=False)

    async def due(self, states: frozenset[State], now: datetime, limit: int) -> Sequence[Request]:
        """See the port."""
        come = and_(requests.c.state.in_(sorted(states)), requests.c.act_at <= micros(now))
        return await self._read(_wanted().where(come).order_by(requests.c.act_at, requests.c.id).limit(limit))

    async def overdue(self, now: datetime, limit: int) -> Sequence[Request]:
        """See the port."""
        come = requests.c.wake_at <= micros(now)
        order = (requests.c.wake_at, requests.c.id)
        pending = _wanted().where(LIVE_ROWS, come, requests.c.state == State.PENDING.value).order_by(*order).limit(limit)
        finished = _wanted().where(REVIEW_ROWS, come).order_by(*order).limit(limit)
        return [*await self._read(pending), *await self._read(finished)]

    async def find(self, wanted: Filter) -> Sequence[Request]:
        """See the port."""
        conditions: list[ColumnElement[bool]] = []
        if wanted.states is not None:
            conditions.append(requests.c.state.in_(sorted(wanted.states)))
        if wanted.requester is not None:
            conditions.append(requests.c.requester_user == wanted.requester.user)
            conditions.append(requests.c.requester_team == wanted.requester.team)
            conditions.append(requests.c.requester_enterprise == wanted.requester.enterprise)
        if wanted.channel is not None:
            conditions.append(requests.c.channel == wanted.channel)
        newest_first = _wanted().where(*conditions).order_by(requests.c.opened_at.desc(), requests.c.id.desc())
        return await self._read(newest_first.limit(wanted.limit).offset(wanted.offset))

    async def live_on(self, project: str, target_id: str) -> Request | None:
        """See the port."""
        holds = and_(LIVE_ROWS, requests.c.project == project, requests.c.target_id == target_id)
        found = await self._read(_wanted().where(holds))
        return found[0] if found else None

    async def jobs_in_use(self, project: str) -> frozenset[str]:
        """See the port."""
        wanted = select(requests.c.job_id).where(requests.c.project == project, requests.c.job_id.is_not(None))
        return await self._store.read(lambda connection: frozenset(connection.scalars(wanted)), single=True)

    async def next_act_at(self) -> datetime | None:
        """See the port. Of a request that is not pending only `act_at` counts: its other times are past, and nobody acts on
        them."""
        found = await self._store.read(lambda connection: connection.scalars(NEXT).all(), single=True)
        return moment_or_none(min((each for each in found if each is not None), default=None))

    def _tell(self, written: Written) -> None:
        if self._witness is not None:
            self._witness(written)

    async def _read(self, wanted: Select[tuple[object, ...]]) -> list[Request]:
        def read(connection: Connection) -> tuple[Sequence[RowMapping], dict[str, list[Approval]]]:
            found = _all(connection, wanted)
            return found, _approvals_of(connection, [row["id"] for row in found])

        found, given = await self._store.read(read)
        return [rows.request_of(row, given[row["id"]]) for row in found]


def _wanted() -> Select[tuple[object, ...]]:
    return select(*requests.c)


def _all(connection: Connection, wanted: Executable, values: Mapping[str, str] | None = None) -> Sequence[RowMapping]:
    return connection.execute(wanted, values).mappings().all()


def _approvals_of(connection: Connection, ids: Sequence[str]) -> dict[str, list[Approval]]:
    given: dict[str, list[Approval]] = defaultdict(list)
    if ids:
        wanted = select(approvals).where(approvals.c.request_id.in_(ids)).order_by(approvals.c.request_id, approvals.c.place)
        for row in connection.execute(wanted).mappings():
            given[row["request_id"]].append(rows.approval_of(row))
    return given


def _fenced(connection: Connection, fence: Lease | None, now: datetime | None) -> None:
    if fence is None:
        return
    if now is None:
        raise ValueError("a fence is checked at a moment: give now as well")
    check_fence(connection, fence, now)


def _swap(connection: Connection, before: Request, stored: Request) -> None:
    values = {f"new_{name}": value for name, value in rows.request_row(stored).items()}
    unchanged = {"of": before.id, "in_state": before.state.value, "at_version": before.version}
    if connection.execute(SWAP, unchanged | values).rowcount != 1:
        raise Conflict("stale", f"Request {before.id} has changed meanwhile.")


def _add_approvals(connection: Connection, request_id: str, given: Sequence[Approval], first: int) -> None:
    if given:
        connection.execute(insert(approvals), rows.approval_rows(request_id, given, first))


def _add_owed(connection: Connection, request_id: str, owed: Sequence[Owed], at: datetime) -> None:
    if owed:
        connection.execute(insert(outbox), rows.owed_rows(request_id, owed, at))
    if any(each.note is Note.FINAL for each in owed):
        # What waits for its turn must not hold up the last word behind it.
        waiting = update(outbox).where(outbox.c.request_id == request_id, OPEN_ROWS, outbox.c.due_at > micros(at))
        connection.execute(waiting.values(due_at=micros(at)))


def _moment(request: Request, events: Sequence[Event], now: datetime | None) -> datetime:
    """When messages began to be owed: now where it is told, else when their cause happened."""
    return now or max((event.at for event in events), default=request.opened_at)
