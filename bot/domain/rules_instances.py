"""Preflight rules that compare source and target. Each names its source in the API's documentation."""

from bot.domain.facts import Engine, Facts, Instance
from bot.domain.findings import Finding, Severity

SQLSERVER_UPGRADES: dict[str, frozenset[str]] = {
    "2017_SE": frozenset({"2017_SE", "2017_EE", "2019_SE", "2019_EE"}),
    "2017_EE": frozenset({"2017_EE", "2019_EE"}),
    "2019_SE": frozenset({"2019_SE", "2019_EE", "2022_SE", "2022_EE"}),
    "2019_EE": frozenset({"2019_SE", "2019_EE", "2022_EE"}),
    "2022_SE": frozenset({"2022_SE", "2022_EE"}),
    "2022_EE": frozenset({"2022_SE", "2022_EE"}),
}
"""Which editions a SQL Server backup may be restored into (source: recovery API, constraints)."""
SOURCE_READABLE = frozenset({"ACTIVE", "BACKING UP", "STORAGE FULL", "FAILED", "SHUTDOWN"})
"""Backups of an instance stay restorable while it is broken; while it is being changed it is unsure."""


def same_engine(facts: Facts) -> Finding:
    """Recovery API, constraints: source and target have the same engine."""
    if facts.source.engine == facts.target.engine:
        return _ok("same_engine", f"Both run {facts.target.engine}.")
    return _stop("same_engine", f"The target runs {facts.target.engine}, the source {facts.source.engine}.")


def version(facts: Facts) -> Finding | None:
    """Recovery API, constraints: PostgreSQL needs the same version, MySQL a target that is not older (8.0: the same kernel
    version), SQL Server a pair of its table."""
    if facts.source.engine != facts.target.engine:
        return None
    rules = {Engine.POSTGRESQL.value: _postgresql, Engine.MYSQL.value: _mysql, Engine.SQLSERVER.value: _sqlserver}
    rule = rules.get(facts.source.engine)
    if rule is None:
        return _warn("version", f"What versions of {facts.source.engine} go together is not known.")
    return rule(facts.source, facts.target)


def storage(facts: Facts) -> Finding:
    """Recovery API, constraints: the target's storage is at least the source's."""
    target, source = facts.target.storage_gb, facts.source.storage_gb
    if target is None or source is None:
        return _warn("storage", "The cloud does not tell the storage of both instances, so the sizes could not be compared.")
    if target < source:
        return _stop("storage", f"Target storage {target} GB is smaller than the source's {source} GB.")
    return _ok("storage", f"Target storage {target} GB is enough for {source} GB.")


def table_name_case(facts: Facts) -> Finding | None:
    """Recovery API, constraints (MySQL): lower_case_table_names is equal on both."""
    if facts.source.engine != Engine.MYSQL or facts.target.engine != Engine.MYSQL or _onto_itself(facts):
        return None
    source, target = facts.source.lower_case_table_names, facts.target.lower_case_table_names
    if source is None or target is None:
        return _warn("table_name_case", "The cloud does not tell lower_case_table_names of both instances.")
    if source != target:
        return _stop("table_name_case", f"lower_case_table_names is {target} on the target and {source} on the source.")
    return _ok("table_name_case", f"lower_case_table_names is {source} on both.")


def time_zone(facts: Facts) -> Finding | None:
    """Recovery API, constraints (SQL Server): both have the same time zone, or data may be inconsistent."""
    if facts.source.engine != Engine.SQLSERVER or facts.target.engine != Engine.SQLSERVER:
        return None
    source, target = facts.source.time_zone, facts.target.time_zone
    if source is None or target is None:
        return _warn("time_zone", "The cloud does not tell the time zone of both instances.")
    if source != target:
        return _warn("time_zone", f"The target's time zone is {target}, the source's {source}: times may be wrong.")
    return _ok("time_zone", f"Both are in time zone {source}.")


def source_status(facts: Facts) -> Finding:
    """Error codes (source instance not normal): statuses in which an instance is being changed are unsure."""
    if facts.source.status in SOURCE_READABLE or _onto_itself(facts):
        return _ok("source_status", f"The source is {facts.source.status}.", "source")
    if facts.source.status == "FROZEN":
        return _stop("source_status", "The source is FROZEN.", "source")
    return _warn("source_status", f"The source is {facts.source.status}; the cloud may refuse.", "source")


def target_status(facts: Facts) -> Finding:
    """User guide and error codes ("not allowed by DB instance status"): the target is available. A status that is not
    documented counts as not available."""
    if facts.target.status == "ACTIVE":
        return _ok("target_status", "The target is ACTIVE.")
    return _stop("target_status", f"The target is {facts.target.status}; it must be ACTIVE.")


