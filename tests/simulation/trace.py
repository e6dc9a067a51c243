"""What happened in a run, line by line, and what must not have."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Trace:
    """The run's record. Two runs of one seed have equal traces."""

    time: Callable[[], float]
    lines: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def __call__(self, who: str, what: str) -> None:
        """Put down what somebody did."""
        self.lines.append(f"{self.time():9.3f} {who:<10} {what}")

    def violated(self, rule: str) -> None:
        """Put down that a rule was broken."""
        self.violations.append(rule)
        self(">>>>", f"VIOLATED: {rule}")
