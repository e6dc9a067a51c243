"""The chain of the audit log: each entry holds the hash of the one before it.

An entry's hash is SHA-256, in hexadecimal, over the ASCII text of the JSON array
`[seq,request_id,at,kind,[enterprise,team,user],data,previous]`, written without blanks, where `at` is in microseconds
since 1970 UTC, `data` is the stored JSON text and `previous` is the hash of the entry before.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, insert, update

from bot.domain.events import Event
from bot.domain.people import Person
from bot.store import codec
from bot.store.schema import audit_head, events

GROW = update(audit_head).values(seq=audit_head.c.seq + bindparam("entries")).returning(audit_head.c.seq, audit_head.c.hash)
END = update(audit_head).values(hash=bindparam("newest"))
GENESIS = "0" * 64
"""What stands before the first entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the audit log, as stored. `data` stays JSON text, so that everybody can compute the hash again."""

    seq: int
    request_id: str
    at: datetime
    kind: str
    actor: Person
    data: str
    previous: str
    hash: str


def entry_of(row: RowMapping) -> Entry:
    """The entry that is stored as `row`."""
    actor = Person(row["actor_enterprise"], row["actor_team"], row["actor"])
    at = codec.moment(row["at"])
    return Entry(row["seq"], row["request_id"], at, row["kind"], actor, row["data"], row["previous"], row["hash"])


def hash_of(entry: Entry) -> str:
    """The hash that the entry should carry."""
    content = [
        entry.seq,
        entry.request_id,
        codec.micros(entry.at),
        entry.kind,
        codec.person_json(entry.actor),
        entry.data,
        entry.previous,
    ]
    return hashlib.sha256(codec.dumps(content).encode("ascii")).hexdigest()


def append(connection: Connection, request_id: str, happened: Sequence[Event]) -> None:
    """Add entries at the end of the log, inside the caller's transaction.

    Taking the head makes all other writers of the log wait until the transaction ends: call it last.
    """
    if not happened:
        return
    newest, previous = connection.execute(GROW, {"entries": len(happened)}).one()
    rows = []
    for seq, event in enumerate(happened, newest - len(happened) + 1):
        row = _row(seq, request_id, event, previous)
        previous = row["hash"]
        rows.append(row)
    connection.execute(insert(events), rows)
    connection.execute(END, {"newest": previous})


def _row(seq: int, request_id: str, event: Event, previous: str) -> dict[str, str | int]:
    data = codec.texts_json(event.data)
    entry = Entry(seq, request_id, event.at, event.kind.value, event.actor, data, previous, "")
    return {
        "seq": seq,
        "request_id": request_id,
        "at": codec.micros(event.at),
        "kind": entry.kind,
        "actor_enterprise": event.actor.enterprise,
        "actor_team": event.actor.team,
        "actor": event.actor.user,
        "data": data,
        "previous": previous,
        "hash": hash_of(entry),
    }
