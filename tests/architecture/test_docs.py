"""The documentation names every setting, command, state and error code, as they are in the code."""

import re
import tomllib
from dataclasses import replace

import pytest

from bot import configuration as file_keys
from bot import policy_settings, settings
from bot.domain.people import Person, Profile
from bot.domain.permission import may_approve, may_ask, may_break_glass, standing
from bot.domain.policy import Policy
from bot.domain.states import TRANSITIONS, State
from bot.ops.metrics import Metrics
from tests.architecture import command_pages, generate, settings_tables
from tests.architecture.fences import PAGES, ROOT, blocks
from tests.architecture.our_codes import codes
from tests.architecture.our_sentences import GAP, sentences

DOCS = ROOT / "docs"


@pytest.mark.parametrize("state", State)
def test_every_state_and_what_follows_it_is_documented(state):
    rows = (DOCS / "states.md").read_text(encoding="utf-8").splitlines()
    row = next(line for line in rows if line.startswith(f"| `{state}` |"))
    assert {other for other in State if f"`{other}`" in row.split("|")[3]} == TRANSITIONS[state]


def test_the_picture_of_the_states_has_every_state_and_every_step():
    picture = (DOCS / "images" / "states.svg").read_text(encoding="utf-8")
    assert set(re.findall(r'data-state="(\w+)"', picture)) == set(State)
    steps = {(before, after) for before, following in TRANSITIONS.items() for after in following}
    assert set(re.findall(r'data-from="(\w+)" data-to="(\w+)"', picture)) == steps


@pytest.mark.parametrize("made", generate.PAGES, ids=lambda made: made.PAGE.name)
def test_what_is_written_from_the_code_is_up_to_date(made):
    text = made.PAGE.read_text(encoding="utf-8")
    assert made.page(text) == text, "make docs-generate"


@pytest.mark.parametrize("model", settings_tables.MODELS.values(), ids=settings_tables.MODELS)
def test_every_setting_says_what_it_means(model):
    assert set(model.model_fields) <= set(settings_tables.meanings(model))


def test_no_part_of_the_configuration_is_left_out():
    listed = {*settings_tables.MODELS.values(), file_keys.Configuration}
    models = {
        model
        for module in (settings, file_keys, policy_settings)
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, policy_settings.Strict) and model.__module__ == module.__name__
    }
    # These hold what was read; nobody writes them.
    assert models - listed <= {policy_settings.Strict, settings.Credentials, settings.Settings}


def test_every_error_code_is_documented_with_its_kinds():
    text = (DOCS / "errors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_.0-9]+)` \| ([A-Za-z, ]+) \|", text, re.MULTILINE)
    assert {code: set(kinds.split(", ")) for code, kinds in rows} == codes()
    assert len(rows) == len(codes()), "a code stands there twice"


BOB = Profile("U0BOB", "T0", "Bob")
REFUSALS = [
    may_approve(Policy(approvers=("S0DBA",)), Person("", "T0", "U0ALICE"), Person("", "T0", "U0BOB"), BOB, {}),
    may_approve(Policy(approvers=("S0DBA",)), Person("", "T0", "U0BOB"), Person("", "T0", "U0BOB"), BOB, {}),
    may_ask(Policy(requesters=("U0ALICE",)), "C0INC", BOB, {}),
    may_break_glass(Policy(break_glass=("U0CTO",)), BOB, {}),
    standing(replace(BOB, guest=True)),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_what_a_person_reads_in_slack_leads_to_its_code(refusal):
    rows = [line for line in (DOCS / "errors.md").read_text(encoding="utf-8").splitlines() if refusal.why in line]
    assert [line.startswith(f"| `{refusal.code}` |") for line in rows] == [True]


def test_the_sentence_of_every_error_is_found_but_for_the_one_that_says_which_name_is_wrong_and_how():
    assert [code for code, said in sentences().items() if said == [GAP]] == ["databases.invalid"]


def test_every_toml_example_is_valid():
    checked = 0
    for block in [text for path in PAGES for language, text in blocks(path) if language == "toml"]:
        content = tomllib.loads(block)
        content.setdefault("projects", [{"name": "prod", "region": "eu-de"}])
        content.setdefault("policies", [{"approvers": ["S0DBA"]}])
        configuration = file_keys.Configuration.model_validate(content)
        assert [policy.policy() for policy in configuration.policies]
        checked += 1
    assert checked > 10


def test_the_example_file_is_valid():
    content = tomllib.loads((ROOT / "rds-restore.example.toml").read_text(encoding="utf-8"))
    file_keys.Configuration.model_validate(content)


def test_metrics_that_are_named_exist():
    exposed = Metrics("1").text().decode()
    for path in PAGES:
        named = set(re.findall(r"`(rds_restore_\w+)`", path.read_text(encoding="utf-8")))
        assert {name for name in named if f"# TYPE {name} " not in exposed} == set(), path


def test_actions_of_the_log_that_are_named_exist():
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "bot").rglob("*.py")))
    used = set(re.findall(r'action="(\w+)"', source))
    named = {
        name
        for path in sorted(DOCS.rglob("*.md"))
        for name in re.findall(r"`action=(\w+)`", path.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= used


def test_every_command_has_its_section():
    text = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert re.findall(r"^### `([a-z ]+)`", text, re.MULTILINE) == list(command_pages.commands())
