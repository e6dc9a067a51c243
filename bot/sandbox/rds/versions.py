"""Which versions go together in a restore. Source: recovery API, constraints."""

from collections.abc import Mapping

from bot.sandbox.rds.errors import refusal
from bot.sandbox.rds.state import Instance

SQLSERVER: Mapping[str, frozenset[str]] = {
    "2017_SE": frozenset({"2017_SE", "2017_EE", "2019_SE", "2019_EE"}),
    "2017_EE": frozenset({"2017_EE", "2019_EE"}),
    "2019_SE": frozenset({"2019_SE", "2019_EE", "2022_SE", "2022_EE"}),
    "2019_EE": frozenset({"2019_SE", "2019_EE", "2022_EE"}),
    "2022_SE": frozenset({"2022_SE", "2022_EE"}),
    "2022_EE": frozenset({"2022_SE", "2022_EE"}),
}
"""The targets that the documentation allows for each source."""


def check_versions(source: Instance, target: Instance) -> None:
    """Raises ApiError if the target's version cannot take the source's data. Both are of the same engine."""
    rules = {"MySQL": _mysql, "PostgreSQL": _postgresql, "SQLServer": _sqlserver}
    if not rules[source.engine](source, target):
        raise refusal("DBS.200037", f"Source {_full(source)}, target {_full(target)}.")


def _mysql(source: Instance, target: Instance) -> bool:
    """5.x: the same major version and a kernel that is not older. 8.0: the same kernel."""
    if source.version != target.version:
        return False
    if source.version.startswith("5."):
        return _numbers(target.complete_version) >= _numbers(source.complete_version)
    return source.complete_version == target.complete_version


def _postgresql(source: Instance, target: Instance) -> bool:
    return source.version == target.version


def _sqlserver(source: Instance, target: Instance) -> bool:
    return target.version in SQLSERVER.get(source.version, frozenset({source.version}))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def _full(instance: Instance) -> str:
    return instance.complete_version or instance.version
