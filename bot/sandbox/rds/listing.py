"""Instances and backups, as the API writes them. Sources: "Querying DB Instances", "Obtaining Details About Backups"."""

import hashlib
from typing import Any

from bot.sandbox.rds.evolution import backup_status, instance_status
from bot.sandbox.rds.exchange import stamp
from bot.sandbox.rds.state import ENGINE_SUFFIX, Backup, CloudState, Instance

_PORTS = {"MySQL": 3306, "PostgreSQL": 5432, "SQLServer": 1433}
_USERS = {"MySQL": "root", "PostgreSQL": "root", "SQLServer": "rdsuser"}
_HA_MODES = {"MySQL": "semisync", "PostgreSQL": "async", "SQLServer": "sync"}


def instance_entry(state: CloudState, instance: Instance, region: str, now: float) -> dict[str, Any]:
    """An entry of the list of instances. The kernel version is told for MySQL and PostgreSQL only."""
    status = instance_status(state, instance, now)
    entry: dict[str, Any] = {
        **_alike(),
        "id": instance.id,
        "name": instance.name,
        "status": status,
        "private_ips": [f"192.168.0.{_digest(instance.id, 'ip')[0] % 250 + 2}"],
        "port": _PORTS[instance.engine],
        "type": instance.type,
        "region": region,
        "datastore": _datastore(instance),
        "created": stamp(instance.created_at),
        "updated": stamp(instance.created_at),
        "db_user_name": _USERS[instance.engine],
        "vpc_id": instance.vpc_id,
        "flavor_ref": f"rds.{instance.engine.lower()}.x1.xlarge.4" + (".ha" if instance.type == "Ha" else ""),
        "volume": {"type": "ULTRAHIGH", "size": instance.storage_gb},
        "switch_strategy": "reliability" if instance.type == "Ha" else "",
        "backup_strategy": {"start_time": "01:00-02:00", "keep_days": 0 if instance.type == "Replica" else 7},
        "nodes": _nodes(instance, status),
        "related_instance": _related(state, instance),
        "disk_encryption_id": instance.disk_encryption_id,
        "time_zone": instance.time_zone,
        "tags": [{"key": key, "value": value} for key, value in instance.tags.items()],
        "associated_with_ddm": instance.associated_with_ddm,
    }
    if instance.type == "Ha":
        entry["ha"] = {"replication_mode": _HA_MODES[instance.engine]}
    return entry


def backup_entry(backup: Backup, instance: Instance, now: float) -> dict[str, Any]:
    """An entry of the list of backups; its end and its size are known once it is made."""
    status = backup_status(backup, now)
    entry: dict[str, Any] = {
        "id": backup.id,
        "instance_id": backup.instance_id,
        "name": backup.name,
        "type": backup.type,
        "size": 0,
        "status": status,
        "begin_time": stamp(backup.begins_at),
        "datastore": {"type": instance.engine, "version": instance.version},
        "databases": [{"name": name} for name in backup.databases],
        "associated_with_ddm": instance.associated_with_ddm,
    }
    if status != "BUILDING":
        entry["end_time"] = stamp(backup.begins_at + backup.seconds)
        entry["size"] = 0 if status == "FAILED" else backup.size_kb
    return entry


def _alike() -> dict[str, Any]:
    """What is the same of all instances here: the API always tells it, and nothing in this server depends on it."""
    return {
        "alias": "",
        "private_dns_names": [],
        "public_ips": [],
        "enable_ssl": True,
        "subnet_id": "0fb5d084-4e5d-463b-8920-fca10e6b4028",
        "security_group_id": "23ec6550-3ff3-4f9d-9eb9-e0d5b2b0d9cf",
        "cpu": "4",
        "mem": "16",
        "read_only_by_user": False,
        "maintenance_window": "02:00-06:00",
        "enterprise_project_id": "0",
        "charge_info": {"charge_mode": "postPaid"},
    }


def _datastore(instance: Instance) -> dict[str, str]:
    told = {"type": instance.engine, "version": instance.version}
    return told | ({"complete_version": instance.complete_version} if instance.complete_version else {})


def _nodes(instance: Instance, status: str) -> list[dict[str, str]]:
    roles = {"Ha": ("master", "slave"), "Replica": ("readreplica",)}.get(instance.type, ("master",))
    return [
        {
            "id": f"{_digest(instance.id, role).hex()[:32]}no{ENGINE_SUFFIX[instance.engine]}",
            "name": f"{instance.name}_node{number}",
            "role": role,
            "status": status,
            "availability_zone": f"eu-de-0{number + 1}",
        }
        for number, role in enumerate(roles)
    ]


def _related(state: CloudState, instance: Instance) -> list[dict[str, str]]:
    if instance.replica_of is not None:
        return [{"id": instance.replica_of, "type": "replica_of"}]
    return [{"id": replica.id, "type": "replica"} for replica in state.replicas_of(instance.id)]


def _digest(*parts: str) -> bytes:
    """The same bytes for the same parts: invented details must not change from call to call."""
    return hashlib.sha256("/".join(parts).encode()).digest()
