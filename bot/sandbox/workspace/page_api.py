"""What the web page asks for: the state of a screen, and what a person does there. It is a sandbox: nobody logs in."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.sandbox.workspace import screen
from bot.sandbox.workspace.actor import Actor
from bot.sandbox.workspace.courier import Courier
from bot.sandbox.workspace.errors import NotThere
from bot.sandbox.workspace.interactions import Outcome
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.modals import Modals
from bot.sandbox.workspace.platform import Platform
from bot.sandbox.workspace.values import merged

FOLDER = Path(__file__).parent / "page"
FRESH = {"Cache-Control": "no-cache"}

Deed = Callable[[Actor, Mapping[str, Any]], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class PageApi:
    """Answers /, /page and /_page."""

    platform: Platform
    courier: Courier
    actor: Callable[[str], Actor]

    def routes(self) -> list[web.RouteDef]:
        """All of them but the WebSocket."""
        deeds: dict[str, Deed] = {
            "message": say,
            "command": command,
            "action": action,
            "options": options,
            "submit": submit,
            "close": close,
            "shortcut": shortcut,
            "home": home,
            "open_dm": open_dm,
            "read": read,
        }
        return [
            web.get("/", self._index),
            web.get("/archives/{channel}/{message}", self._index),
            web.get("/page/{file}", self._file),
            web.get("/_page/state", self._state),
            *(web.post(f"/_page/{name}", self._doing(deed)) for name, deed in deeds.items()),
        ]

    async def _index(self, request: web.Request) -> web.StreamResponse:  # noqa: ARG002 - aiohttp's signature
        return _served("index.html")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return _served(request.match_info["file"])

    async def _state(self, request: web.Request) -> web.Response:
        user = request.query.get("user", "")
        if user not in self.platform.workspace.people:
            return web.json_response({"ok": False, "error": f"there is no {user}"}, status=404)
        return web.json_response(screen.state(self.platform, user, connected=self.courier.line.connected))

    def _doing(self, deed: Deed) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            try:
                body = json.loads(await request.text())
                return web.json_response(await deed(self.actor(str(body["user"])), body))
            except KeyError as error:
                return web.json_response({"ok": False, "error": f"missing: {error}"}, status=400)
            except (NotThere, ValueError, TypeError) as error:
                return web.json_response({"ok": False, "error": str(error)})

        return handle


async def say(actor: Actor, body: Mapping[str, Any]) -> Json:
    """Write a message."""
    message = actor.say(body["channel"], body["text"], body.get("thread_ts"))
    return {"ok": True, "message": screen.message(actor.platform, message)}


async def command(actor: Actor, body: Mapping[str, Any]) -> Json:
    """Type a slash command."""
    return _answer(await actor.command(body["channel"], body["text"]))


async def action(actor: Actor, body: Mapping[str, Any]) -> Json:
    """Use an element of a message or a view."""
    chosen = {**body.get("action", {}), "action_id": body["action_id"]}
    if "view_id" not in body:
        place = body["message"]
        clicked = await actor.click(
            place["channel"], place["ts"], body["action_id"], block_id=body["block_id"], action=chosen
        )
        return _answer(clicked)
    _enter(actor, body)
    return _answer(await actor.view_action(body["view_id"], body["block_id"], chosen))


async def options(actor: Actor, body: Mapping[str, Any]) -> Json:
    """Type into an external select."""
    if "view_id" in body:
        _enter(actor, body)
        found = await actor.options(body["view_id"], body["block_id"], body["value"], body["action_id"])
    else:
        message = actor.interactions.message(actor.user, body["message"]["channel"], body["message"]["ts"])
        found = await actor.interactions.suggest(actor.user, message, body["block_id"], body["action_id"], body["value"])
    return {**_answer(found), "options": list(found.options)}


async def submit(actor: Actor, body: Mapping[str, Any]) -> Json:
    """Press a modal's submit button."""
    outcome = await actor.submissions.submit(actor.user, body["view_id"], _values(body))
    answer: Json = {**_answer(outcome), "views": screen.views(actor.platform, actor.views)}
    if outcome.errors:
        # Errors at fields are an answer, not a failure.
        answer |= {"ok": True, "errors": dict(outcome.errors)}
    return answer


async def close(actor: Actor, body: Mapping[str, Any]) -> Json:
    """Press a modal's close button."""
    outcome = await actor.close(body["view_id"], everything=bool(body.get("all", False)))
    return {**_answer(outcome), "views": screen.views(actor.platform, actor.views)}


async def shortcut(actor: Actor, body: Mapping[str, Any]) -> Json:
    """Use a shortcut."""
    return _answer(await actor.shortcut(body["callback_id"], body.get("channel"), body.get("ts")))


async def home(actor: Actor, body: Mapping[str, Any]) -> Json:  # noqa: ARG001 - the shape of a deed
    """Open the app's Home tab."""
    return _answer(await actor.open_home())


async def open_dm(actor: Actor, body: Mapping[str, Any]) -> Json:
    """Open the direct messages with somebody."""
    if body["with"] not in actor.platform.workspace.people:
        raise NotThere(f"there is no {body['with']}")
    channel = actor.platform.workspace.direct(actor.user, body["with"])
    return {"ok": True, "channel": screen.channel(actor.platform, channel, actor.user)}


async def read(actor: Actor, body: Mapping[str, Any]) -> Json:
    """Note up to which message a conversation was seen."""
    actor.interactions.place(actor.user, body["channel"])
    actor.platform.workspace.mark_read(actor.user, body["channel"], body["ts"])
    return {"ok": True}


def _answer(outcome: Outcome) -> Json:
    return {"ok": False, "error": outcome.error} if outcome.error else {"ok": True}


def _values(body: Mapping[str, Any]) -> Mapping[str, Any]:
    values: Mapping[str, Any] = (body.get("state") or {}).get("values") or {}
    return values


def _enter(actor: Actor, body: Mapping[str, Any]) -> None:
    """What else was entered in the view travels with every action."""
    view = actor.platform.workspace.view(body["view_id"])
    if view is not None and view.user == actor.user:
        Modals(actor.platform).enter(view, merged(view, _values(body)))


def _served(name: str) -> web.StreamResponse:
    path = FOLDER / Path(name).name
    if not path.is_file():
        return web.Response(status=404, text=f"there is no {name}")
    return web.FileResponse(path, headers=FRESH)
