"""The body of the recovery call. Source: "Restoring Data to an Existing DB Instance", v3 and v3.1."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.rds.errors import refusal

_INSTANCE_ID = re.compile(r"[0-9a-f]{32}in(01|03|04)")
_SOURCE = {"instance_id", "type", "backup_id", "restore_time", "database_name"}
_LONGEST_BACKUP_ID = 64


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is asked for: either a backup or a moment (`restore_time`, milliseconds since 1970 UTC)."""

    source_id: str
    target_id: str
    backup_id: str | None
    restore_time: int | None
    databases: Mapping[str, str] | None
    """Old names and what they become; SQL Server only."""
    all_databases: bool


def recovery_of(body: Mapping[str, Any], version: str) -> Recovery:
    """Read the body for version `v3` or `v3.1`; null counts as absent. Raises ApiError."""
    allowed = _SOURCE | ({"restore_all_database"} if version == "v3.1" else set())
    whole = _only(body, {"source", "target"}, "")
    source = _only(_object(whole, "source"), allowed, "source.")
    target = _only(_object(whole, "target"), {"instance_id"}, "target.")
    backup_id, restore_time = _point(source)
    return Recovery(
        _instance_id(source, "source"),
        _instance_id(target, "target"),
        backup_id,
        restore_time,
        _databases(source),
        _flag(source, "restore_all_database"),
    )


def _point(source: Mapping[str, Any]) -> tuple[str | None, int | None]:
    kind = source.get("type", "backup")
    if kind not in ("backup", "timestamp"):
        raise refusal("DBS.280001", "source.type must be backup or timestamp.")
    backup_id, restore_time = source.get("backup_id"), source.get("restore_time")
    if kind == "backup":
        if restore_time is not None:
            raise refusal("DBS.280001", "source.restore_time needs source.type timestamp.")
        if not isinstance(backup_id, str) or not 0 < len(backup_id) <= _LONGEST_BACKUP_ID:
            raise refusal("DBS.280001", "source.backup_id is missing or not an id.")
        return backup_id, None
    if backup_id is not None:
        raise refusal("DBS.280001", "source.backup_id needs source.type backup.")
    if not isinstance(restore_time, int) or isinstance(restore_time, bool):
        raise refusal("DBS.280001", "source.restore_time must be a number of milliseconds.")
    return None, restore_time


def _databases(source: Mapping[str, Any]) -> Mapping[str, str] | None:
    names = source.get("database_name")
    if names is None:
        return None
    if not isinstance(names, dict) or not names or not all(isinstance(new, str) for new in names.values()):
        raise refusal("DBS.280001", "source.database_name must name databases and what they become.")
    return names


def _flag(source: Mapping[str, Any], name: str) -> bool:
    value = source.get(name, False)
    if not isinstance(value, bool):
        raise refusal("DBS.280001", f"source.{name} must be true or false.")
    return value


def _instance_id(part: Mapping[str, Any], name: str) -> str:
    value = part.get("instance_id")
    if not isinstance(value, str) or not value:
        raise refusal("DBS.280001", f"{name}.instance_id is missing.")
    if not _INSTANCE_ID.fullmatch(value):
        raise refusal("DBS.280404", f"{name}.instance_id")
    return value


def _object(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise refusal("DBS.280001", f"{name} is missing.")
    return value


def _only(part: Mapping[str, Any], allowed: set[str], where: str) -> dict[str, Any]:
    for name in part:
        if name not in allowed:
            raise refusal("DBS.280001", f"{where}{name} is not a parameter of this version.")
    return {name: value for name, value in part.items() if value is not None}
