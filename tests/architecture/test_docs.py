"""The documentation names every state and setting."""

import tomllib
from pathlib import Path

import pytest

from bot import policy_settings, settings
from bot.domain.states import TRANSITIONS, State
from tests.architecture import error_table

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("state", State)
def test_every_state_and_what_follows_it_is_documented(state):
    rows = (DOCS / "states.md").read_text(encoding="utf-8").splitlines()
    row = next(line for line in rows if line.startswith(f"| `{state}` |"))
    assert {other for other in State if f"`{other}`" in row.split("|")[3]} == TRANSITIONS[state]


MODELS = (
    settings.ProjectSettings,
    settings.WorkerSettings,
    settings.SlackSettings,
    policy_settings.PolicySettings,
    policy_settings.GroupSettings,
    policy_settings.FreezeSettings,
)


@pytest.mark.parametrize("model", MODELS)
def test_every_key_is_documented(model):
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    names = [field.alias or name for name, field in model.model_fields.items()]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_variable_is_documented():
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    names = [name.upper() for name in settings.Environment.model_fields]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_example_of_a_policy_is_one():
    blocks = (DOCS / "policies.md").read_text(encoding="utf-8").split("```toml\n")[1:]
    assert len(blocks) > 5
    for block in blocks:
        for policy in tomllib.loads(block.partition("```")[0])["policies"]:
            policy_settings.PolicySettings(**policy).policy()


def test_the_table_of_error_codes_is_up_to_date():
    text = error_table.PAGE.read_text(encoding="utf-8")
    assert error_table.page(text) == text