def not_a_replica(facts: Facts) -> Finding:
    """User guide: read replicas cannot be restored, nor backed up."""
    if facts.target.kind == "Replica":
        return _stop("not_a_replica", "The target is a read replica.")
    if facts.source.kind == "Replica":
        return _stop("not_a_replica", "The source is a read replica, which has no backups of its own.", "source")
    return _ok("not_a_replica", "Neither is a read replica.")


def not_busy(facts: Facts) -> Finding:
    """Error codes (409): only one operation at a time runs on an instance."""
    if facts.target_busy is not None:
        return _stop("not_busy", f"Another operation runs on the target: {facts.target_busy}.")
    return _ok("not_busy", "No other operation runs on the target.")


def onto_itself(facts: Facts) -> Finding | None:
    """Recovery API, constraints: restoring to the original instance is documented for MySQL and SQL Server only."""
    if not _onto_itself(facts):
        return None
    if facts.source.engine == Engine.POSTGRESQL:
        return _warn("onto_itself", "Whether PostgreSQL can be restored onto itself by the API is uncertain; it may refuse.")
    return _ok("onto_itself", "The instance is restored onto itself.")


def same_network(facts: Facts) -> Finding | None:
    """User guide: PostgreSQL and SQL Server targets are in the same VPC as the source."""
    if facts.source.engine not in (Engine.POSTGRESQL, Engine.SQLSERVER) or _onto_itself(facts):
        return None
    if facts.source.vpc_id is None or facts.target.vpc_id is None:
        return _warn("same_network", "The cloud does not tell the VPC of both instances.")
    if facts.source.vpc_id != facts.target.vpc_id:
        return _warn("same_network", f"The target is in VPC {facts.target.vpc_id}, the source in {facts.source.vpc_id}.")
    return _ok("same_network", "Both are in the same VPC.")


def encryption(facts: Facts) -> Finding | None:
    """User guide: encryption may stand against a restore onto an existing instance. The API shows that of the disk only;
    transparent data encryption is not visible."""
    source, target = facts.source.encrypted, facts.target.encrypted
    if source is None or target is None or source == target:
        return None
    which = "target" if target else "source"
    return _warn("encryption", f"Only the {which}'s disk is encrypted; the cloud may refuse.")


def middleware(facts: Facts) -> Finding | None:
    """User guide: instances behind DDM are restored through DDM."""
    if facts.target.associated_with_ddm or facts.source.associated_with_ddm:
        return _stop("middleware", "The instance belongs to DDM and must be restored there.")
    return None


def disaster_recovery(facts: Facts) -> Finding | None:
    """Recovery API, constraints: not into an instance of a disaster-recovery relation."""
    if facts.target.disaster_recovery:
        return _stop("disaster_recovery", "The target belongs to a disaster-recovery relation.")
    return None


def _postgresql(source: Instance, target: Instance) -> Finding:
    # A data directory fits every minor release of its major version and no other.
    if source.major != target.major:
        return _stop("version", f"The target runs PostgreSQL {target.version}, the source {source.version}.")
    return _ok("version", f"PostgreSQL {source.version} and {target.version} go together.")


def _mysql(source: Instance, target: Instance) -> Finding:
    if source.major != target.major:
        return _stop("version", f"The target runs MySQL {target.version}, the source {source.version}.")
    if _numbers(target.version) < _numbers(source.version):
        return _stop("version", f"The target's MySQL {target.version} is older than the source's {source.version}.")
    if source.major >= ("8",) and source.version != target.version:
        return _warn(
            "version", f"MySQL 8.0 wants the same kernel version: target {target.version}, source {source.version}."
        )
    return _ok("version", f"MySQL {source.version} and {target.version} go together.")


def _sqlserver(source: Instance, target: Instance) -> Finding:
    allowed = SQLSERVER_UPGRADES.get(source.version)
    if allowed is None or target.version not in SQLSERVER_UPGRADES:
        return _warn("version", f"Whether SQL Server {source.version} goes into {target.version} is not known.")
    if target.version not in allowed:
        return _stop("version", f"SQL Server {source.version} cannot be restored into {target.version}.")
    return _ok("version", f"SQL Server {source.version} goes into {target.version}.")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def _onto_itself(facts: Facts) -> bool:
    return facts.source.id == facts.target.id


def _ok(rule: str, text: str, field: str = "target") -> Finding:
    return Finding(rule, Severity.OK, text, field)


def _warn(rule: str, text: str, field: str = "target") -> Finding:
    return Finding(rule, Severity.WARNING, text, field)


def _stop(rule: str, text: str, field: str = "target") -> Finding:
    return Finding(rule, Severity.BLOCKER, text, field)
