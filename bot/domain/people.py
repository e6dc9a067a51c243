"""People and places, as Slack names them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """The identity of somebody in Slack: enterprise, team and user together (user ids alone are not unique)."""

    enterprise: str
    """Empty outside Enterprise Grid."""
    team: str
    user: str

    @property
    def organisation(self) -> str:
        """Within which user ids are unique: the enterprise, else the workspace."""
        return self.enterprise or self.team


SYSTEM = Person("", "", "system")
"""The actor of what the program does by itself."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What Slack says of a person at this moment, as far as it matters for a decision (source: users.info)."""

    user: str
    team: str
    name: str
    time_zone: str = "UTC"
    is_bot: bool = False
    deactivated: bool = False
    guest: bool = False
    outside: bool = False
    """Belongs to another workspace that shares a channel with ours."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A user group whose members Slack did not tell, and why, in a sentence."""

    why: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request lives in Slack. `thread` is the root message's timestamp, where the request was made in a thread."""

    channel: str
    thread: str | None = None
