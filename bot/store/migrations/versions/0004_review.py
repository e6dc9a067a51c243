"""Finished requests whose break-glass waits for a review are found by an index of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only an index: programs of the version before are not disturbed."""
    rows = sa.text("live = 0 AND wake_at IS NOT NULL")
    op.create_index("requests_review", "requests", ["wake_at"], sqlite_where=rows, postgresql_where=rows)
