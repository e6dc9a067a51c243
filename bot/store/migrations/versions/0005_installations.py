"""The tables of slack_sdk's installation and state stores."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _words(*names: str, length: int = 200, null: bool = True) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(length), nullable=null) for name in names]


def _who() -> list[sa.Column[str]]:
    return [
        *_words("client_id", "app_id", length=32, null=False),
        *_words("enterprise_id", "team_id", "bot_id", "bot_user_id", length=32),
        *_words("enterprise_name", "team_name", "bot_token", "bot_refresh_token"),
        *_words("bot_scopes", length=1000),
    ]


def _when() -> list[sa.Column[object]]:
    return [
        sa.Column("bot_token_expires_at", sa.DateTime()),
        sa.Column("is_enterprise_install", sa.Boolean(), nullable=False),
        sa.Column("installed_at", sa.DateTime(), nullable=False),
    ]


def upgrade() -> None:
    """One way: a database that was used by this version is not taken back."""
    op.create_table(
        "slack_installations",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *_who(),
        *_when(),
        *_words("user_id", length=32, null=False),
        *_words("token_type", length=32),
        *_words("enterprise_url", "user_token", "user_refresh_token"),
        *_words("user_scopes", length=1000),
        sa.Column("user_token_expires_at", sa.DateTime()),
        *_words("incoming_webhook_url", "incoming_webhook_channel"),
        *_words("incoming_webhook_channel_id", "incoming_webhook_configuration_url"),
        sa.PrimaryKeyConstraint("id", name="slack_installations_pkey"),
    )
    op.create_index(
        "slack_installations_idx",
        "slack_installations",
        ["client_id", "enterprise_id", "team_id", "user_id", "installed_at"],
    )
    op.create_table(
        "slack_bots",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *_who(),
        *_when(),
        sa.PrimaryKeyConstraint("id", name="slack_bots_pkey"),
    )
    op.create_index("slack_bots_idx", "slack_bots", ["client_id", "enterprise_id", "team_id", "installed_at"])
    op.create_table(
        "slack_oauth_states",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        *_words("state", null=False),
        sa.Column("expire_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="slack_oauth_states_pkey"),
    )
