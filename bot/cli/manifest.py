"""`manifest`: the app's manifest as JSON, for Slack's app pages and for the Slack CLI."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from bot.cli.exits import exit_codes
from bot.domain.errors import Misconfigured

EVENTS = "/slack/events"
REDIRECT = "/slack/oauth_redirect"
REMOVAL = ("app_uninstalled", "tokens_revoked")


def manifest(
    http: Annotated[str, typer.Option(help="Public address (https://…) for HTTP mode; Socket Mode without it.")] = "",
    several: Annotated[str, typer.Option(help="Public address (https://…) where several workspaces install the app.")] = "",
    file: Annotated[Path, typer.Option(help="The manifest to start from.")] = Path("manifest.yml"),
) -> None:
    """Print the app's manifest as JSON."""
    with exit_codes():
        made = read(file)
        if http:
            over_http(made, http.rstrip("/"))
        if several:
            for_several(made, several.rstrip("/"))
        sys.stdout.write(json.dumps(made, indent=2, ensure_ascii=False) + "\n")


def read(file: Path) -> dict[str, Any]:
    """The manifest for Socket Mode and one workspace. Raises Misconfigured."""
    try:
        made: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Misconfigured("manifest", f"--file: the manifest {file} cannot be read.") from error
    return made


def over_http(made: dict[str, Any], address: str) -> None:
    """Slack calls the bot, instead of the bot Slack."""
    url = address + EVENTS
    made["settings"]["socket_mode_enabled"] = False
    made["settings"]["event_subscriptions"]["request_url"] = url
    made["settings"]["interactivity"] |= {"request_url": url, "message_menu_options_url": url}
    for command in made["features"]["slash_commands"]:
        command["url"] = url


def for_several(made: dict[str, Any], address: str) -> None:
    """Other workspaces and whole organisations can install the app, and the bot hears when they remove it."""
    made["oauth_config"]["redirect_urls"] = [address + REDIRECT]
    made["settings"]["event_subscriptions"]["bot_events"] += REMOVAL
    made["settings"] |= {"org_deploy_enabled": True, "token_rotation_enabled": True}
