"""Preflight rules about what is restored: the backup, the moment, the databases."""

from datetime import datetime

from bot.domain.databases import rename_problems
from bot.domain.facts import BackupPoint, Engine, Facts, TimePoint
from bot.domain.findings import Finding, Severity
from bot.domain.request import Wish

PARTIAL_BACKUPS = frozenset({"incremental", "fragment"})


def backup_usable(wish: Wish, facts: Facts) -> Finding | None:
    """Recovery API, `backup_id`, and the error codes for backups: it exists, is COMPLETED, belongs to the source and is a
    full one (incremental and fragment backups only serve points in time)."""
    if not isinstance(wish.point, BackupPoint):
        return None
    backup = facts.backup
    if backup is None:
        return _found(Severity.BLOCKER, "backup_usable", f"{facts.source.name} has no backup {wish.point.name}.", "backup")
    if backup.instance_id != facts.source.id:
        return _found(Severity.BLOCKER, "backup_usable", f"{backup.name} is not a backup of {facts.source.name}.", "backup")
    if backup.type in PARTIAL_BACKUPS:
        return _found(Severity.BLOCKER, "backup_usable", f"{backup.name} is {backup.type}, not a full backup.", "backup")
    if backup.status != "COMPLETED":
        return _found(
            Severity.BLOCKER, "backup_usable", f"{backup.name} is {backup.status}; it must be COMPLETED.", "backup"
        )
    return _found(Severity.OK, "backup_usable", f"{backup.name} is a complete backup of {facts.source.name}.", "backup")


def not_in_the_future(wish: Wish, now: datetime) -> Finding | None:
    """Recovery API, `restore_time`: a moment that has passed."""
    if not isinstance(wish.point, TimePoint) or wish.point.at <= now:
        return None
    return _found(
        Severity.BLOCKER, "not_in_the_future", f"{wish.point.at:%Y-%m-%d %H:%M:%S} UTC lies in the future.", "restore_time"
    )


def inside_a_window(wish: Wish, facts: Facts) -> Finding | None:
    """Restoration time ranges: the moment lies inside one; the gaps between them cannot be restored."""
    if not isinstance(wish.point, TimePoint):
        return None
    at = wish.point.at
    if facts.windows is None:
        return _found(
            Severity.WARNING, "inside_a_window", "The cloud does not tell what can be restored to.", "restore_time"
        )
    if any(window.start <= at <= window.end for window in facts.windows):
        return _found(Severity.OK, "inside_a_window", "The moment can be restored.", "restore_time")
    if not facts.windows:
        text = f"{facts.source.name} has nothing to restore to on {at:%Y-%m-%d}."
    else:
        ranges = "; ".join(f"{window.start:%H:%M:%S} to {window.end:%H:%M:%S}" for window in facts.windows[-4:])
        text = f"{at:%Y-%m-%d %H:%M:%S} UTC cannot be restored. On that day (UTC): {ranges}."
    return _found(Severity.BLOCKER, "inside_a_window", text, "restore_time")


def databases(wish: Wish, facts: Facts) -> Finding | None:
    """Recovery API, `database_name`: SQL Server only, with its rules for new names."""
    if wish.databases is None:
        return None
    if facts.source.engine != Engine.SQLSERVER:
        return _found(
            Severity.BLOCKER,
            "databases",
            f"Single databases can be chosen for SQL Server only, not for {facts.source.engine}.",
            "databases",
        )
    problems = rename_problems(wish.databases, facts.source.databases, facts.target.databases)
    if problems:
        return _found(Severity.BLOCKER, "databases", " ".join(problems), "databases")
    if facts.source.databases is None or facts.target.databases is None:
        text = "The cloud does not tell the databases of both instances, so the names could not be compared."
        return _found(Severity.WARNING, "databases", text, "databases")
    return _found(Severity.OK, "databases", "The database names are allowed.", "databases")


def _found(severity: Severity, rule: str, text: str, field: str) -> Finding:
    return Finding(rule, severity, text, field)
