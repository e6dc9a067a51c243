"""Where the app is installed, and the client that speaks with that place's token."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.people import Person


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace, or a whole organisation of Enterprise Grid, where the app is installed."""

    client: AsyncWebClient
    enterprise: str
    """Empty outside Enterprise Grid."""
    team: str
    """Empty where the app is installed for the whole organisation."""
    bot_user: str = ""
    bot_id: str = ""


class Workspaces(Protocol):
    """Finds the workspace for a person, or for a request by the person who asked."""

    async def of(self, person: Person) -> Workspace:
        """Raises Refused `not_installed`; Unavailable while that cannot be said."""
        ...

    async def all(self) -> Sequence[Workspace]:
        """All of them. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class OneWorkspace:
    """The one that the bot token belongs to."""

    workspace: Workspace

    async def of(self, person: Person) -> Workspace:
        """Always the same: nobody else's requests come with our token."""
        del person
        return self.workspace

    async def all(self) -> Sequence[Workspace]:
        """It alone."""
        return (self.workspace,)
