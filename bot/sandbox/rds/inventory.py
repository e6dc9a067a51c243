"""The reads of what there is.

Sources: "Querying DB Instances", "Obtaining Details About Backups", "Querying the Restoration Time Range", "Querying the
Recovery Time Window", "Obtaining the Parameter Template of a Specified DB Instance", "Querying Details About Databases".
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bot.sandbox.rds.errors import refusal
from bot.sandbox.rds.evolution import backup_status, backups_at, milliseconds, restorable_ranges
from bot.sandbox.rds.exchange import Answer, ApiRequest, stamp
from bot.sandbox.rds.listing import backup_entry, instance_entry
from bot.sandbox.rds.state import ENGINE_SUFFIX, Backup, CloudState, Instance

ENGINES = frozenset({*ENGINE_SUFFIX, "MariaDB"})
TYPES = frozenset({"Single", "Ha", "Replica"})
BACKUP_TYPES = frozenset({"auto", "manual", "fragment", "incremental"})
BACKUP_STATUSES = frozenset({"BUILDING", "COMPLETED", "FAILED", "DELETING"})
MOST = 100
"""The largest page, and the default."""
_LAST = 10**9
_Thing = TypeVar("_Thing")


class Inventory:
    """Handlers of the reads of what there is."""

    def __init__(self, state: CloudState) -> None:
        self._state = state

    def instances(self, request: ApiRequest) -> Answer:
        """GET /v3/{project_id}/instances. Raises ApiError."""
        project_id, asked = request.params["project_id"], request.asked
        _one_of(asked, "datastore_type", ENGINES)
        _one_of(asked, "type", TYPES)
        _one_of(asked, "group_type", frozenset({"flexus"}))
        flexus = asked.get("group_type") == "flexus"
        found = [
            instance
            for instance in self._state.instances.values()
            if instance.project_id == project_id
            and instance.flexus == flexus
            and _matches(asked.get("id"), instance.id)
            and _matches(asked.get("name"), instance.name)
            and asked.get("datastore_type", instance.engine) == instance.engine
            and asked.get("type", instance.type) == instance.type
            and asked.get("vpc_id", instance.vpc_id) == instance.vpc_id
            and _is_tagged(instance, asked.get("tags"))
        ]
        region = next((project.name for project in self._state.projects if project.id == project_id), "")
        page = [instance_entry(self._state, instance, region, request.at) for instance in _page(request, found)]
        return Answer(200, {"instances": page, "total_count": len(found)})

    def backups(self, request: ApiRequest) -> Answer:
        """GET /v3/{project_id}/backups: of one instance, newest first. Raises ApiError."""
        asked = request.asked
        if not asked.get("instance_id"):
            raise refusal("DBS.280001", "instance_id is missing.")
        _one_of(asked, "backup_type", BACKUP_TYPES)
        _one_of(asked, "status", BACKUP_STATUSES)
        instance = self._instance(request, asked["instance_id"])
        within = _within(asked)
        found = [
            backup
            for backup in backups_at(self._state, instance.id, request.at)
            if asked.get("backup_id", backup.id) == backup.id
            and asked.get("backup_type", backup.type) == backup.type
            and ("status" not in asked or asked["status"] == backup_status(backup, request.at))
            and within(backup)
        ]
        page = [backup_entry(backup, instance, request.at) for backup in _page(request, found)]
        return Answer(200, {"backups": page, "total_count": len(found)})

    def restore_time(self, request: ApiRequest) -> Answer:
        """GET …/instances/{instance_id}/restore-time: all ranges, or what lies in one day (UTC). Raises ApiError."""
        instance = self._instance(request, request.params["instance_id"])
        spans = restorable_ranges(self._state, instance, request.at)
        day = request.asked.get("date")
        if day:
            first, last = _day(day)
            spans = [(max(start, first), min(end, last)) for start, end in spans if start <= last and end >= first]
        return Answer(200, {"restore_time": [{"start_time": start, "end_time": end} for start, end in spans]})

    def recovery_time(self, request: ApiRequest) -> Answer:
        """GET …/instances/{instance_id}/recovery-time: PostgreSQL's window. Raises ApiError."""
        instance = self._instance(request, request.params["instance_id"])
        if instance.engine != "PostgreSQL":
            raise refusal("DBS.280238")
        spans = restorable_ranges(self._state, instance, request.at)
        first, last = (str(spans[-1][0]), str(spans[-1][1])) if spans else ("", "")
        return Answer(200, {"recovery_min_time": first, "recovery_max_time": last})

    def configurations(self, request: ApiRequest) -> Answer:
        """GET …/instances/{instance_id}/configurations. Raises ApiError."""
        instance = self._instance(request, request.params["instance_id"])
        settings = [_setting("max_connections", "1500", "10-10000", "Largest number of connections at a time.")]
        if instance.lower_case_table_names is not None:
            settings.append(
                _setting("lower_case_table_names", instance.lower_case_table_names, "0|1", "How table names are compared.")
            )
        body = {
            "datastore_version_name": instance.version,
            "datastore_name": instance.engine.lower(),
            "created": stamp(instance.created_at),
            "updated": stamp(instance.created_at),
            "configuration_parameters": settings,
        }
        return Answer(200, body)

    def databases(self, request: ApiRequest) -> Answer:
        """GET …/instances/{instance_id}/database/detail; `page` and `limit` are required. Raises ApiError."""
        instance = self._instance(request, request.params["instance_id"])
        page, limit = request.number("page", None, 1, _LAST), request.number("limit", None, 1, MOST)
        entry: dict[str, str] = {"character_set": "utf8mb4" if instance.engine == "MySQL" else "UTF8"}
        if instance.engine == "SQLServer":
            entry = {"character_set": "Latin1_General_CI_AS", "state": "ONLINE"}
        names = instance.databases[(page - 1) * limit : page * limit]
        found = [{"name": name, **entry} for name in names]
        return Answer(200, {"databases": found, "total_count": len(instance.databases)})

    def _instance(self, request: ApiRequest, instance_id: str) -> Instance:
        instance = self._state.instances.get(instance_id)
        if instance is None or instance.project_id != request.params["project_id"]:
            raise refusal("DBS.200002")
        return instance


