"""The first tables, and the triggers that make the audit log append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TRIGGERS = {
    "sqlite": (
        """CREATE TRIGGER events_no_update BEFORE UPDATE ON events
           BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
        """CREATE TRIGGER events_no_delete BEFORE DELETE ON events
           BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION events_refuse() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$""",
        """CREATE TRIGGER events_no_update BEFORE UPDATE ON events
           FOR EACH STATEMENT EXECUTE FUNCTION events_refuse()""",
        """CREATE TRIGGER events_no_delete BEFORE DELETE ON events
           FOR EACH STATEMENT EXECUTE FUNCTION events_refuse()""",
        """CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events
           FOR EACH STATEMENT EXECUTE FUNCTION events_refuse()""",
    ),
}


def _text(*names: str, null: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=null) for name in names]


def _number(*names: str, null: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=null) for name in names]


def upgrade() -> None:
    """One way: a database that was used by this version is not taken back."""
    _requests()
    _approvals_and_drafts()
    _messages()
    _leases()
    _audit_log()


def _requests() -> None:
    op.create_table(
        "requests",
        *_text("id"),
        *_number("version"),
        *_text("state"),
        *_number("live"),
        *_text("project", "target_id", "requester_enterprise", "requester_team", "requester_user", "channel"),
        *_text("thread", null=True),
        *_number("opened_at", "expires_at"),
        *_number("act_at", "remind_at", "wake_at", null=True),
        *_text("job_id", null=True),
        *_text("body"),
        sa.PrimaryKeyConstraint("id", name="requests_pkey"),
    )
    live = sa.text("live = 1")
    op.create_index(
        "requests_one_live_per_target",
        "requests",
        ["project", "target_id"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_index("requests_due", "requests", ["state", "act_at"])
    op.create_index("requests_wake", "requests", ["wake_at"], sqlite_where=live, postgresql_where=live)
    op.create_index("requests_newest", "requests", ["opened_at"])
    op.create_index("requests_job", "requests", ["project", "job_id"])


def _approvals_and_drafts() -> None:
    op.create_table(
        "approvals",
        *_text("request_id"),
        *_number("place"),
        *_text("enterprise", "team", "approver"),
        *_number("at"),
        *_text("digest", "saw"),
        sa.PrimaryKeyConstraint("request_id", "place", name="approvals_pkey"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="approvals_request_id_fkey"),
        sa.UniqueConstraint("request_id", "enterprise", "team", "approver", name="approvals_one_each"),
    )
    op.create_table(
        "drafts",
        *_text("id"),
        *_number("kept_at"),
        *_text("request"),
        sa.PrimaryKeyConstraint("id", name="drafts_pkey"),
    )
    op.create_index("drafts_kept", "drafts", ["kept_at"])


def _messages() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        *_text("request_id", "note"),
        *_text("milestone", null=True),
        *_text("data"),
        *_number("created_at", "due_at", "attempts"),
        *_number("covers", "settled_at", null=True),
        *_text("outcome", "why", null=True),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="outbox_request_id_fkey"),
    )
    unsettled = sa.text("settled_at IS NULL")
    op.create_index("outbox_open", "outbox", ["request_id", "id"], sqlite_where=unsettled, postgresql_where=unsettled)
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        *_text("request_id", "kind", "channel", "ts"),
        *_number("posted_at"),
        sa.PrimaryKeyConstraint("id", name="messages_pkey"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="messages_request_id_fkey"),
    )
    op.create_index("messages_of_request", "messages", ["request_id", "kind"])


def _leases() -> None:
    op.create_table(
        "leases",
        *_text("name", "owner"),
        *_number("token", "until"),
        sa.PrimaryKeyConstraint("name", name="leases_pkey"),
    )


def _audit_log() -> None:
    op.create_table(
        "events",
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        *_text("request_id"),
        *_number("at"),
        *_text("kind", "actor_enterprise", "actor_team", "actor", "data", "previous", "hash"),
        sa.PrimaryKeyConstraint("seq", name="events_pkey"),
    )
    op.create_index("events_of_request", "events", ["request_id", "seq"])
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        *_number("seq"),
        *_text("hash"),
        sa.PrimaryKeyConstraint("id", name="audit_head_pkey"),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": "0" * 64}])
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)
