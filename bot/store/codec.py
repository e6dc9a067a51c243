"""The domain's values as JSON, and back. Explicit: a field is written here by name, or it is not stored.

Every pair of functions is exact: what is read equals what was written. Text is escaped to ASCII, because PostgreSQL takes
neither NUL nor half a surrogate pair, and both can come out of a form.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.facts import Backup, BackupPoint, Facts, Instance, RestorePoint, TimePoint, Window
from bot.domain.findings import Finding, Severity
from bot.domain.people import Person
from bot.domain.request import InstanceRef, Wish

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
Json = dict[str, Any]


def dumps(value: object) -> str:
    """The one spelling of a JSON value: it is hashed, so it must not vary."""
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def loads(text: str) -> Any:
    """Read what `dumps` wrote."""
    return json.loads(text)


def texts_json(texts: Mapping[str, str]) -> str:
    """A mapping of plain texts, as JSON text."""
    return dumps(dict(texts))


def micros(moment: datetime) -> int:
    """Microseconds since 1970 UTC. Raises TypeError for a moment without a time zone."""
    return (moment - EPOCH) // MICROSECOND


def micros_or_none(moment: datetime | None) -> int | None:
    """As `micros`, where there may be no moment."""
    return None if moment is None else micros(moment)


def moment(number: int) -> datetime:
    """The moment so many microseconds after 1970, in UTC."""
    return EPOCH + timedelta(microseconds=number)


def moment_or_none(number: int | None) -> datetime | None:
    """As `moment`, where there may be none."""
    return None if number is None else moment(number)


def person_json(person: Person) -> list[str]:
    """A person as three texts."""
    return [person.enterprise, person.team, person.user]


def person(value: list[str]) -> Person:
    """Reads `person_json`."""
    enterprise, team, user = value
    return Person(enterprise, team, user)


def instance_json(instance: Instance) -> Json:
    """An instance, each field under its own name."""
    return {
        "id": instance.id,
        "name": instance.name,
        "engine": instance.engine,
        "version": instance.version,
        "status": instance.status,
        "storage_gb": instance.storage_gb,
        "kind": instance.kind,
        "replica_of": instance.replica_of,
        "vpc_id": instance.vpc_id,
        "time_zone": instance.time_zone,
        "lower_case_table_names": instance.lower_case_table_names,
        "encrypted": instance.encrypted,
        "associated_with_ddm": instance.associated_with_ddm,
        "disaster_recovery": instance.disaster_recovery,
        "tags": [list(tag) for tag in instance.tags],
        "databases": None if instance.databases is None else list(instance.databases),
    }


def instance(value: Json) -> Instance:
    """Reads `instance_json`."""
    return Instance(
        id=value["id"],
        name=value["name"],
        engine=value["engine"],
        version=value["version"],
        status=value["status"],
        storage_gb=value["storage_gb"],
        kind=value["kind"],
        replica_of=value["replica_of"],
        vpc_id=value["vpc_id"],
        time_zone=value["time_zone"],
        lower_case_table_names=value["lower_case_table_names"],
        encrypted=value["encrypted"],
        associated_with_ddm=value["associated_with_ddm"],
        disaster_recovery=value["disaster_recovery"],
        tags=tuple((key, text) for key, text in value["tags"]),
        databases=None if value["databases"] is None else tuple(value["databases"]),
    )


def backup_json(backup: Backup) -> Json:
    """A backup, each field under its own name."""
    return {
        "id": backup.id,
        "name": backup.name,
        "instance_id": backup.instance_id,
        "type": backup.type,
        "status": backup.status,
        "began_at": micros(backup.began_at),
        "ended_at": micros_or_none(backup.ended_at),
        "size_kb": backup.size_kb,
        "databases": list(backup.databases),
    }


def backup(value: Json) -> Backup:
    """Reads `backup_json`."""
    return Backup(
        id=value["id"],
        name=value["name"],
        instance_id=value["instance_id"],
        type=value["type"],
        status=value["status"],
        began_at=moment(value["began_at"]),
        ended_at=moment_or_none(value["ended_at"]),
        size_kb=value["size_kb"],
        databases=tuple(value["databases"]),
    )


def facts_json(facts: Facts) -> Json:
    """The facts, with everything in them."""
    return {
        "read_at": micros(facts.read_at),
        "source": instance_json(facts.source),
        "target": instance_json(facts.target),
        "backup": None if facts.backup is None else backup_json(facts.backup),
        "windows": None if facts.windows is None else [[micros(each.start), micros(each.end)] for each in facts.windows],
        "target_busy": facts.target_busy,
        "target_restored_at": micros_or_none(facts.target_restored_at),
    }


def facts(value: Json) -> Facts:
    """Reads `facts_json`."""
    windows = value["windows"]
    return Facts(
        read_at=moment(value["read_at"]),
        source=instance(value["source"]),
        target=instance(value["target"]),
        backup=None if value["backup"] is None else backup(value["backup"]),
        windows=None if windows is None else tuple(Window(moment(start), moment(end)) for start, end in windows),
        target_busy=value["target_busy"],
        # Rows of versions before this fact was read have none.
        target_restored_at=moment_or_none(value.get("target_restored_at")),
    )


def point_json(point: RestorePoint) -> Json:
    """A restore point: a moment has `at`, a backup has `backup_id`."""
    if isinstance(point, TimePoint):
        return {"at": micros(point.at)}
    return {"backup_id": point.backup_id, "name": point.name, "taken_at": micros(point.taken_at)}


def point(value: Json) -> RestorePoint:
    """Reads `point_json`."""
    if "at" in value:
        return TimePoint(moment(value["at"]))
    return BackupPoint(value["backup_id"], value["name"], moment(value["taken_at"]))


def wish_json(wish: Wish) -> Json:
    """The wish without project and target id, which have columns of their own."""
    return {
        "source": [wish.source.id, wish.source.name],
        "target_name": wish.target.name,
        "point": point_json(wish.point),
        "reason": wish.reason,
        "databases": None if wish.databases is None else dict(wish.databases),
        "safety_backup": wish.safety_backup,
    }


def wish(value: Json, project: str, target_id: str) -> Wish:
    """Reads `wish_json`."""
    return Wish(
        project=project,
        source=InstanceRef(*value["source"]),
        target=InstanceRef(target_id, value["target_name"]),
        point=point(value["point"]),
        reason=value["reason"],
        databases=value["databases"],
        safety_backup=value["safety_backup"],
    )


def finding_json(finding: Finding) -> list[str]:
    """A finding as four texts."""
    return [finding.rule, finding.severity.value, finding.text, finding.field]


def finding(value: list[str]) -> Finding:
    """Reads `finding_json`."""
    rule, severity, text, field = value
    return Finding(rule, Severity(severity), text, field)
