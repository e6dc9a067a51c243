"""SQL Server: which databases are restored under which names (source: recovery API, parameter `database_name`)."""

import re
from collections.abc import Mapping, Sequence

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


def rename_problems(
    renames: Mapping[str, str], on_source: Sequence[str] | None = None, on_target: Sequence[str] | None = None
) -> tuple[str, ...]:
    """What the API would refuse: wrong names, reserved words, the same name twice, a name that is taken.

    `on_source` and `on_target` are the databases there are; None where they are not known.
    """
    taken = {name.casefold() for name in (*(on_source or ()), *(on_target or ()))}
    problems: list[str] = []
    seen: set[str] = set()
    for old, new in renames.items():
        if on_source is not None and old not in on_source:
            problems.append(f"The source has no database {old}.")
        for name in new.split(",") if new else [old]:
            problem = _problem(name) if new else None
            if problem is not None:
                problems.append(problem)
            if name.casefold() in seen:
                problems.append(f"Two databases would be named {name}.")
            elif name != old and name.casefold() in taken:
                problems.append(f"There is a database {name} already.")
            seen.add(name.casefold())
    return tuple(problems)


def _problem(name: str) -> str | None:
    if not _NAME.fullmatch(name):
        return f"{name or 'An empty name'}: a database name has 1 to 64 letters, digits, _ or -."
    reserved = next((word for word in RESERVED if word in name.casefold()), None)
    return None if reserved is None else f"{name}: a database name must not contain {reserved}."


def _refused(message: str) -> Refused:
    return Refused("databases.invalid", message, field="databases")
