"""Restoring single SQL Server databases under new names. Source: recovery API v3.1, `database_name`."""

import re
from collections.abc import Iterable, Mapping

from bot.sandbox.rds.errors import refusal

RESERVED = ("rdsadmin", "master", "msdb", "tempdb", "model", "resource")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def check_database_names(asked: Mapping[str, str], source: Iterable[str], target: Iterable[str], quota: int) -> None:
    """Check old and new names against the databases that can be restored and those that the target has. Raises ApiError."""
    restorable, present = set(source), {name.lower() for name in target}
    taken = present | {name.lower() for name in restorable}
    chosen: set[str] = set()
    for old, new_names in asked.items():
        if old not in restorable:
            raise refusal("DBS.280128", f"{old!r} is not among the databases of the source.")
        for new in _names(old, new_names):
            if new.lower() in chosen:
                raise refusal("DBS.201035", f"{new!r} is asked for twice.")
            if new != old and new.lower() in taken:
                raise refusal("DBS.201035", f"{new!r} exists.")
            chosen.add(new.lower())
    if len(present | chosen) > quota:
        raise refusal("DBS.280204", f"The DB instance cannot hold more than {quota} databases.")


def _names(old: str, new_names: str) -> list[str]:
    """The new names of one database; nothing means that it keeps its own."""
    if not new_names:
        return [old]
    names = new_names.split(",")
    for name in names:
        if not _NAME.fullmatch(name):
            raise refusal("DBS.280001", f"{name!r} is not a database name.")
        if any(word in name.lower() for word in RESERVED):
            raise refusal("DBS.280001", f"{name!r} holds a reserved word.")
    return names
