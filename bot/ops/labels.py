"""Keeps the values of a label few, where they come from outside: each one is a series that Prometheus keeps for weeks."""

import re

OTHER = "other"
_FINE = re.compile(r"[A-Za-z0-9_.]{1,60}")


class Bounded:
    """The first `most` different values as they are; all later ones, and whatever does not look like a code, as "other"."""

    def __init__(self, most: int = 100) -> None:
        self._most = most
        self._known: set[str] = set()

    def __call__(self, value: str) -> str:
        """The label for this value."""
        if value not in self._known:
            if len(self._known) >= self._most or not _FINE.fullmatch(value):
                return OTHER
            self._known.add(value)
        return value
