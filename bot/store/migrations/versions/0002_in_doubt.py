"""A message whose try was begun and not settled is in doubt: it is looked for before it is sent again."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column with a default, so that a program of the version before goes on working."""
    op.add_column("outbox", sa.Column("in_doubt", sa.Integer(), nullable=False, server_default="0"))
