"""What can change in a workspace: told to whoever watches it."""

from dataclasses import dataclass

from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.views import View


@dataclass(frozen=True, slots=True)
class MessageChanged:
    """A message is new or was edited."""

    message: Message


@dataclass(frozen=True, slots=True)
class MessageDeleted:
    """A message is gone."""

    message: Message


@dataclass(frozen=True, slots=True)
class ViewsChanged:
    """Somebody's stack of modals, bottom first."""

    user: str
    views: tuple[View, ...]


@dataclass(frozen=True, slots=True)
class HomeChanged:
    """Somebody's Home tab."""

    home: View


@dataclass(frozen=True, slots=True)
class ChannelChanged:
    """A conversation is new or has changed."""

    channel: str


@dataclass(frozen=True, slots=True)
class ReadChanged:
    """Somebody has read a conversation up to a message."""

    user: str
    channel: str
    ts: str


@dataclass(frozen=True, slots=True)
class BotChanged:
    """The app came or went."""

    connected: bool


@dataclass(frozen=True, slots=True)
class CallMade:
    """The app made a Web API call."""

    method: str


Change = MessageChanged | MessageDeleted | ViewsChanged | HomeChanged | ChannelChanged | ReadChanged | BotChanged | CallMade
