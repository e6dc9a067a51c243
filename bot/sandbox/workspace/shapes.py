"""How people, conversations, messages and views look in Slack's JSON."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.workspace.messages import Json, Message
from bot.sandbox.workspace.people import Channel, Group, Kind, Person
from bot.sandbox.workspace.platform import Platform
from bot.sandbox.workspace.views import View
from bot.sandbox.workspace.workspace import Workspace


def user(workspace: Workspace, person: Person, now: float) -> Json:
    """users.info's `user`."""
    zone = ZoneInfo(person.tz)
    offset = datetime.fromtimestamp(now, UTC).astimezone(zone).utcoffset()
    team = person.team_id or workspace.team.id
    shape: Json = {
        "id": person.id,
        "team_id": team,
        "name": person.name,
        "deleted": person.deleted,
        "color": person.color.removeprefix("#"),
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": {
            "title": person.title,
            "real_name": person.real_name,
            "real_name_normalized": person.real_name,
            "display_name": person.name,
            "display_name_normalized": person.name,
            "status_text": "",
            "status_emoji": "",
            "team": team,
        },
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": int(now),
    }
    if person.is_stranger:
        shape["is_stranger"] = True
    return shape


def group(found: Group, team_id: str, *, with_users: bool) -> Json:
    """One entry of usergroups.list."""
    shape: Json = {
        "id": found.id,
        "team_id": team_id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": found.name,
        "handle": found.handle,
        "description": "",
        "is_external": False,
        "date_delete": 1 if found.disabled else 0,
        "user_count": len(found.users),
    }
    if with_users:
        shape["users"] = list(found.users)
    return shape


def channel(platform: Platform, found: Channel) -> Json:
    """conversations.info's `channel`, as the bot sees it."""
    if found.kind is Kind.IM:
        return {
            "id": found.id,
            "created": 0,
            "is_archived": False,
            "is_im": True,
            "is_org_shared": False,
            "user": found.other(platform.workspace.bot_user),
            "is_user_deleted": False,
        }
    private = found.kind is Kind.PRIVATE
    return {
        "id": found.id,
        "name": found.name,
        "name_normalized": found.name,
        "is_channel": not private,
        "is_group": private,
        "is_im": False,
        "is_mpim": False,
        "is_private": private,
        "created": 0,
        "is_archived": found.is_archived,
        "is_general": found.name == "general",
        "is_shared": found.is_ext_shared,
        "is_ext_shared": found.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "is_member": platform.bot_is_in(found),
        "context_team_id": platform.workspace.team.id,
        "topic": {"value": found.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
    }


def message(platform: Platform, found: Message, *, with_metadata: bool = False) -> Json:
    """A message in an answer or a payload."""
    shape: Json = {
        "type": "message",
        "user": found.user,
        "ts": found.ts,
        "text": found.text,
        "team": platform.workspace.team.id,
    }
    if found.blocks:
        shape["blocks"] = list(found.blocks)
    if found.bot:
        shape |= {"bot_id": platform.app.bot_id, "app_id": platform.app.app_id}
    if found.edits:
        shape["edited"] = {"user": found.user, "ts": f"{found.edits[-1].until:.6f}"}
    replies = [reply for reply in platform.workspace.thread(found.channel, found.root) if reply.thread_ts]
    if found.thread_ts:
        shape |= {"thread_ts": found.thread_ts}
        if found.broadcast:
            shape["subtype"] = "thread_broadcast"
    elif replies and found.ephemeral_to is None:
        shape |= {
            "thread_ts": found.ts,
            "reply_count": len(replies),
            "reply_users": sorted({reply.user for reply in replies}),
            "latest_reply": replies[-1].ts,
        }
    if with_metadata and found.metadata is not None:
        shape["metadata"] = dict(found.metadata)
    return shape


def view(platform: Platform, found: View) -> Json:
    """A view in an answer or a payload."""
    body = found.body
    shape: Json = {
        "id": found.id,
        "team_id": platform.workspace.team.id,
        "type": found.type,
        "blocks": list(found.blocks),
        "private_metadata": found.private_metadata,
        "callback_id": found.callback_id,
        "external_id": found.external_id,
        "state": {"values": {block: dict(held) for block, held in found.values.items()}},
        "hash": found.hash,
        "clear_on_close": body.get("clear_on_close", False),
        "notify_on_close": body.get("notify_on_close", False),
        "root_view_id": found.root_id,
        "previous_view_id": found.previous_id,
        "app_id": platform.app.app_id,
        "app_installed_team_id": platform.workspace.team.id,
        "bot_id": platform.app.bot_id,
    }
    words: dict[str, Any] = {name: body.get(name) for name in ("title", "submit", "close")}
    return {**shape, **words, "submit_disabled": body.get("submit_disabled", False)}
