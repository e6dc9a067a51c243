"""The house keeps its shape."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "bot").rglob("*.py"))
LONGEST_MODULE = 400
DRAWERS = {"utils", "helpers", "common", "misc"}


def test_no_module_is_too_long():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_there_are_no_drawers():
    assert [path for path in MODULES if path.stem in DRAWERS or DRAWERS & set(path.parts)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_stand_at_the_top(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inner == []


def test_only_the_settings_read_the_environment():
    reading = re.compile(r"\bos\.(environ|getenv)\b")
    readers = {path.name for path in MODULES if reading.search(path.read_text(encoding="utf-8"))}
    # The demo hands its own environment on to the bot that it starts.
    assert readers <= {"settings.py", "demo.py"}
