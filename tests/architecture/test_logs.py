"""Every `action` in the code is in docs/logs.md with its level, and the page names no other."""

import ast
import re
from pathlib import Path

from bot.domain.events import Kind
from bot.ops.journal import ENTRIES, LOUD

ROOT = Path(__file__).parents[2]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def calls():
    """The calls of loggers in the program."""
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
                value = node.func.value
                if isinstance(value, ast.Name) and value.id in ("log", "logger"):
                    yield path, node


def actions():
    found = {}
    for _, call in calls():
        for keyword in call.keywords:
            if keyword.arg == "action" and isinstance(keyword.value, ast.Constant):
                level = call.func.attr
                found[keyword.value.value] = "error" if level == "exception" else level
    tree = ast.parse((ROOT / "bot" / "ops" / "journal.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_moved":
            named = [each.value for each in node.keywords if each.arg == "action"]
            found |= {each.value: "info" for each in named if isinstance(each, ast.Constant)}
    return found | {entry["action"]: "warning" if kind in LOUD else "info" for kind, entry in ENTRIES.items()}


def documented():
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| .+ \|$", (ROOT / "docs" / "logs.md").read_text(encoding="utf-8"), re.M)
    assert len(dict(rows)) == len(rows)
    return dict(rows)


def test_every_action_is_documented_with_its_level():
    assert documented() == actions()


def test_every_line_of_ours_has_an_action():
    bare = [
        f"{path.name}:{call.lineno}"
        for path, call in calls()
        if not any(keyword.arg in ("action", None) for keyword in call.keywords)
    ]
    assert bare == []


def test_every_entry_of_the_audit_log_has_its_line():
    elsewhere = {Kind.REQUESTED, Kind.STATE, Kind.UNDELIVERABLE}
    assert set(ENTRIES) == set(Kind) - elsewhere


def test_every_field_is_documented():
    fields = re.findall(r"`(\w+)`", (ROOT / "docs" / "logs.md").read_text(encoding="utf-8").partition("## Actions")[0])
    used = {keyword.arg for _, call in calls() for keyword in call.keywords if keyword.arg} - {"exc_info"}
    assert used - set(fields) == set()
