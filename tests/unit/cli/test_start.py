"""What the command line imports before it knows what is wanted, and that its list says what the commands say."""

import json
import subprocess
import sys

import pytest

from bot import __version__
from bot.cli.lazy import imported
from bot.cli.main import COMMANDS
from bot.store import migrate

HEAVY = {
    "slack_bolt",
    "slack_sdk",
    "sqlalchemy",
    "alembic",
    "httpx",
    "aiohttp",
    "huaweicloudsdkcore",
    "pydantic",
    "dateparser",
}
LOOK = """
import json, sys
from bot.cli.main import app
try:
    app(sys.argv[1:])
finally:
    print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def modules_after(*arguments):
    done = subprocess.run([sys.executable, "-c", LOOK, *arguments], capture_output=True, text=True, check=True)
    return done.stdout, set(json.loads(done.stderr))


def test_help_imports_no_vendor_and_no_settings():
    said, modules = modules_after("--help")
    assert all(name in said for name in COMMANDS)
    assert HEAVY & modules == set()
    assert "bot.settings" not in modules


def test_the_version_names_the_program_and_its_tables():
    said, modules = modules_after("--version")
    assert said == f"rds-restore-bot {__version__} (database revision {migrate.newest()})\n"
    assert {"slack_bolt", "huaweicloudsdkcore", "bot.settings", "bot.cli.serve"} & modules == set()


def test_a_command_is_imported_when_it_is_asked_for():
    _, modules = modules_after("manifest", "--help")
    assert "bot.cli.manifest" in modules
    assert "bot.cli.serve" not in modules


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_what_the_command_says(name):
    assert imported(name, COMMANDS[name]).help == COMMANDS[name].help
