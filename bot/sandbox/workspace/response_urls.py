"""Response URLs: answers to an interaction that need no token.

Source: Slack's documentation of interaction responses: five uses in thirty minutes.
"""

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.sandbox.workspace.errors import ApiError
from bot.sandbox.workspace.faults import Faults
from bot.sandbox.workspace.messages import Json, Message
from bot.sandbox.workspace.passes import ResponsePass
from bot.sandbox.workspace.platform import Platform
from bot.sandbox.workspace.validation import POST_TEXT, check_blocks, check_text
from bot.sandbox.workspace.values import with_ids
from bot.sandbox.workspace.web_api import down


@dataclass(frozen=True, slots=True)
class ResponseUrls:
    """Answers /response/{name}."""

    platform: Platform
    faults: Faults

    async def handle(self, request: web.Request) -> web.Response:
        """One use."""
        if self.faults.down:
            return down()
        try:
            body = json.loads(await request.text())
            if not isinstance(body, dict):
                raise ApiError("invalid_payload")
            response = self.platform.responses.use(request.match_info["name"], self.platform.now())
            respond(self.platform, response, body)
        except ApiError as error:
            status = 404 if error.code in ("expired_url", "used_url") else 400
            return web.json_response({"ok": False, "error": error.code}, status=status)
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        return web.Response(text="ok")


def respond(platform: Platform, response: ResponsePass, body: Json) -> None:
    """Do what the body asks for. Raises ApiError if Slack would not take it."""
    workspace = platform.workspace
    original = _current(platform, response)
    if _flag(body.get("delete_original")):
        if original is None:
            raise ApiError("message_not_found")
        workspace.delete(original)
        return
    text, blocks = str(body.get("text") or ""), body.get("blocks") or []
    check_blocks(blocks)
    check_text(text, blocks, POST_TEXT)
    blocks = tuple(with_ids(blocks))
    if _flag(body.get("replace_original")) and original is not None:
        workspace.edit(original, platform.now(), text=text, blocks=blocks)
        return
    everybody = body.get("response_type") == "in_channel"
    workspace.post(
        Message(
            channel=response.channel,
            ts=workspace.next_ts(platform.now()),
            user=workspace.bot_user,
            text=text,
            blocks=blocks,
            bot=True,
            thread_ts=body.get("thread_ts") or response.thread_ts,
            ephemeral_to=None if everybody else response.user,
        )
    )


def _current(platform: Platform, response: ResponsePass) -> Message | None:
    if response.original is None:
        return None
    return platform.workspace.message(response.channel, response.original.ts, response.user)


def _flag(value: Any) -> bool:
    return value is True or value == "true"
