"""Who and where: people, user groups and conversations of a workspace."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Team:
    """A workspace's identity."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the workspace; the app's bot user is one too."""

    id: str
    name: str
    """The handle."""
    real_name: str
    title: str = ""
    tz: str = "Etc/UTC"
    color: str = "#4a5568"
    is_bot: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    """A guest who sees some channels only."""
    is_ultra_restricted: bool = False
    """A guest who sees one channel only."""
    is_stranger: bool = False
    """Somebody of another organisation."""
    deleted: bool = False
    """A deactivated account."""
    team_id: str = ""
    """The home workspace where it is not this one."""

    @property
    def is_guest(self) -> bool:
        """Whether this is a guest of the workspace."""
        return self.is_restricted or self.is_ultra_restricted

    @property
    def sees_only_own(self) -> bool:
        """Whether this person sees only the channels that they are in: guests, and people of other organisations."""
        return self.is_guest or self.is_stranger


@dataclass(frozen=True, slots=True)
class Group:
    """A user group."""

    id: str
    handle: str
    name: str
    users: tuple[str, ...]
    disabled: bool = False


class Kind(StrEnum):
    """What a conversation is."""

    PUBLIC = "channel"
    PRIVATE = "private"
    IM = "im"


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation."""

    id: str
    name: str
    kind: Kind = Kind.PUBLIC
    members: frozenset[str] = frozenset()
    topic: str = ""
    is_archived: bool = False
    is_ext_shared: bool = False

    def visible_to(self, person: Person) -> bool:
        """Guests, strangers, and everybody where it is not public, must be members."""
        return person.id in self.members or (self.kind is Kind.PUBLIC and not person.sees_only_own)

    def other(self, person: str) -> str | None:
        """The other side of a direct message."""
        if self.kind is not Kind.IM:
            return None
        return next(iter(self.members - {person}), person)
