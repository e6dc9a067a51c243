"""The calls to the cloud as people read them: named, and the same read several times in a row as one line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.rds.api import Call

LINES_KEPT = 60
OPERATIONS = tuple(
    (method, re.compile(path), words)
    for method, path, words in (
        ("POST", r".*/instances/recovery", "Restore onto an existing instance"),
        ("POST", r".*/backups", "Make a backup"),
        ("POST", r".*/auth/tokens", "Ask for a token"),
        ("POST", r".*/securitytokens", "Ask for temporary keys"),
        ("GET", r".*/v3/projects", "List projects"),
        ("GET", r".*/instances", "List instances"),
        ("GET", r".*/backups", "List backups"),
        ("GET", r".*/restore-time", "Read the restorable ranges"),
        ("GET", r".*/recovery-time", "Read the restorable ranges"),
        ("GET", r".*/configurations", "Read an instance's parameters"),
        ("GET", r".*/database/detail", "List an instance's databases"),
        ("GET", r".*/tasklist", "List the tasks"),
        ("GET", r".*/tasklist/detail", "Read a task's details"),
        ("GET", r".*/jobs", "Look at the job"),
    )
)
CHANGING = re.compile(r".*/(instances/recovery|backups)")


@dataclass(slots=True)
class Line:
    """Calls of one kind in a row. `at` is that of the newest, `status` None where the answer was lost."""

    number: int
    call: Call
    count: int = 1

    def as_json(self) -> dict[str, Any]:
        """The line for the page."""
        call = self.call
        return {
            "id": self.number,
            "at": datetime.fromtimestamp(call.at, UTC).isoformat(timespec="milliseconds"),
            "method": call.method,
            "path": call.path,
            "operation": operation(call),
            "status": call.status or None,
            "changes": changes(call),
            "count": self.count,
        }


class CallList:
    """Follows the record of a cloud's calls."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._calls = calls
        self._read = 0
        self._lines: list[Line] = []
        self._numbered = 0

    @property
    def recoveries(self) -> list[Call]:
        """The recovery calls received, in order, whatever became of them."""
        return [call for call in self._calls if is_recovery(call)]

    def lines(self) -> list[Line]:
        """The newest lines, oldest of them first."""
        for call in self._calls[self._read :]:
            self._add(call)
        self._read = len(self._calls)
        del self._lines[:-LINES_KEPT]
        return self._lines

    def _add(self, call: Call) -> None:
        last = self._lines[-1] if self._lines else None
        if last is not None and not changes(call) and _kind(last.call) == _kind(call):
            last.call = call
            last.count += 1
            return
        self._numbered += 1
        self._lines.append(Line(self._numbered, call))


def is_recovery(call: Call) -> bool:
    """Whether it is the call that overwrites an instance."""
    return call.method == "POST" and call.path.endswith("/instances/recovery")


def changes(call: Call) -> bool:
    """Whether it changes something in the cloud."""
    return call.method == "POST" and CHANGING.fullmatch(call.path) is not None


def operation(call: Call) -> str:
    """What the call does, in words."""
    for method, path, words in OPERATIONS:
        if call.method == method and path.fullmatch(call.path):
            return words
    return "Something that the cloud does not know"


def _kind(call: Call) -> tuple[str, str, int]:
    return call.method, call.path, call.status
