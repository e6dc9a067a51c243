"""Builds seeded instances with their backups: fixed ids, times relative to the moment of seeding."""

import hashlib
from datetime import UTC, datetime

from bot.sandbox.rds.state import ENGINE_SUFFIX, Backup, CloudState, Instance, Range

DAY = 86_400.0
KEEP_DAYS = 7
LOGS_TRAIL = 240.0
"""Seconds between the last saved logs and the moment of seeding."""
_LAST_DAILY = 9 * 3600.0
"""Seconds between the last daily backup and the moment of seeding."""
_KB_PER_GB = 1024 * 1024
_KB_PER_SECOND = 40 * 1024
"""Speed of a full backup."""


def fixed_id(name: str, kind: str, engine: str) -> str:
    """An id that is the same at each start; `kind` is `in` (instance) or `br` (backup)."""
    return f"{hashlib.sha256(name.encode()).hexdigest()[:32]}{kind}{ENGINE_SUFFIX[engine]}"


def open_range(state: CloudState, now: float, back: float) -> Range:
    """A range that began about `back` seconds ago and whose end trails the clock, by `LOGS_TRAIL` now."""
    steps = round((back - LOGS_TRAIL) / state.log_backup_every)
    return Range(now - LOGS_TRAIL - steps * state.log_backup_every)


def add_daily_backups(state: CloudState, instance: Instance, now: float, *, failed: int | None = None) -> None:
    """An automatic full backup for each of the last seven days; `failed` days ago one failed."""
    for days in reversed(range(KEEP_DAYS)):
        begins_at = now - _LAST_DAILY - days * DAY
        outcome = "FAILED" if days == failed else "COMPLETED"
        name = f"{instance.name}-{datetime.fromtimestamp(begins_at, UTC):%Y%m%d%H%M%S}"
        add_backup(state, instance, f"daily-{days}", begins_at, name=name, outcome=outcome)


def add_backup(
    state: CloudState,
    instance: Instance,
    key: str,
    begins_at: float,
    *,
    name: str = "",
    kind: str = "auto",
    outcome: str = "COMPLETED",
    part: float = 0.3,
    databases: tuple[str, ...] = (),
) -> Backup:
    """A backup of `part` of the instance's storage. `key` makes its id, and its name where none is given."""
    size_kb = int(instance.storage_gb * part * _KB_PER_GB)
    return state.add_backup(
        Backup(
            fixed_id(f"{instance.name}/{key}", "br", instance.engine),
            instance.id,
            name or key,
            begins_at,
            size_kb / _KB_PER_SECOND,
            kind,
            size_kb,
            outcome,
            databases=list(databases),
        )
    )
