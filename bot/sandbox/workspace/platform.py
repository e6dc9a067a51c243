"""What every part of the local Slack shares."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.workspace.config import AppConfig
from bot.sandbox.workspace.functions import Functions
from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.passes import ResponsePass, ResponsePasses, Trigger, Triggers
from bot.sandbox.workspace.people import Channel, Kind, Person
from bot.sandbox.workspace.workspace import Workspace


@dataclass(slots=True)
class Platform:
    """The workspace, the app that is installed in it, and the clock."""

    workspace: Workspace
    app: AppConfig
    now: Callable[[], float]
    url: str = ""
    """Where the server answers, without a slash at the end."""
    triggers: Triggers = field(default_factory=Triggers)
    responses: ResponsePasses = field(default_factory=ResponsePasses)
    functions: Functions = field(default_factory=Functions)
    problems: list[str] = field(default_factory=list)
    """What the app answered that Slack would not understand, in words, in order. Empty for a correct app."""

    @property
    def bot(self) -> Person:
        """The app's bot user."""
        return self.workspace.people[self.workspace.bot_user]

    def trigger(self, user: str, *, channel: str | None = None, in_modal: bool = False) -> str:
        """A new trigger id."""
        return self.triggers.issue(Trigger(user, self.now(), channel, in_modal))

    def response_url(self, user: str, channel: str, original: Message | None = None) -> str:
        """A new response URL."""
        thread = original.thread_ts if original else None
        name = self.responses.issue(ResponsePass(user, channel, self.now(), original, thread))
        return f"{self.url}/response/{name}"

    def view_hash(self) -> str:
        """A view's next hash."""
        return f"{int(self.now())}.{secrets.token_hex(4)}"

    def permalink(self, message: Message) -> str:
        """Where a message can be opened."""
        link = f"{self.url}/archives/{message.channel}/p{message.ts.replace('.', '')}"
        return f"{link}?thread_ts={message.thread_ts}&cid={message.channel}" if message.thread_ts else link

    def is_read_only(self, channel: Channel) -> bool:
        """Whether these are messages of the app that people cannot answer."""
        return self.app.messages_read_only and channel.kind is Kind.IM and self.bot_is_in(channel)

    def bot_is_in(self, channel: Channel) -> bool:
        """Whether the bot is a member."""
        return self.workspace.bot_user in channel.members
