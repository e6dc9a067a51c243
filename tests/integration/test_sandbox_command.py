"""`sandbox slack`: the local Slack alone, with this bot's app or with another."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest
import yaml
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from typer.testing import CliRunner

from bot.cli.main import app
from bot.sandbox.scenario import BOT_TOKEN

STARTED_WITHIN = 60
MANIFEST = Path(__file__).parents[2] / "manifest.yml"


@pytest.fixture
async def other_app(tmp_path):
    """A manifest that asks for less."""
    manifest = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    manifest["oauth_config"]["scopes"] = {"bot": ["chat:write"]}
    manifest["features"]["bot_user"]["display_name"] = "Other"
    file = tmp_path / "other.yml"
    file.write_text(yaml.safe_dump(manifest), encoding="utf-8")
    return file


async def test_another_app_is_installed_by_its_manifest(other_app):
    arguments = ["-m", "bot", "sandbox", "slack", "--port", "0", "--manifest", str(other_app)]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(STARTED_WITHIN):
        said = {}
        while "SLACK_APP_TOKEN" not in said:
            name, _, value = (await process.stdout.readline()).decode().strip().partition("=")
            said[name] = value
        client = AsyncWebClient(token=BOT_TOKEN, base_url=said["SLACK_API_URL"])
        assert (await client.auth_test())["ok"]
        with pytest.raises(SlackApiError, match="missing_scope"):
            await client.users_info(user="U0BOB")
        process.send_signal(signal.SIGTERM)
        await process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize("content", ["[]", "features: 1", "features: {bot_user: {display_name: x}}"])
def test_a_manifest_that_is_none_is_a_wrong_use(tmp_path, content):
    file = tmp_path / "manifest.yml"
    file.write_text(content, encoding="utf-8")
    result = CliRunner().invoke(app, ["sandbox", "slack", "--port", "0", "--manifest", str(file)])
    assert result.exit_code == 2
    assert "--manifest" in result.stderr
