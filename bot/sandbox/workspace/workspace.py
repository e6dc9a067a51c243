"""The state of the local Slack. Everything that changes it tells those who watch."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from bot.sandbox.workspace.changes import (
    Change,
    ChannelChanged,
    HomeChanged,
    MessageChanged,
    MessageDeleted,
    ReadChanged,
    ViewsChanged,
)
from bot.sandbox.workspace.messages import Json, Message, Version
from bot.sandbox.workspace.people import Channel, Group, Kind, Person, Team
from bot.sandbox.workspace.views import View

SLACKBOT = "USLACKBOT"
Watcher = Callable[[Change], None]


class Workspace:
    """One workspace: its people and conversations, what was said, and what is on each person's screen."""

    def __init__(
        self, team: Team, *, bot_user: str, people: Iterable[Person], groups: Iterable[Group], channels: Iterable[Channel]
    ) -> None:
        self.team = team
        self.bot_user = bot_user
        self.people = {person.id: person for person in people}
        self.groups = {group.id: group for group in groups}
        self.channels = {channel.id: channel for channel in channels}
        self.messages: defaultdict[str, dict[str, Message]] = defaultdict(dict)
        """Channel → ts → message, oldest first."""
        self.ephemerals: defaultdict[str, dict[str, Message]] = defaultdict(dict)
        """Person → ts → message that only they see."""
        self.views: defaultdict[str, tuple[View, ...]] = defaultdict(tuple)
        """Person → their stack of modals, bottom first."""
        self.homes: dict[str, View] = {}
        self.read: defaultdict[str, dict[str, str]] = defaultdict(dict)
        """Person → conversation → ts of the newest message that they have seen."""
        self._watchers: list[Watcher] = []
        self._last_ts = 0

    def watch(self, watcher: Watcher) -> None:
        """Call `watcher` at every change, from now on."""
        self._watchers.append(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """Call it no longer."""
        self._watchers.remove(watcher)

    def tell(self, change: Change) -> None:
        """Tell those who watch."""
        for watcher in tuple(self._watchers):
            watcher(change)

    def messages_in(self, channel: str) -> list[Message]:
        """What everybody in a channel sees, threads included, oldest first."""
        return list(self.messages[channel].values())

    def thread(self, channel: str, root: str) -> list[Message]:
        """A thread's root and its replies."""
        return [message for message in self.messages[channel].values() if message.root == root]

    def ephemerals_of(self, user: str) -> list[Message]:
        """What only this person sees, oldest first."""
        return list(self.ephemerals[user].values())

    def message(self, channel: str, ts: str, user: str | None = None) -> Message | None:
        """A message; with `user`, also one that only this person sees."""
        found = self.messages[channel].get(ts)
        if found is None and user is not None:
            found = self.ephemerals[user].get(ts)
        return found if found is not None and found.channel == channel else None

    def next_ts(self, now: float) -> str:
        """A message ts that no other message has, in order."""
        self._last_ts = max(self._last_ts + 1, int(now * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def post(self, message: Message) -> Message:
        """Store a new message, or an ephemeral one."""
        if message.ephemeral_to is not None:
            self.ephemerals[message.ephemeral_to][message.ts] = message
        else:
            self.messages[message.channel][message.ts] = message
        self.tell(MessageChanged(message))
        return message

    def mark_read(self, user: str, channel: str, ts: str) -> None:
        """A person has seen a conversation up to this message. What they saw stays seen."""
        if float(ts) > float(self.read[user].get(channel, "0")):
            self.read[user][channel] = ts
            self.tell(ReadChanged(user, channel, ts))

    def say(self, channel: str, user: str, text: str, now: float, thread_ts: str | None = None) -> Message:
        """A person writes a message."""
        return self.post(Message(channel, self.next_ts(now), user, text, thread_ts=thread_ts))

    def edit(self, old: Message, now: float, *, text: str, blocks: tuple[Json, ...], **fields: Any) -> Message:
        """Replace what a message says, and remember what it said."""
        before = Version(old.text, old.blocks, now)
        return self.post(replace(old, text=text, blocks=blocks, edits=(*old.edits, before), **fields))

    def delete(self, message: Message) -> None:
        """Remove a message."""
        shelf = self.messages[message.channel] if message.ephemeral_to is None else self.ephemerals[message.ephemeral_to]
        del shelf[message.ts]
        self.tell(MessageDeleted(message))

    def show(self, user: str, views: Iterable[View]) -> None:
        """Replace somebody's stack of modals."""
        self.views[user] = tuple(views)
        self.tell(ViewsChanged(user, self.views[user]))

    def put(self, view: View) -> None:
        """Replace one view, wherever it is shown."""
        self.note(view)
        self.tell(HomeChanged(view) if view.type == "home" else ViewsChanged(view.user, self.views[view.user]))

    def note(self, view: View) -> None:
        """Store what its owner did to a view. Nobody is told: that person's screen shows it already."""
        if view.type == "home":
            self.homes[view.user] = view
        else:
            stack = self.views[view.user]
            self.views[view.user] = tuple(view if each.id == view.id else each for each in stack)

    def view(self, view_id: str) -> View | None:
        """An open modal or a Home tab."""
        return next((view for view in self.all_views() if view.id == view_id), None)

    def all_views(self) -> list[View]:
        """Every view on every screen."""
        return [view for stack in self.views.values() for view in stack] + list(self.homes.values())

    def set_channel(self, channel: Channel) -> Channel:
        """Add or change a conversation."""
        self.channels[channel.id] = channel
        self.tell(ChannelChanged(channel.id))
        return channel

    def direct(self, one: str, other: str) -> Channel:
        """The direct messages between two people; made at first use."""
        both = frozenset({one, other})
        for channel in self.channels.values():
            if channel.kind is Kind.IM and channel.members == both:
                return channel
        return self.set_channel(Channel(f"D{len(self.channels) + 1:07d}", "directmessage", Kind.IM, both))
