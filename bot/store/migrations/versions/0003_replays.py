"""Signatures of requests that were let in."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One way: a database that was used by this version is not taken back."""
    op.create_table(
        "replays",
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("signature", name="replays_pkey"),
    )
    op.create_index("replays_until", "replays", ["until"])
