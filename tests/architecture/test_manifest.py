"""The manifest, the ids and the listeners name the same things."""

from pathlib import Path

import pytest
import yaml

from bot.sandbox.workspace.config import AppConfig, installed
from bot.slack import ids
from bot.slack.oauth import OPTIONAL_SCOPES, SCOPES

ROOT = Path(__file__).parents[2]


@pytest.fixture
def manifest():
    return yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))


def test_the_command_is_the_one_that_is_listened_to(manifest):
    assert [command["command"] for command in manifest["features"]["slash_commands"]] == [ids.COMMAND]


def test_the_shortcuts_are_those_that_are_listened_to(manifest):
    shortcuts = {(shortcut["type"], shortcut["callback_id"]) for shortcut in manifest["features"]["shortcuts"]}
    assert shortcuts == {("message", ids.SHORTCUT_HERE), ("global", ids.SHORTCUT)}


def test_no_more_scopes_than_are_needed(manifest):
    scopes = manifest["oauth_config"]["scopes"]
    needed = ("channels:read", "chat:write", "commands", "groups:read", "im:write", "usergroups:read", "users:read")
    assert needed == SCOPES
    assert scopes == {"bot": sorted([*SCOPES, *OPTIONAL_SCOPES]), "bot_optional": list(OPTIONAL_SCOPES)}


def test_the_events_are_those_that_are_listened_to(manifest):
    assert manifest["settings"]["event_subscriptions"] == {"bot_events": ["app_home_opened"]}


@pytest.mark.parametrize(
    ("path", "shortest", "longest"),
    [
        (("display_information", "name"), 1, 35),
        (("display_information", "description"), 1, 140),
        (("display_information", "long_description"), 175, 4000),
        (("features", "bot_user", "display_name"), 1, 80),
    ],
)
def test_texts_keep_to_the_limits_of_the_manifest_schema(manifest, path, shortest, longest):
    value = manifest
    for key in path:
        value = value[key]
    assert shortest <= len(value) <= longest


def test_shortcut_names_keep_to_the_limit(manifest):
    assert all(len(shortcut["name"]) <= 24 for shortcut in manifest["features"]["shortcuts"])
    assert all(len(shortcut["description"]) <= 150 for shortcut in manifest["features"]["shortcuts"])


def test_the_local_slack_installs_this_manifest(manifest):
    """Where the package is installed the file is not there, so the demo's app stands in code as well."""
    assert installed(manifest) == AppConfig()


@pytest.mark.parametrize("part", ["features", "oauth_config", "settings"])
def test_a_manifest_without_a_part_is_refused_with_its_name(manifest, part):
    del manifest[part]
    with pytest.raises(ValueError, match=part):
        installed(manifest)


def test_a_manifest_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="right shape"):
        installed({"features": {"bot_user": "x"}, "oauth_config": {"scopes": {"bot": []}}, "settings": {}})


def test_an_app_that_declares_little_is_given_little(manifest):
    features = {"bot_user": {"display_name": "Small"}}
    app = installed({"features": features, "oauth_config": {"scopes": {"bot": ["chat:write"]}}, "settings": {}})
    assert (app.name, app.commands, app.shortcuts, app.events) == ("Small", (), (), frozenset())
    assert app.scopes == {"chat:write"}
    assert (app.home_tab, app.messages_tab, app.messages_read_only) == (False, False, False)
