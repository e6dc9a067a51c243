"""conversations.*: channels, their members and what was said in them.

Source: Slack's reference of these methods.
"""

from dataclasses import replace

from bot.sandbox.workspace import shapes
from bot.sandbox.workspace.calls import Call, Method
from bot.sandbox.workspace.errors import ApiError
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.people import Channel, Kind

HISTORY_SCOPES = {Kind.PUBLIC: "channels:history", Kind.PRIVATE: "groups:history", Kind.IM: "im:history"}
ANY_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
ANY_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")


def info(call: Call) -> Json:
    """conversations.info."""
    channel = call.readable_channel()
    shape = shapes.channel(call.platform, channel)
    if call.flag("include_num_members"):
        shape["num_members"] = len(channel.members)
    return {"channel": shape}


def open_conversation(call: Call) -> Json:
    """conversations.open, for one person or an existing direct message."""
    workspace = call.platform.workspace
    if call.text("channel"):
        channel = call.channel()
        if channel.kind is not Kind.IM:
            raise ApiError("method_not_supported_for_channel_type")
    else:
        users = [user for user in call.required("users").split(",") if user]
        if len(users) != 1:
            raise ApiError("missing_scope", needed="mpim:write", provided=",".join(sorted(call.platform.app.scopes)))
        person = workspace.people.get(users[0])
        if person is None:
            raise ApiError("user_not_found")
        if person.deleted:
            raise ApiError("user_disabled")
        if person.is_bot:
            raise ApiError("cannot_dm_bot")
        channel = workspace.direct(person.id, workspace.bot_user)
    shape = shapes.channel(call.platform, channel) if call.flag("return_im") else {"id": channel.id}
    return {"channel": shape, "no_op": False, "already_open": False}


def members(call: Call) -> Json:
    """conversations.members."""
    return call.page(sorted(call.readable_channel().members), "members")


def join(call: Call) -> Json:
    """conversations.join, for public channels."""
    workspace = call.platform.workspace
    channel = call.channel()
    if channel.kind is not Kind.PUBLIC:
        raise ApiError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise ApiError("is_archived")
    if not call.platform.bot_is_in(channel):
        channel = workspace.set_channel(replace(channel, members=channel.members | {workspace.bot_user}))
    return {"channel": shapes.channel(call.platform, channel)}


def history(call: Call) -> Json:
    """conversations.history: the newest first, replies only where they were broadcast."""
    channel = _history_channel(call)
    shown = [
        shapes.message(call.platform, message, with_metadata=call.flag("include_all_metadata"))
        for message in reversed(call.platform.workspace.messages_in(channel.id))
        if (message.thread_ts is None or message.broadcast) and _in_range(call, message.ts)
    ]
    page = call.page(shown, "messages")
    return {**page, "has_more": bool(page["response_metadata"]["next_cursor"])}


def replies(call: Call) -> Json:
    """conversations.replies: the root and its replies, oldest first."""
    channel = _history_channel(call)
    root = call.platform.workspace.message(channel.id, call.required("ts"))
    if root is None:
        raise ApiError("thread_not_found")
    thread = [
        shapes.message(call.platform, message, with_metadata=call.flag("include_all_metadata"))
        for message in call.platform.workspace.thread(channel.id, root.root)
        if message.ts == root.root or _in_range(call, message.ts)
    ]
    page = call.page(thread, "messages", 1000)
    return {**page, "has_more": bool(page["response_metadata"]["next_cursor"])}


def _history_channel(call: Call) -> Channel:
    channel = call.channel()
    call.needs(HISTORY_SCOPES[channel.kind])
    if not call.platform.bot_is_in(channel):
        raise ApiError("not_in_channel")
    return channel


def _in_range(call: Call, ts: str) -> bool:
    oldest, latest = call.text("oldest", "0"), call.text("latest", "9999999999")
    if call.flag("inclusive"):
        return float(oldest) <= float(ts) <= float(latest)
    return float(oldest) < float(ts) < float(latest)


METHODS = {
    "conversations.info": Method(info, ANY_READ, 50),
    "conversations.open": Method(open_conversation, ("im:write", "mpim:write"), 50),
    "conversations.members": Method(members, ANY_READ, 100),
    "conversations.join": Method(join, ("channels:join",), 50),
    "conversations.history": Method(history, ANY_HISTORY, 50),
    "conversations.replies": Method(replies, ANY_HISTORY, 50),
}
