"""Bodies of the two calls that change something, exactly as documented."""

from typing import Any

from bot.cloud.mapping import milliseconds
from bot.domain.facts import TimePoint
from bot.domain.request import Wish

_OTHER_ENGINES = ("in01", "in03")
_FORBIDDEN = str.maketrans("", "", ">!<\"&'=")
_LONGEST_DESCRIPTION = 256


def recovery_body(wish: Wish, version: str) -> dict[str, Any]:
    """The body of the recovery call (source: "Restoring Data to an Existing DB Instance", v3 and v3.1).

    `type` is always sent, though optional for backups. SQL Server: v3 restores all databases where none are named; v3.1
    restores all only when told so.
    """
    source: dict[str, Any] = {"instance_id": wish.source.id}
    if isinstance(wish.point, TimePoint):
        source |= {"type": "timestamp", "restore_time": milliseconds(wish.point.at)}
    else:
        source |= {"type": "backup", "backup_id": wish.point.backup_id}
    if wish.databases is not None:
        source["database_name"] = dict(wish.databases)
    elif version == "v3.1" and not wish.source.id.endswith(_OTHER_ENGINES):
        # An instance's id ends in its engine. One of an unknown ending may be SQL Server, where a missing flag would
        # leave databases out without a word; other engines take the flag without harm.
        source["restore_all_database"] = True
    return {"source": source, "target": {"instance_id": wish.target.id}}


def backup_body(instance_id: str, name: str, description: str) -> dict[str, str]:
    """The body of a manual backup (source: "Creating a Manual Backup"). Characters that a description may not hold are
    left out."""
    allowed = " ".join(description.translate(_FORBIDDEN).split())[:_LONGEST_DESCRIPTION]
    return {"instance_id": instance_id, "name": name, "description": allowed}
