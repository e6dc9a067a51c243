"""What can go wrong, how often, and whether it did."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

RATES: Mapping[str, float] = {
    "recover: rejected": 0.08,
    "recover: never sent": 0.06,
    "recover: answer lost, taken": 0.12,
    "recover: answer lost, not taken": 0.12,
    "recover: answer lost, taken late": 0.08,
    "backup: rejected": 0.06,
    "backup: never sent": 0.05,
    "backup: answer lost, taken": 0.12,
    "backup: answer lost, not taken": 0.12,
    "backup: fails": 0.15,
    "backup: not visible at first": 0.4,
    "cloud: a read fails": 0.04,
    "job: not visible at first": 0.5,
    "job: fails": 0.25,
    "job: its record vanishes": 0.12,
    "job: done before the instance is": 0.4,
    "slack: busy": 0.06,
    "slack: no answer, not taken": 0.05,
    "slack: no answer, taken": 0.08,
    "slack: no answer, taken late": 0.03,
    "directory: no answer": 0.03,
    "directory: a group is not told": 0.03,
    "store: no answer": 0.004,
    "store: no answer, stored": 0.003,
    "process: crashes": 0.002,
    "process: freezes": 0.002,
    "click: doubled": 0.3,
}
"""How often each fault strikes where it can."""
EVENTS = (
    "clock: jumps",
    "clock: jumps far",
    "slack: down for a while",
    "slack: the channel is archived",
    "slack: a card is deleted",
    "cloud: down for a while",
    "store: down for a while",
    "directory: down for a while",
    "people: one leaves the group",
    "people: one is deactivated",
    "cloud: an instance changes",
    "cloud: an instance is busy for a while",
    "cloud: the backup is deleted",
    "cloud: somebody else restores onto a target",
)
"""What happens at some moment of a run."""
KINDS = (*RATES, *EVENTS, "clock: differs between replicas", "lease: ran out and was taken over")


@dataclass
class Faults:
    """The faults of one run. Each run knows only some kinds, so that rare combinations come up pure as well."""

    rng: Random
    on: bool = True
    struck: Counter[str] = field(default_factory=Counter)
    known: frozenset[str] = frozenset()
    down: set[str] = field(default_factory=set)
    """Services that are down for a while."""

    def __post_init__(self) -> None:
        share = self.rng.choice((0.15, 0.4, 0.7))
        self.known = frozenset(kind for kind in (*RATES, *EVENTS) if self.rng.random() < share)

    def strike(self, kind: str) -> bool:
        """Whether the fault happens here and now; counted if it does."""
        if kind not in self.known or not self.on or self.rng.random() >= RATES[kind]:
            return False
        self.struck[kind] += 1
        return True

    def one_of(self, *kinds: str) -> str | None:
        """The first of these faults that happens here and now."""
        return next((kind for kind in kinds if self.strike(kind)), None)
