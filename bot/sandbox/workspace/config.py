"""The app that is installed in the local Slack: its tokens, what it offers and what it may do.

What stands here as defaults is the project's own manifest, so that the demo also runs where only the package is installed; a
test holds the two together. Any other manifest is read by `installed`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

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
DEMO_EVENTS = frozenset({"app_home_opened"})


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
    """What the bot token may do: the required and the optional ones."""
    events: frozenset[str] = DEMO_EVENTS
    """The events that the app hears of."""
    home_tab: bool = True
    messages_tab: bool = True
    """Whether people see the messages of the app to them."""
    messages_read_only: bool = True
    """Whether people cannot answer there."""
    app_id: str = "A0DEMO"
    bot_id: str = "B0DEMO"


def installed(manifest: Mapping[str, Any]) -> AppConfig:
    """The app that a manifest (schema v2) describes, installed with all its scopes and the demo's tokens.

    Raises ValueError, with the place in words, where the manifest lacks something or has a wrong shape.
    """
    try:
        features = manifest["features"]
        scopes = manifest["oauth_config"]["scopes"]
        events = manifest["settings"].get("event_subscriptions") or {}
        home = features.get("app_home") or {}
        return replace(
            AppConfig(),
            name=features["bot_user"]["display_name"],
            commands=tuple(
                Command(each["command"], each["description"], each.get("usage_hint", ""))
                for each in features.get("slash_commands") or ()
            ),
            shortcuts=tuple(
                Shortcut(each["type"], each["callback_id"], each["name"], each["description"])
                for each in features.get("shortcuts") or ()
            ),
            scopes=frozenset(scopes["bot"]) | frozenset(scopes.get("bot_optional") or ()),
            events=frozenset(events.get("bot_events") or ()),
            home_tab=bool(home.get("home_tab_enabled", False)),
            messages_tab=bool(home.get("messages_tab_enabled", False)),
            messages_read_only=bool(home.get("messages_tab_read_only_enabled", False)),
        )
    except KeyError as error:
        raise ValueError(f"the manifest has no {error}") from error
    except (TypeError, AttributeError) as error:
        raise ValueError("the manifest is not a mapping of the right shape") from error
