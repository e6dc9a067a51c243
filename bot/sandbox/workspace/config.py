"""The app that is installed in the local Slack: its tokens, what it offers and what it may do."""

from dataclasses import dataclass
from typing import Literal

BOT_TOKEN = "xoxb-demo-bot-token"  # noqa: S105 - public words of the sandbox, not secrets
APP_TOKEN = "xapp-1-demo-app-token"  # noqa: S105
SIGNING_SECRET = "demo-signing-secret"  # noqa: S105
CLIENT_ID = "100.200"
CLIENT_SECRET = "demo-client-secret"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command, as the manifest declares it."""

    command: str
    description: str
    usage_hint: str


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut: on a message, or from anywhere."""

    type: Literal["message", "global"]
    callback_id: str
    name: str
    description: str


DEMO_COMMANDS = (
    Command(
        "/rds-restore",
        "Restore a database onto an existing instance",
        "[source to target at time] | help | status | list | history | cancel ID",
    ),
)
DEMO_SHORTCUTS = (
    Shortcut("message", "restore_here", "Restore a database here", "Ask for a restore in this thread"),
    Shortcut("global", "restore", "Restore a database", "Ask for a restore"),
)
DEMO_SCOPES = frozenset(
    {
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "groups:history",
        "groups:read",
        "im:history",
        "im:write",
        "usergroups:read",
        "users:read",
    }
)


@dataclass(frozen=True, slots=True)
class AppConfig:
    """One installed app. The defaults are the demo's."""

    bot_token: str = BOT_TOKEN
    app_token: str = APP_TOKEN
    signing_secret: str = SIGNING_SECRET
    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    name: str = "RDS Restore"
    commands: tuple[Command, ...] = DEMO_COMMANDS
    shortcuts: tuple[Shortcut, ...] = DEMO_SHORTCUTS
    scopes: frozenset[str] = DEMO_SCOPES
    app_id: str = "A0DEMO"
    bot_id: str = "B0DEMO"
