"""What Slack's own tools read: the hooks of its command line, and the manifests that the program prints."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli.main import app
from bot.slack import ids, oauth
from bot.slack.step import StepInputs

ROOT = Path(__file__).parents[2]
RUNNER = CliRunner()


def printed(*arguments):
    result = RUNNER.invoke(app, ["manifest", "--file", str(ROOT / "manifest.yml"), *arguments])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_hooks_name_commands_that_there_are():
    hooks = json.loads((ROOT / ".slack" / "hooks.json").read_text(encoding="utf-8"))
    assert hooks["config"]["sdk-managed-connection-enabled"] is True
    for command in hooks["hooks"].values():
        program, name = command.split()
        assert program == ".venv/bin/rds-restore-bot"
        assert RUNNER.invoke(app, [name, "--help"]).exit_code == 0


def test_socket_mode_is_the_manifest_as_it_is():
    made = printed()
    assert made["settings"]["socket_mode_enabled"] is True
    assert "url" not in made["features"]["slash_commands"][0]


def test_http_mode_names_the_address_everywhere():
    made, url = printed("--http", "https://bot.example.org/"), "https://bot.example.org/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["features"]["slash_commands"][0]["url"] == url
    assert made["settings"]["interactivity"] == {
        "is_enabled": True, "request_url": url, "message_menu_options_url": url,
    }  # fmt: skip
    assert made["settings"]["event_subscriptions"]["request_url"] == url


def test_several_workspaces_come_back_to_us_and_tell_when_they_leave():
    made = printed("--several", "https://bot.example.org")
    assert made["oauth_config"]["redirect_urls"] == [f"https://bot.example.org{oauth.REDIRECT}"]
    assert made["settings"]["event_subscriptions"]["bot_events"] == ["app_home_opened", "app_uninstalled", "tokens_revoked"]
    assert made["settings"]["org_deploy_enabled"] is True


@pytest.mark.parametrize("option", ["--http", "--several"])
@pytest.mark.parametrize("address", ["http://bot.example.org", "bot.example.org"])
def test_an_address_that_slack_would_not_call_is_a_wrong_use(option, address):
    result = RUNNER.invoke(app, ["manifest", option, address])
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{option}: Slack calls https addresses only" in result.stderr


def test_the_step_is_the_one_that_is_listened_to():
    made = printed("--workflow-step")
    assert list(made["functions"]) == [ids.STEP]
    assert set(made["functions"][ids.STEP]["input_parameters"]) == set(StepInputs.model_fields)
    assert made["settings"]["function_runtime"] == "remote"
    assert made["settings"]["org_deploy_enabled"] is True
    assert "function_executed" in made["settings"]["event_subscriptions"]["bot_events"]


def test_oauth_asks_for_the_scopes_of_the_manifest():
    scopes = printed()["oauth_config"]["scopes"]
    assert sorted(oauth.SCOPES) == sorted(set(scopes["bot"]) - set(scopes["bot_optional"]))


@pytest.mark.parametrize("content", [None, ": : :", "\x00"])
def test_a_manifest_that_cannot_be_read_is_a_wrong_use(tmp_path, content):
    if content is not None:
        (tmp_path / "m.yml").write_text(content)
    assert RUNNER.invoke(app, ["manifest", "--file", str(tmp_path / "m.yml")]).exit_code == 2
