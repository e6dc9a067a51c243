"""`manifest`: the app's manifest as JSON, for Slack's app pages and for the Slack CLI."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from bot import slack
from bot.cli.exits import exit_codes
from bot.domain.errors import Misconfigured
from bot.slack import ids

EVENTS = "/slack/events"
REDIRECT = "/slack/oauth_redirect"
SHIPPED = Path(slack.__path__[0]) / "manifest.yml"
"""The top folder's `manifest.yml`: a link to it in the sources, a copy in the installed package."""
REMOVAL = ("app_uninstalled", "tokens_revoked")


def manifest(
    http: Annotated[str, typer.Option(help="Public address (https://…) for HTTP mode; Socket Mode without it.")] = "",
    several: Annotated[str, typer.Option(help="Public address (https://…) where several workspaces install the app.")] = "",
    workflow_step: Annotated[bool, typer.Option(help="With the step for Workflow Builder.")] = False,
    file: Annotated[Path | None, typer.Option(help="The manifest to start from, instead of the program's own.")] = None,
) -> None:
    """Print the app's manifest as JSON."""
    with exit_codes():
        made = read(file or SHIPPED)
        if http:
            over_http(made, _encrypted("--http", http))
        if several:
            for_several(made, _encrypted("--several", several))
        if workflow_step:
            with_step(made)
        sys.stdout.write(json.dumps(made, indent=2, ensure_ascii=False) + "\n")


def _encrypted(option: str, address: str) -> str:
    """Without the slash at its end. Raises Misconfigured for what Slack would not call."""
    if not address.startswith("https://"):
        raise Misconfigured(
            "manifest", f"{option}: Slack calls https addresses only; give one such as https://bot.example.org."
        )
    return address.rstrip("/")


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


def with_step(made: dict[str, Any]) -> None:
    """The step "Restore a database (with approval)". Slack wants an app that can be installed for an organisation."""
    made["functions"] = {
        ids.STEP: {
            "title": "Restore a database (with approval)",
            "description": "Invites somebody to ask for a restore; ends when the database is back, fails otherwise.",
            "input_parameters": {
                "channel": _parameter("slack#/types/channel_id", "Channel", "Where the restore is asked for and approved"),
                "source": _parameter("string", "Source", "Name of the instance that the data comes from"),
                "target": _parameter("string", "Target", "Name of the instance that is overwritten", required=False),
                "restore_time": _parameter("string", "Time", "For example 10 minutes ago", required=False),
                "backup": _parameter("string", "Backup", "Name of a backup, instead of a time", required=False),
                "reason": _parameter("string", "Reason", "Why", required=False),
            },
            "output_parameters": {
                "request_id": _parameter("string", "Request", "For example R-7KQ2M"),
                "outcome": _parameter("string", "Outcome", "How it ended, in a sentence"),
            },
        }
    }
    for parameters in (made["functions"][ids.STEP]["input_parameters"], made["functions"][ids.STEP]["output_parameters"]):
        for name, parameter in parameters.items():
            parameter["name"] = name
    made["settings"] |= {"org_deploy_enabled": True, "function_runtime": "remote"}
    made["settings"]["event_subscriptions"]["bot_events"].append("function_executed")


def _parameter(kind: str, title: str, description: str, *, required: bool = True) -> dict[str, Any]:
    return {"type": kind, "title": title, "description": description, "is_required": required}
