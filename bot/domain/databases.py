"""SQL Server: which databases are restored under which names (source: recovery API, parameter `database_name`)."""

import re
from collections.abc import Mapping

from bot.domain.errors import Refused

RESERVED = ("rdsadmin", "master", "msdb", "tempdb", "model", "resource")
"""No new name may contain one of these, whatever the case."""
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def read_renames(text: str) -> dict[str, str] | None:
    """Lines `name = new1, new2` become the mapping that the API takes; `name` alone keeps its name.

    None for an empty text: all databases. Raises Refused with field `databases`.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return None
    renames: dict[str, str] = {}
    for line in lines:
        old, _, new = (part.strip() for part in line.partition("="))
        if not old:
            raise _refused(f"This line names no database: {line}")
        if old in renames:
            raise _refused(f"{old} is named twice.")
        renames[old] = ",".join(part.strip() for part in new.split(",")) if new else ""
    problems = rename_problems(renames)
    if problems:
        raise _refused(problems[0])
    return renames


def rename_problems(renames: Mapping[str, str]) -> tuple[str, ...]:
    """What the API would refuse: wrong names, reserved words, the same name twice."""
    problems: list[str] = []
    seen: set[str] = set()
    for old, new in renames.items():
        for name in new.split(",") if new else [old]:
            problem = _problem(name, is_new=name != old)
            if problem:
                problems.append(problem)
            if name.casefold() in seen:
                problems.append(f"Two databases would be named {name}.")
            seen.add(name.casefold())
    return tuple(problems)


def _problem(name: str, *, is_new: bool) -> str | None:
    if not _NAME.fullmatch(name):
        return f"{name or 'An empty name'}: a database name has 1 to 64 letters, digits, _ or -."
    reserved = next((word for word in RESERVED if word in name.casefold()), None)
    if is_new and reserved is not None:
        return f"{name}: a database name must not contain {reserved}."
    return None


def _refused(message: str) -> Refused:
    return Refused("databases.invalid", message, field="databases")
