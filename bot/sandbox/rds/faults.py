"""Faults that can be switched on: what a cloud, a gateway or a network may do to a caller."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(slots=True)
class Faults:
    """Numbers count down with each call that they befall."""

    delay_seconds: float = 0.0
    """Every call is carried out and answered so much later."""
    unavailable: bool = False
    """Every call ends with 503 while this is set."""
    tasklist_missing: bool = False
    """The region does not publish the task list while this is set."""
    status_429: int = 0
    """The next calls are throttled."""
    bad_gateway_html: int = 0
    """The next calls end with a proxy's page (502), not carried out unless `bad_gateway_acts`."""
    bad_gateway_acts: bool = False
    recovery_only: bool = False
    """`delay_seconds`, `unavailable`, `status_429` and `bad_gateway_html` befall recovery calls only."""
    drop_answer_after_acting: int = 0
    """The next recovery calls are carried out, then the connection is closed without an answer."""
    reset_before_acting: int = 0
    """The next recovery calls meet a connection reset and are not carried out."""
    error_111205: int = 0
    """The next recovery calls end with a service timeout (500, DBS.111205), carried out if `error_111205_acts`."""
    error_111205_acts: bool = True
    job_fails_with: str | None = None
    """The next job fails for this reason."""
    job_hangs: bool = False
    """The next job never ends."""
    denied_actions: tuple[str, ...] = ()
    """IAM actions that nobody may do: calls that need one end with 403."""

    def change(self, values: Mapping[str, Any]) -> None:
        """Set some of them. Raises ValueError for an unknown name or a value of the wrong type; then none is set."""
        kinds = {field.name: _kind(field.default) for field in fields(self)}
        for name, value in values.items():
            if name not in kinds:
                raise ValueError(f"There is no fault {name}.")
            if not _fits(value, kinds[name]):
                raise ValueError(f"{name} cannot be {value!r}.")
        for name, value in values.items():
            setattr(self, name, tuple(value) if kinds[name] is tuple else value)

    def clear(self) -> None:
        """Switch all of them off."""
        for field in fields(self):
            setattr(self, field.name, field.default)

    def as_json(self) -> dict[str, Any]:
        """All of them by name."""
        return asdict(self)

    def take(self, name: str) -> bool:
        """Whether the countdown `name` befalls this call; counts one down."""
        left = getattr(self, name)
        if left <= 0:
            return False
        setattr(self, name, left - 1)
        return True

    def take_job_fate(self) -> tuple[str | None, bool]:
        """Why the job that is made now fails, and whether it hangs; the next one is spared."""
        fate = (self.job_fails_with, self.job_hangs)
        self.job_fails_with, self.job_hangs = None, False
        return fate


def _kind(default: object) -> type:
    return str if default is None else type(default)


def _fits(value: object, kind: type) -> bool:
    if kind is tuple:
        return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
    if kind is str:
        return value is None or isinstance(value, str)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return isinstance(value, bool)
