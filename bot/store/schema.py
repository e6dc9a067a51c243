"""The tables. Every column is TEXT or BIGINT, so that one SQL text serves both databases.

Moments are microseconds since 1970 UTC; JSON is text that `codec` writes. `migrations/` makes these tables, and a test
compares the two.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={"pk": "%(table_name)s_pkey", "fk": "%(table_name)s_%(column_0_name)s_fkey"},
)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _text_or_null(name: str) -> Column[str | None]:
    return Column(name, Text, nullable=True)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _number_or_null(name: str) -> Column[int | None]:
    return Column(name, BigInteger, nullable=True)


def _request() -> Column[str]:
    return Column("request_id", Text, ForeignKey("requests.id"), nullable=False)


requests = Table(
    "requests",
    metadata,
    Column("id", Text, primary_key=True),
    _number("version"),
    _text("state"),
    _number("live"),  # 1 while the request holds its target, else 0
    _text("project"),
    _text("target_id"),
    _text("requester_enterprise"),
    _text("requester_team"),
    _text("requester_user"),
    _text("channel"),
    _text_or_null("thread"),
    _number("opened_at"),
    _number("expires_at"),
    _number_or_null("act_at"),
    _number_or_null("remind_at"),
    _number_or_null("wake_at"),  # when the worker must look at it next, for whatever reason
    _text_or_null("job_id"),
    _text("body"),  # all that no query asks for
)
LIVE_ROWS = text("live = 1")
ONE_LIVE = Index(
    "requests_one_live_per_target",
    requests.c.project,
    requests.c.target_id,
    unique=True,
    sqlite_where=LIVE_ROWS,
    postgresql_where=LIVE_ROWS,
)
"""One live restore per target, enforced here and nowhere else."""
Index("requests_due", requests.c.state, requests.c.act_at)
Index("requests_wake", requests.c.wake_at, sqlite_where=LIVE_ROWS, postgresql_where=LIVE_ROWS)
REVIEW_ROWS = text("live = 0 AND wake_at IS NOT NULL")
Index("requests_review", requests.c.wake_at, sqlite_where=REVIEW_ROWS, postgresql_where=REVIEW_ROWS)
Index("requests_newest", requests.c.opened_at)
Index("requests_job", requests.c.project, requests.c.job_id)

approvals = Table(
    "approvals",
    metadata,
    _request(),
    _number("place"),  # 0 for the first approval
    _text("enterprise"),
    _text("team"),
    _text("approver"),
    _number("at"),
    _text("digest"),
    _text("saw"),
    PrimaryKeyConstraint("request_id", "place"),
)
ONE_APPROVAL_EACH = UniqueConstraint(
    approvals.c.request_id,
    approvals.c.enterprise,
    approvals.c.team,
    approvals.c.approver,
    name="approvals_one_each",
)
"""Distinct people."""

drafts = Table("drafts", metadata, Column("id", Text, primary_key=True), _number("kept_at"), _text("request"))
Index("drafts_kept", drafts.c.kept_at)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    _request(),
    _text("note"),
    _text_or_null("milestone"),
    _text("data"),
    _number("created_at"),
    _number("due_at"),
    _number("attempts"),
    Column("in_doubt", Integer, nullable=False, server_default="0"),  # 1: a try was begun, its end is not known
    _number_or_null("covers"),  # of a card: the newest card owed before the state was read for this try
    _number_or_null("settled_at"),
    _text_or_null("outcome"),
    _text_or_null("why"),
)
OPEN_ROWS = text("settled_at IS NULL")
Index("outbox_open", outbox.c.request_id, outbox.c.id, sqlite_where=OPEN_ROWS, postgresql_where=OPEN_ROWS)

messages = Table(
    "messages",
    metadata,
    Column("id", Integer, primary_key=True),
    _request(),
    _text("kind"),
    _text("channel"),
    _text("ts"),
    _number("posted_at"),
)
Index("messages_of_request", messages.c.request_id, messages.c.kind)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    _text("owner"),
    _number("token"),
    _number("until"),
)

replays = Table("replays", metadata, Column("signature", Text, primary_key=True), _number("until"))
"""Signatures of Slack's requests that were let in, for as long as a copy could still be let in."""
Index("replays_until", replays.c.until)

events = Table(
    "events",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _text("request_id"),
    _number("at"),
    _text("kind"),
    _text("actor_enterprise"),
    _text("actor_team"),
    _text("actor"),
    _text("data"),
    _text("previous"),
    _text("hash"),
)
"""The audit log. Triggers refuse UPDATE and DELETE. No foreign key: the log also holds clicks on what does not exist."""
Index("events_of_request", events.c.request_id, events.c.seq)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    _number("seq"),
    _text("hash"),
)
"""One row: the newest entry of the log. Updating it makes writers queue, so the chain never forks."""
