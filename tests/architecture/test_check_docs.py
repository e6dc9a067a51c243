"""docs/check.md names every check, and no other."""

import re
from pathlib import Path

from bot.cli.check import NAMES
from bot.cloud.inspection import ACTIONS
from bot.sandbox.rds.api import Api
from bot.sandbox.rds.state import CloudState

ROOT = Path(__file__).parents[2]


def test_every_check_is_documented_and_no_other():
    text = (ROOT / "docs" / "check.md").read_text(encoding="utf-8").partition("## Configuration")[2]
    rows = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    assert sorted(rows) == sorted(NAMES)


def test_the_checks_ask_for_the_actions_that_the_local_cloud_knows():
    api = Api(CloudState(), None, 0)
    assert {route.action for route in api._routes if route.action} == set(ACTIONS)
