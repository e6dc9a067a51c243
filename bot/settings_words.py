"""Says which key of the environment or the TOML file is wrong, and how it is written, in words instead of pydantic's."""

import json
from collections.abc import Mapping, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.domain.errors import Misconfigured

ONE_OF = {"projects": "project", "policies": "policy", "groups": "group"}
"""What one item of a list is called."""
SAID = {
    "missing": "is missing",
    "extra_forbidden": "is not a setting",
    "too_short": "list at least one",
    "string_too_short": "is empty",
    "string_type": 'write a text in quotes, such as "orders-prod"',
}
"""For people who have never heard of the types that pydantic names."""


def wrong(where: str, error: ValidationError, *, upper: bool = False) -> Misconfigured:
    """All that is wrong, each thing with its key. `where`: what was read; `upper`: keys are variables.

    Texts are repeated only where a list was expected, which no secret is.
    """
    lines = []
    found = error.errors(include_url=False)
    places = [each["loc"] for each in found]
    for each in found:
        loc = each["loc"]
        if any(len(place) > len(loc) and place[: len(loc)] == loc for place in places):
            # pydantic counts only the good items of a list: where one is wrong, "too few" is not true.
            continue
        key = _key(loc)
        said = _said(each)
        lines.append(f"{key.upper() if upper else key}: {said}" if key else said)
    return Misconfigured("settings", f"{where}: " + "; ".join(lines) + ".")


def _said(each: ErrorDetails) -> str:
    if each["type"] == "tuple_type":
        return f"is a list: write {_as_list(each['loc'], each['input'])}"
    return SAID.get(each["type"], each["msg"]).removeprefix("Value error, ")


def _as_list(loc: Sequence[int | str], given: object) -> str:
    if isinstance(given, str):
        return json.dumps([given], ensure_ascii=False)
    if isinstance(given, Mapping):
        return f"[[{'.'.join(part for part in loc if isinstance(part, str))}]], with two brackets on each side"
    return 'the values in brackets, such as ["orders-*"]'


def _key(loc: Sequence[int | str]) -> str:
    """`("policies", 0, "approvers")` is "policy 1, approvers": counted as everywhere else."""
    words: list[str] = []
    for part in loc:
        if isinstance(part, int) and words:
            words[-1] = f"{ONE_OF.get(words[-1], words[-1])} {part + 1}"
        else:
            words.append(str(part))
    return ", ".join(words)
