"""Collects from the source every code of an error that this program raises, with its kind."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

BOT = Path(__file__).parents[2] / "bot"
KINDS = ("Refused", "Conflict", "Unavailable", "Misconfigured", "Undeliverable", "SlackBusy")
NO = "Verdict"
"""A permission that is refused; whoever asked raises it as Refused."""
ENDINGS = ("finish", "_fail")
"""Functions that end a request; the code of a failure is one of their texts."""
_CODE = re.compile(r"[a-z]+(_[a-z]+)+")


def codes() -> dict[str, set[str]]:
    """Kinds by code. Raises AssertionError for an error whose code this module cannot find out."""
    trees = [ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in sorted(BOT.rglob("*.py")) if is_ours(path)]
    constants = {name: value for tree in trees for name, value in _constants(tree)}
    meanings = {name: code for tree in trees for name, _, code in _meanings(tree)}
    found: dict[str, set[str]] = {}
    for tree in trees:
        for _, kind, code in _meanings(tree):
            found.setdefault(code, set()).add(kind)
        for kind, code in _raised(tree, constants, meanings):
            found.setdefault(code, set()).add(kind)
    return found


def is_ours(path: Path) -> bool:
    return path.relative_to(BOT).parts[0] != "sandbox"


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield from ((target.id, node.value.value) for target in node.targets if isinstance(target, ast.Name))


def _meanings(tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and name_of(node.value) == "Meaning":
            kind, code = node.value.args[:2]
            assert isinstance(node.targets[0], ast.Name)
            assert isinstance(kind, ast.Name)
            assert isinstance(code, ast.Constant)
            yield node.targets[0].id, kind.id, str(code.value)


def _raised(tree: ast.Module, constants: dict[str, str], meanings: dict[str, str]) -> Iterator[tuple[str, str]]:
    for kind, code in _calls(tree):
        if isinstance(code, ast.Constant):
            yield kind, str(code.value)
        elif isinstance(code, ast.Name) and code.id in constants:
            yield kind, constants[code.id]
        elif isinstance(code, ast.Attribute) and isinstance(code.value, ast.Name) and code.value.id in meanings:
            yield kind, meanings[code.value.id]
        elif isinstance(code, ast.Name):
            yield from ((kind, each) for each in _handed_on(tree, code))
        else:
            # An error that is passed on carries the code it came with.
            assert isinstance(code, ast.Attribute), ast.dump(code)
            assert code.attr == "code", ast.dump(code)


def _calls(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = name_of(node)
        if name in KINDS and node.args:
            yield name, node.args[0]
        if name == NO and len(node.args) > 1:
            yield "Refused", node.args[1]
        if name in ENDINGS:
            yield from (("ending", each) for each in node.args if is_code(each))


def is_code(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_CODE.fullmatch(node.value))


def _handed_on(tree: ast.Module, code: ast.Name) -> list[str]:
    """Codes that are given to a function of the same module, which raises. Slack's own codes, which `code_of` finds in an
    answer, are none of ours."""
    if any(_is_slacks(node, code.id) for node in ast.walk(tree)):
        return []
    raisers = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and code.id in [each.arg for each in node.args.args[:1]]
    ]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and name_of(node) in raisers]
    found = [str(call.args[0].value) for call in calls if isinstance(call.args[0], ast.Constant)]
    assert found, f"where does the code {code.id} come from?"
    return found


def _is_slacks(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and name_of(node.value) == "code_of"
        and [each.id for each in node.targets if isinstance(each, ast.Name)] == [name]
    )


def name_of(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""
