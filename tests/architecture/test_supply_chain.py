"""What is installed is locked, has an allowed licence, and carries one version everywhere."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot import __version__
from tests.architecture import licence_table
from tests.architecture.licence_table import PINNED, may_be_used

ROOT = Path(__file__).parents[2]


def test_the_locks_hold_all_that_is_asked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = {
        "run.lock": [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["otel"]],
        "dev.lock": [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["dev"]],
        "build.lock": project["build-system"]["requires"],
        "release.lock": (ROOT / "requirements" / "release.in").read_text(encoding="utf-8").split(),
    }
    for lock, requirements in asked.items():
        assert unsatisfied(lock, requirements) == [], f"{lock}: run make lock"


def unsatisfied(lock, requirements):
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    versions: dict[str, list[str]] = {}
    for name, version, _ in PINNED.findall(text):
        versions.setdefault(canonicalize_name(name), []).append(version)
    wanted = [Requirement(each) for each in requirements]
    return [
        str(each)
        for each in wanted
        if not any(each.specifier.contains(version) for version in versions.get(canonicalize_name(each.name), []))
    ]


def test_run_and_development_use_the_same_versions():
    run, dev = (
        {n: v for n, v, _ in PINNED.findall((ROOT / "requirements" / f).read_text(encoding="utf-8"))}
        for f in ("run.lock", "dev.lock")
    )
    assert {name: version for name, version in run.items() if dev.get(name) != version} == {}


@pytest.mark.parametrize("lock", ["run.lock", "dev.lock", "build.lock", "release.lock"])
def test_everything_locked_has_a_hash_and_comes_from_the_index(lock):
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=\S)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE)
    entries = [entry for entry in entries if entry.strip()]
    assert entries
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry or not PINNED.match(entry)] == []


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("MIT OR AFL-2.1", True),
        ("MIT AND GPL-3.0-only", False),
        ("UNKNOWN", False),
        ("MIT License; GNU General Public License v3 (GPLv3)", False),
    ],
)
def test_all_that_holds_must_be_allowed(licence, allowed):
    assert may_be_used(licence) is allowed


@pytest.fixture(scope="module")
def licences():
    return licence_table.licences()


def test_every_licence_is_known_and_allowed(licences):
    assert {row["Name"]: row["License"] for row in licences if not may_be_used(row["License"])} == {}


def test_every_locked_package_has_its_licence_in_the_page(licences):
    text = licence_table.PAGE.read_text(encoding="utf-8")
    locked = {canonicalize_name(name) for name in licence_table.pinned("run.lock")}
    assert {canonicalize_name(row["Name"]) for row in licences} == locked
    assert [row["Name"] for row in licences if f"| [{row['Name']}](" not in text] == []


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\]", changes, re.MULTILINE)
    assert newest is not None
    assert project["version"] == __version__ == newest[1]


def test_the_hooks_before_a_commit_run_what_there_is():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (local,) = hooks["repos"]
    assert local["repo"] == "local"
    lint = (ROOT / "Makefile").read_text(encoding="utf-8")
    for hook in local["hooks"]:
        assert hook["language"] == "system"
        program = hook["entry"].split()[0]
        assert program.replace(".venv/bin", "$(BIN)") in lint