def _page(request: ApiRequest, found: Sequence[_Thing]) -> Sequence[_Thing]:
    offset, limit = request.number("offset", 0, 0, _LAST), request.number("limit", MOST, 1, MOST)
    return found[offset : offset + limit]


def _one_of(asked: Mapping[str, str], name: str, allowed: frozenset[str]) -> None:
    if name in asked and asked[name] not in allowed:
        raise refusal("DBS.280001", f"{name} must be one of {', '.join(sorted(allowed))}.")


def _matches(wanted: str | None, value: str) -> bool:
    """Exact, or any part of it after a leading *."""
    if not wanted:
        return True
    return wanted[1:] in value if wanted.startswith("*") else wanted == value


def _is_tagged(instance: Instance, wanted: str | None) -> bool:
    """`tags` holds pairs key=value, separated by commas; all must be there."""
    if not wanted:
        return True
    pairs = (pair.partition("=") for pair in wanted.split(","))
    return all(key in instance.tags and (not equals or instance.tags[key] == value) for key, equals, value in pairs)


def _within(asked: Mapping[str, str]) -> Callable[[Backup], bool]:
    """Whether a backup began in the time asked for. `begin_time` and `end_time` come together."""
    if ("begin_time" in asked) != ("end_time" in asked):
        raise refusal("DBS.280001", "begin_time and end_time come together.")
    if "begin_time" not in asked:
        return lambda _: True
    first, last = _moment(asked["begin_time"]), _moment(asked["end_time"])
    return lambda backup: first <= backup.begins_at <= last


def _moment(text: str) -> float:
    """A time with an offset such as +0800; a literal Z is not accepted."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
    except ValueError as error:
        raise refusal("DBS.280001", "Times look like 2018-08-06T10:41:14+0000.") from error
    if text.endswith("Z"):
        raise refusal("DBS.280001", "Times look like 2018-08-06T10:41:14+0000.")
    return moment.timestamp()


def _day(text: str) -> tuple[int, int]:
    """First and last millisecond of a day in UTC."""
    try:
        first = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise refusal("DBS.280001", "date looks like 2018-08-06.") from error
    return milliseconds(first.timestamp()), milliseconds((first + timedelta(days=1)).timestamp()) - 1


def _setting(name: str, value: str, value_range: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": value,
        "restart_required": True,
        "readonly": False,
        "value_range": value_range,
        "type": "integer",
        "description": description,
    }
