"""Faults that can be switched on, to see what the app makes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(slots=True)
class Faults:
    """What goes wrong with Web API calls from now on."""

    down: bool = False
    """Every call, and every response URL, is answered with 503."""
    rate_limit_next: int = 0
    """So many calls are answered with 429."""
    retry_after: int = 1
    """Seconds in the Retry-After of those answers."""
    drop_next: int = 0
    """So many calls take effect, but their answer is lost."""
    delay: float = 0.0
    """Seconds before each call is looked at."""
    methods: frozenset[str] = frozenset()
    """`rate_limit_next`, `drop_next` and `delay` concern only these methods; all where it is empty."""
    errors: dict[str, str] = field(default_factory=dict)
    """Method → the error code that it answers with, without any effect."""

    def clear(self) -> None:
        """No faults."""
        self.change({each.name: getattr(Faults(), each.name) for each in fields(self)})

    def change(self, wanted: Mapping[str, Any]) -> None:
        """Set some of them by name. Raises ValueError for an unknown name or a wrong type."""
        for name, value in wanted.items():
            if name not in self.__slots__:
                raise ValueError(f"there is no fault {name}; there are {', '.join(self.__slots__)}")
            kind = type(getattr(Faults(), name))
            setattr(self, name, _as(kind, name, value))

    def as_json(self) -> dict[str, Any]:
        """All of them."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**values, "methods": sorted(self.methods)}

    def concerns(self, method: str) -> bool:
        """Whether the counted faults and the delay hold for this method."""
        return not self.methods or method in self.methods


def _as(kind: type, name: str, value: Any) -> Any:
    if kind is frozenset and isinstance(value, list | set | frozenset | tuple):
        return frozenset(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise ValueError(f"{name} must be {kind.__name__}")
    return value
