"""chat.*: posting, editing and deleting messages.

Source: Slack's reference of chat.postMessage, chat.update, chat.delete, chat.postEphemeral and chat.getPermalink.
"""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.workspace import shapes
from bot.sandbox.workspace.calls import Call, Method
from bot.sandbox.workspace.errors import ApiError
from bot.sandbox.workspace.messages import Json, Message
from bot.sandbox.workspace.people import Channel, Kind
from bot.sandbox.workspace.validation import POST_TEXT, UPDATE_TEXT, check_blocks, check_metadata, check_text
from bot.sandbox.workspace.values import with_ids

UNLIMITED = 1_000_000


def post_message(call: Call) -> Json:
    """chat.postMessage."""
    channel = _where(call)
    text, blocks = call.text("text"), _blocks(call)
    check_text(text, blocks or [], POST_TEXT)
    metadata = _metadata(call)
    workspace = call.platform.workspace
    message = workspace.post(
        Message(
            channel=channel.id,
            ts=workspace.next_ts(call.platform.now()),
            user=workspace.bot_user,
            text=text,
            blocks=tuple(blocks or ()),
            bot=True,
            thread_ts=_thread(call, channel),
            broadcast=call.flag("reply_broadcast"),
            metadata=metadata,
        )
    )
    shape = shapes.message(call.platform, message, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shape}


def update(call: Call) -> Json:
    """chat.update. Blocks and metadata that are not given stay."""
    channel = call.channel()
    old = _own_message(call, channel, "cant_update_message")
    blocks = _blocks(call)
    kept = list(old.blocks) if blocks is None else blocks
    text = call.text("text", "" if blocks else old.text)
    check_text(text, kept, UPDATE_TEXT)
    if channel.is_archived:
        raise ApiError("is_archived")
    metadata = _metadata(call) if "metadata" in call.arguments else old.metadata
    message = call.platform.workspace.edit(
        old, call.platform.now(), text=text, blocks=tuple(kept), metadata=metadata or None
    )
    shape = shapes.message(call.platform, message, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": shape}


def delete(call: Call) -> Json:
    """chat.delete."""
    channel = call.channel()
    message = _own_message(call, channel, "cant_delete_message")
    call.platform.workspace.delete(message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(call: Call) -> Json:
    """chat.postEphemeral."""
    channel = _where(call)
    user = call.required("user")
    if user not in channel.members:
        raise ApiError("user_not_in_channel")
    text, blocks = call.text("text"), _blocks(call)
    check_text(text, blocks or [], POST_TEXT)
    workspace = call.platform.workspace
    message = workspace.post(
        Message(
            channel=channel.id,
            ts=workspace.next_ts(call.platform.now()),
            user=workspace.bot_user,
            text=text,
            blocks=tuple(blocks or ()),
            bot=True,
            thread_ts=_thread(call, channel),
            ephemeral_to=user,
        )
    )
    return {"message_ts": message.ts}


def get_permalink(call: Call) -> Json:
    """chat.getPermalink."""
    channel = call.channel()
    message = call.platform.workspace.message(channel.id, call.required("message_ts"))
    if message is None:
        raise ApiError("message_not_found")
    return {"channel": channel.id, "permalink": call.platform.permalink(message)}


def _where(call: Call) -> Channel:
    """Where the bot may post: a channel that it is in, or a person."""
    name = call.required("channel")
    workspace = call.platform.workspace
    if name in workspace.people:
        if name == workspace.bot_user or workspace.people[name].is_bot:
            raise ApiError("channel_not_found")
        if not call.platform.app.messages_tab:
            raise ApiError("messages_tab_disabled")
        return workspace.direct(name, workspace.bot_user)
    channel = call.channel()
    if channel.is_archived:
        raise ApiError("is_archived")
    if not call.platform.bot_is_in(channel):
        public = channel.kind is Kind.PUBLIC and "chat:write.public" in call.platform.app.scopes
        if not public:
            raise ApiError("not_in_channel")
    return channel


def _blocks(call: Call) -> list[Json] | None:
    blocks = call.structure("blocks")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise ApiError("invalid_blocks_format")
    check_blocks(blocks)
    return with_ids(blocks)


def _metadata(call: Call) -> Mapping[str, Any] | None:
    metadata: dict[str, Any] | None = call.structure("metadata")
    if metadata:
        check_metadata(metadata)
    return metadata or None


def _thread(call: Call, channel: Channel) -> str | None:
    """The root that is replied to. A reply is no root: Slack advises against it, so it is refused here."""
    thread = call.text("thread_ts")
    if not thread:
        return None
    root = call.platform.workspace.message(channel.id, thread)
    if root is None:
        raise ApiError("thread_not_found")
    if root.thread_ts is not None:
        raise ApiError("cannot_reply_to_message")
    return thread


def _own_message(call: Call, channel: Channel, refusal: str) -> Message:
    message = call.platform.workspace.message(channel.id, call.required("ts"))
    if message is None:
        raise ApiError("message_not_found")
    if not message.bot:
        raise ApiError(refusal)
    return message


METHODS = {
    "chat.postMessage": Method(post_message, ("chat:write",), UNLIMITED),
    "chat.update": Method(update, ("chat:write",), 50),
    "chat.delete": Method(delete, ("chat:write",), 50),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",), 100),
    "chat.getPermalink": Method(get_permalink, (), UNLIMITED),
}
