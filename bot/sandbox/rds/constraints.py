"""What must hold for a restore or a backup to be accepted. Each check raises ApiError with the code that the API documents.

Sources: "Restoring Data to an Existing DB Instance" (constraints), "Creating a Manual Backup", appendix "Error Codes". Where
the documentation names no code for a constraint, the nearest one of the same class is used.
"""

from bot.sandbox.rds.database_names import check_database_names
from bot.sandbox.rds.errors import refusal
from bot.sandbox.rds.evolution import (
    backup_status,
    instance_status,
    is_building,
    is_live,
    milliseconds,
    restorable_ranges,
)
from bot.sandbox.rds.recovery_body import Recovery
from bot.sandbox.rds.state import Backup, CloudState, Instance
from bot.sandbox.rds.versions import check_versions

FULL = frozenset({"auto", "manual"})
"""Types of backups that can be restored on their own."""


def check_recovery(state: CloudState, project_id: str, recovery: Recovery, version: str, now: float) -> None:
    """All constraints of the recovery call, in `version` v3 or v3.1."""
    source = _of_project(state, project_id, recovery.source_id, "DBS.200013")
    target = _of_project(state, project_id, recovery.target_id, "DBS.200002")
    if source.engine != target.engine:
        raise refusal("DBS.200040", f"Source {source.engine}, target {target.engine}.")
    _check_kind(source)
    _check_kind(target)
    _check_onto_itself(state, source, target)
    check_versions(source, target)
    if target.storage_gb < source.storage_gb:
        raise refusal("DBS.200306", f"Source {source.storage_gb} GB, target {target.storage_gb} GB.")
    _check_table_name_case(source, target)
    backup = _check_point(state, source, recovery, now)
    _check_databases(state, source, target, backup, recovery, version)
    _check_source_status(state, source, now)
    check_free(state, target, now)


def check_free(state: CloudState, instance: Instance, now: float) -> None:
    """No other operation runs on the instance and its status allows one."""
    if any(is_live(job, now) for job in state.jobs_of(instance.id)[-1:]):
        raise refusal("DBS.200019")
    if any(is_building(backup, now) for backup in state.backups_of(instance.id)):
        raise refusal("DBS.201205")
    status = instance_status(state, instance, now)
    if status != "ACTIVE":
        codes = {"FROZEN": "DBS.280449", "STORAGE FULL": "DBS.200316", "SHUTDOWN": "DBS.200086"}
        raise refusal(codes.get(status, "DBS.200019"), f"The status is {status}.")


def check_no_replica(instance: Instance) -> None:
    """Read replicas are neither restored nor backed up."""
    if instance.type == "Replica":
        raise refusal("DBS.280406", f"{instance.name} is a read replica.")


def _of_project(state: CloudState, project_id: str, instance_id: str, code: str) -> Instance:
    instance = state.instances.get(instance_id)
    if instance is None or instance.project_id != project_id:
        raise refusal(code)
    return instance


def _check_kind(instance: Instance) -> None:
    check_no_replica(instance)
    if instance.associated_with_ddm:
        raise refusal("DBS.280406", f"{instance.name} belongs to DDM.")


def _check_onto_itself(state: CloudState, source: Instance, target: Instance) -> None:
    if source.id == target.id and source.engine == "PostgreSQL" and not state.postgresql_onto_itself:
        raise refusal("DBS.200402", "PostgreSQL is not restored onto itself.")


def _check_table_name_case(source: Instance, target: Instance) -> None:
    names = {source.lower_case_table_names, target.lower_case_table_names} - {None}
    if source.engine == "MySQL" and len(names) > 1:
        raise refusal("DBS.280238", "lower_case_table_names of source and target differ.")


def _check_point(state: CloudState, source: Instance, recovery: Recovery, now: float) -> Backup | None:
    if recovery.backup_id is not None:
        return _check_backup(state, source, recovery.backup_id, now)
    moment = recovery.restore_time or 0
    if moment > milliseconds(now):
        raise refusal("DBS.280204", "The restore time is in the future.")
    if not any(start <= moment <= end for start, end in restorable_ranges(state, source, now)):
        raise refusal("DBS.280204", "The restore time is in no restorable range.")
    return None


def _check_backup(state: CloudState, source: Instance, backup_id: str, now: float) -> Backup:
    backup = state.backups.get(backup_id)
    if backup is None or backup.begins_at > now:
        raise refusal("DBS.201010")
    if backup.instance_id != source.id:
        raise refusal("DBS.280214", "It belongs to another DB instance.")
    if backup.type not in FULL:
        raise refusal("DBS.201207", f"The type is {backup.type}.")
    status = backup_status(backup, now)
    if status != "COMPLETED":
        raise refusal("DBS.201208", f"The status is {status}.")
    return backup


def _check_databases(
    state: CloudState, source: Instance, target: Instance, backup: Backup | None, recovery: Recovery, version: str
) -> None:
    if source.engine != "SQLServer":
        if recovery.databases is not None:
            raise refusal("DBS.280001", "source.database_name is for SQL Server only.")
        return
    if recovery.databases is not None:
        if recovery.all_databases:
            raise refusal("DBS.280001", "database_name and restore_all_database exclude each other.")
        restorable = source.databases if backup is None else backup.databases or source.databases
        check_database_names(recovery.databases, restorable, target.databases, state.databases_quota)
    elif version == "v3.1" and not recovery.all_databases:
        raise refusal("DBS.280001", "Name databases, or set restore_all_database.")


def _check_source_status(state: CloudState, source: Instance, now: float) -> None:
    """A source that is frozen or that is itself being overwritten cannot be read."""
    status = instance_status(state, source, now)
    if status == "FROZEN":
        raise refusal("DBS.280449", "The source is FROZEN.")
    if any(is_live(job, now) for job in state.jobs_of(source.id)[-1:]):
        raise refusal("DBS.200019", "The source is being restored.")
