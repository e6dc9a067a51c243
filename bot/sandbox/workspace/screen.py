"""What is on a person's screen, as JSON for the web page, and everything at once as text for a test's failure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from bot.sandbox.workspace import shapes
from bot.sandbox.workspace.calls import ApiCall
from bot.sandbox.workspace.messages import Json, Message
from bot.sandbox.workspace.people import Channel, Person
from bot.sandbox.workspace.platform import Platform
from bot.sandbox.workspace.views import View
from bot.sandbox.workspace.workspace import SLACKBOT, Workspace

SLACKBOT_PERSON = Person(SLACKBOT, "slackbot", "Slackbot", color="#757575", is_bot=True)
CALLS_SHOWN = 15


def state(platform: Platform, user: str, *, connected: bool) -> Json:
    """Everything that the page shows to this person."""
    workspace = platform.workspace
    me = workspace.people[user]
    channels = [channel for channel in workspace.channels.values() if channel.visible_to(me)]
    home = workspace.homes.get(user)
    return {
        "team": {"id": workspace.team.id, "name": workspace.team.name},
        "me": user,
        "people": [person(each) for each in (*workspace.people.values(), SLACKBOT_PERSON)],
        "groups": [
            {"id": group.id, "handle": group.handle, "name": group.name, "users": list(group.users)}
            for group in workspace.groups.values()
        ],
        "channels": [channel(platform, each, user) for each in channels],
        "read": dict(workspace.read[user]),
        "bot": app(platform, connected=connected),
        "commands": [asdict(command) for command in platform.app.commands],
        "shortcuts": [asdict(shortcut) for shortcut in platform.app.shortcuts],
        "messages": {each.id: messages(platform, each.id, user) for each in channels},
        "views": views(platform, workspace.views[user]),
        "home": view(platform, home) if home else None,
    }


def app(platform: Platform, *, connected: bool) -> Json:
    """The app and the tabs that it has."""
    return {
        "user_id": platform.bot.id,
        "name": platform.app.name,
        "connected": connected,
        "home_tab": platform.app.home_tab,
        "messages_tab": platform.app.messages_tab,
    }


def person(found: Person) -> Json:
    """Somebody, for the list of people."""
    return {
        "id": found.id,
        "name": found.name,
        "real_name": found.real_name,
        "title": found.title,
        "color": found.color,
        "is_bot": found.is_bot,
        "is_guest": found.is_guest,
        "is_stranger": found.is_stranger,
        "tz": found.tz,
    }


def channel(platform: Platform, found: Channel, user: str) -> Json:
    """A conversation in this person's list."""
    shape: Json = {
        "id": found.id,
        "name": found.name,
        "topic": found.topic,
        "kind": found.kind.value,
        "is_archived": found.is_archived,
        "is_ext_shared": found.is_ext_shared,
        "is_member": platform.bot_is_in(found),
        "is_read_only": platform.is_read_only(found),
    }
    other = found.other(user)
    return {**shape, "name": platform.workspace.people[other].name, "with": other} if other else shape


def seen(workspace: Workspace, channel_id: str, user: str) -> list[Message]:
    """What this person sees in a conversation, oldest first."""
    own = [message for message in workspace.ephemerals_of(user) if message.channel == channel_id]
    return sorted([*workspace.messages_in(channel_id), *own], key=lambda message: float(message.ts))


def messages(platform: Platform, channel_id: str, user: str) -> list[Json]:
    """All that this person sees in a conversation, oldest first."""
    replies = Counter(each.thread_ts for each in platform.workspace.messages_in(channel_id) if each.thread_ts)
    return [_message(platform, each, replies[each.ts]) for each in seen(platform.workspace, channel_id, user)]


def message(platform: Platform, found: Message) -> Json:
    """A message."""
    replies = 0
    if found.thread_ts is None and found.ephemeral_to is None:
        replies = len(platform.workspace.thread(found.channel, found.ts)) - 1
    return _message(platform, found, replies)


def _message(platform: Platform, found: Message, replies: int) -> Json:
    shape: Json = {
        "ts": found.ts,
        "channel": found.channel,
        "user": found.user,
        "bot": found.bot,
        "text": found.text,
        "blocks": list(found.blocks),
        "reply_count": max(replies, 0),
        "edited": bool(found.edits),
        "broadcast": found.broadcast,
        "permalink": platform.permalink(found),
    }
    if found.thread_ts:
        shape["thread_ts"] = found.thread_ts
    if found.ephemeral_to:
        shape["ephemeral_to"] = found.ephemeral_to
    return shape


def views(platform: Platform, stack: Sequence[View]) -> list[Json]:
    """A stack of modals, bottom first."""
    return [view(platform, each) for each in stack]


def view(platform: Platform, found: View) -> Json:
    """A view with what is shown at its fields."""
    return {**shapes.view(platform, found), "errors": dict(found.errors)}


def dump(workspace: Workspace, calls: Sequence[ApiCall], problems: Sequence[str]) -> str:
    """Everything at once, for a person who reads a failed test."""
    lines = []
    for channel_id, messages in workspace.messages.items():
        lines += [f"{channel_id}:", *(_line(message) for message in messages.values())]
    for user, messages in workspace.ephemerals.items():
        lines += [f"only {user} sees:", *(_line(message) for message in messages.values())]
    for user, stack in workspace.views.items():
        for found in stack:
            lines.append(f"modal of {user}: {found.title} ({found.callback_id}) errors={dict(found.errors)}")
            lines += [f"    {text}" for text in found.all_text.splitlines()]
    lines += [f"home of {user}: {found.all_text!r}" for user, found in workspace.homes.items()]
    lines.append("last Web API calls:")
    lines += [f"    {call.method} {call.error or 'ok'}" for call in calls[-CALLS_SHOWN:]]
    lines += [f"problem: {problem}" for problem in problems]
    return "\n".join(lines)


def _line(found: Message) -> str:
    place = f" in {found.thread_ts}" if found.thread_ts else ""
    text = found.all_text.replace("\n", " | ")
    return f"    {found.ts}{place} {found.user}: {text} {found.buttons or ''}"
