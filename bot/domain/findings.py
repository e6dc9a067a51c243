"""Results of the preflight rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs."""

    OK = "ok"
    WARNING = "warning"
    BLOCKER = "blocker"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found. `field` is the form field that a blocker belongs to; `text` names the values compared."""

    rule: str
    severity: Severity
    text: str
    field: str


def blockers(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that forbid the restore."""
    return tuple(finding for finding in findings if finding.severity is Severity.BLOCKER)
