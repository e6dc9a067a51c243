"""Small checks that are put together into the rules for blocks. Each says what is wrong and where, in Slack's style."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Report:
    """The faults found so far."""

    faults: list[str] = field(default_factory=list)

    def add(self, path: str, words: str) -> None:
        """Note a fault at a JSON pointer."""
        self.faults.append(f"[ERROR] {words} [json-pointer:{path}]")


Check = Callable[[Report, str, Any], None]


def boolean(report: Report, path: str, value: Any) -> None:
    """True or false."""
    if not isinstance(value, bool):
        report.add(path, "must be a boolean")


def string(longest: int, shortest: int = 1, pattern: str = "") -> Check:
    """A string of so many characters."""

    def check(report: Report, path: str, value: Any) -> None:
        if not isinstance(value, str):
            report.add(path, "must be a string")
        elif len(value) > longest:
            report.add(path, f"must be less than {longest + 1} characters")
        elif len(value) < shortest:
            report.add(path, f"must be more than {shortest - 1} characters")
        elif pattern and not re.fullmatch(pattern, value):
            report.add(path, f"must match {pattern}")

    return check


def integer(lowest: int, highest: int) -> Check:
    """A whole number in a range."""

    def check(report: Report, path: str, value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            report.add(path, f"must be an integer from {lowest} to {highest}")

    return check


def one_of(*allowed: str) -> Check:
    """One of some words."""

    def check(report: Report, path: str, value: Any) -> None:
        if value not in allowed:
            report.add(path, f"must be one of {', '.join(allowed)}")

    return check


def anything(report: Report, path: str, value: Any) -> None:
    """No rule."""


def list_of(each: Check, longest: int, shortest: int = 1) -> Check:
    """A list of so many items."""

    def check(report: Report, path: str, value: Any) -> None:
        if not isinstance(value, list):
            report.add(path, "must be an array")
            return
        if len(value) > longest:
            report.add(path, f"no more than {longest} items allowed")
        if len(value) < shortest:
            report.add(path, f"no fewer than {shortest} items allowed")
        for number, item in enumerate(value):
            each(report, f"{path}/{number}", item)

    return check


@dataclass(frozen=True, slots=True)
class Shape:
    """An object's keys, each with its check. Unknown keys are faults."""

    required: Mapping[str, Check]
    optional: Mapping[str, Check] = field(default_factory=dict)
    also: tuple[Check, ...] = ()
    """Rules over several keys, checked last and only if every key is fine."""

    def __call__(self, report: Report, path: str, value: Any) -> None:
        """Check an object."""
        if not isinstance(value, dict):
            report.add(path, "must be an object")
            return
        before = len(report.faults)
        for name in self.required.keys() - value.keys():
            report.add(path, f"missing required field: {name}")
        known = {**self.optional, **self.required}
        for name, inner in value.items():
            if name not in known:
                report.add(path, f"invalid additional property: {name}")
            else:
                known[name](report, f"{path}/{name}", inner)
        if len(report.faults) == before:
            for rule in self.also:
                rule(report, path, value)


def by_type(shapes: Mapping[str, Check], what: str) -> Check:
    """An object whose `type` decides which rules hold."""

    def check(report: Report, path: str, value: Any) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in shapes:
            report.add(f"{path}/type", f"unsupported {what} type: {kind}")
            return
        shapes[kind](report, path, value)

    return check
