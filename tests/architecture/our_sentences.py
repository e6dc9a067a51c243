"""Collects from the source the sentences with which this program raises its errors, by code.

What is put into a sentence only when it is said stands as "…".
"""

import ast
import re
from collections.abc import Iterator

from tests.architecture.our_codes import BOT, ENDINGS, KINDS, NO, is_code, is_ours, name_of

Functions = dict[str, ast.FunctionDef]
GAP = "…"
_GAPS = re.compile(r"…(?:\s*…)+")


def sentences() -> dict[str, list[str]]:
    """In the order of the source, each once. A sentence that depends on more than the place of the error is a mere "…"."""
    trees = [ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in sorted(BOT.rglob("*.py")) if is_ours(path)]
    functions = {node.name: node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    found: dict[str, list[str]] = {}
    for tree in trees:
        for code, said in _said(tree):
            sentence = _GAPS.sub("…", _text(tree, functions, said))
            if sentence not in found.setdefault(code, []):
                found[code].append(sentence)
    return {code: sorted(said, key=GAP.__eq__) for code, said in found.items()}


def _said(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Code and sentence of each error that is made here, and of each ending."""
    for call in _calls(tree):
        name = name_of(call)
        if name in ENDINGS:
            places = [place for place, each in enumerate(call.args) if is_code(each)]
            pairs = [(call.args[place], call.args[place - 1]) for place in places]
        else:
            first = {NO: 1}.get(name, 0) if name in (*KINDS, NO) else None
            pairs = [] if first is None or len(call.args) < first + 2 else [(call.args[first], call.args[first + 1])]
        for code, said in pairs:
            if isinstance(code, ast.Constant):
                yield str(code.value), said
            elif isinstance(code, ast.Name):
                yield from _handed_on(tree, code)


def _handed_on(tree: ast.Module, code: ast.Name) -> Iterator[tuple[str, ast.expr]]:
    """What is given to a function of the same module that raises with it."""
    raisers = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and [each.arg for each in node.args.args[:2]] == [code.id, "message"]
    ]
    for call in _calls(tree):
        if name_of(call) in raisers and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value), call.args[1]


def _text(tree: ast.Module, functions: Functions, said: ast.expr) -> str:
    if isinstance(said, ast.Constant):
        return str(said.value)
    if isinstance(said, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else GAP for part in said.values)
    if isinstance(said, ast.Name):
        return _last_text(tree, functions, _assigned(tree, said))
    name = name_of(said) if isinstance(said, ast.Call) else said.attr if isinstance(said, ast.Attribute) else ""
    returned = (
        [node.value for node in ast.walk(functions[name]) if isinstance(node, ast.Return)] if name in functions else []
    )
    return _last_text(tree, functions, [each for each in returned if isinstance(each, ast.Constant | ast.JoinedStr)])


def _last_text(tree: ast.Module, functions: Functions, found: list[ast.expr]) -> str:
    return _text(tree, functions, found[-1]) if found else GAP


def _assigned(tree: ast.Module, name: ast.Name) -> list[ast.expr]:
    """Texts that were given to this name before, in the order of the source."""
    assignments = [node for node in ast.walk(tree) if isinstance(node, ast.Assign) and node.lineno < name.lineno]
    return [
        each.value
        for each in sorted(assignments, key=lambda assignment: assignment.lineno)
        if isinstance(each.value, ast.Constant | ast.JoinedStr)
        and name.id in [target.id for target in each.targets if isinstance(target, ast.Name)]
    ]


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    """In the order of the source."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    yield from sorted(found, key=lambda call: (call.lineno, call.col_offset))
