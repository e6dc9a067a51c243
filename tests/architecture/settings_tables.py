"""Writes the tables of docs/configuration.md from the settings: each key with its type, default and meaning.

The meaning is the text under the field in the source.
"""

import ast
import inspect
import json
import types
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import AwareDatetime, BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bot import configuration, policy_settings, settings
from bot.cli.policy_table import span

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"
MODELS: dict[str, type[BaseModel]] = {
    "environment": settings.Environment,
    "projects": configuration.ProjectSettings,
    "policies": policy_settings.PolicySettings,
    "groups": policy_settings.GroupSettings,
    "freeze": policy_settings.FreezeSettings,
    "worker": configuration.WorkerSettings,
    "slack": configuration.SlackSettings,
}
"""Section of the page and what is listed there."""
WORDS = {
    str: "text",
    Path: "path",
    SecretStr: "secret",
    bool: "`true` or `false`",
    timedelta: "duration",
    time: "time of day (`HH:MM`)",
    AwareDatetime: "date and time with offset",
    policy_settings.Who: "ids",
    policy_settings.WhoOrEverybody: "ids or `*`",
    policy_settings.Channel: "ids or shell patterns",
}


def table(model: type[BaseModel]) -> str:
    """One row for each key."""
    said = meanings(model)
    is_environment = model is settings.Environment
    rows = ["| key | type | default | meaning |", "| --- | --- | --- | --- |"]
    for name, field in model.model_fields.items():
        key = name.upper() if is_environment else field.alias or name
        rows.append(f"| `{key}` | {kind(field)} | {default(field)} | {said[name]} |")
    return "\n".join(rows)


def meanings(model: type[BaseModel]) -> dict[str, str]:
    """The text under each field, in one line. Raises KeyError later for a field that has none."""
    body = ast.parse(inspect.getsource(model)).body[0]
    assert isinstance(body, ast.ClassDef)
    found: dict[str, str] = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            found[field.target.id] = " ".join(str(ast.literal_eval(below.value)).split())
    return found


def kind(field: FieldInfo) -> str:
    """The type in words, with the limits that hold for it."""
    said = _type(field.annotation)
    if said == "whole number":
        low = next((limit.ge for limit in field.metadata if isinstance(limit, Ge)), None)
        high = next((limit.le for limit in field.metadata if isinstance(limit, Le)), None)
        said += f", {low} to {high}" if high is not None else f", at least {low}" if low is not None else ""
    if said == "text":
        longest = next((limit.max_length for limit in field.metadata if isinstance(limit, MaxLen)), None)
        said += f", at most {longest} characters" if longest else ""
    if said.startswith("list") and any(isinstance(limit, MinLen) for limit in field.metadata):
        said += ", not empty"
    return said


def default(field: FieldInfo) -> str:
    """The default as it would be written."""
    if field.is_required():
        return "needed"
    value = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or value in ((), ""):
        return ""
    if isinstance(value, timedelta):
        return f"`{span(value)}`"
    if isinstance(value, time):
        return f"`{value:%H:%M}`"
    if isinstance(value, tuple):
        return f"`{json.dumps(value)}`" if all(isinstance(each, str) for each in value) else ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _type(annotation: Any) -> str:
    if annotation is int:
        return "whole number"
    if annotation in WORDS:
        return WORDS[annotation]
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{choice}`" for choice in get_args(annotation))
    if get_origin(annotation) is tuple:
        return f"list of {_plural(get_args(annotation)[0])}"
    if get_origin(annotation) in (Union, types.UnionType):
        return _type(next(choice for choice in get_args(annotation) if choice is not type(None)))
    raise AssertionError(f"no words for {annotation}")


def _plural(annotation: Any) -> str:
    if annotation is str:
        return "texts"
    return "tables" if inspect.isclass(annotation) and issubclass(annotation, BaseModel) else _type(annotation)


def page(text: str) -> str:
    """The page with today's tables."""
    for section, model in MODELS.items():
        begin, end = f"<!-- {section} begin -->", f"<!-- {section} end -->"
        before, rest = text.split(begin)
        _, after = rest.split(end)
        text = f"{before}{begin}\n\n{table(model)}\n\n{end}{after}"
    return text
