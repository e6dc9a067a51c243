"""A running local Slack, and a small Bolt app that does what a form and a card need."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.scenario import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, demo_workspace
from bot.sandbox.workspace.config import DEMO_SCOPES
from bot.sandbox.workspace.server import AppConfig, WorkspaceServer

HISTORY = frozenset({"channels:history", "groups:history", "im:history", "im:read", "channels:join", "team:read"})


class Clock:
    """A clock that a test moves."""

    def __init__(self, at: float = 1_795_400_000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


@asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[WorkspaceServer]:
    options.setdefault("app", AppConfig(scopes=DEMO_SCOPES | HISTORY))
    server = WorkspaceServer(demo_workspace(), **options)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def client_of(server: WorkspaceServer, token: str = BOT_TOKEN) -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=server.api_url, retry_handlers=[])


async def refused(call: Any) -> dict[str, Any]:
    """The body of the error that a call ends with."""
    with pytest.raises(SlackApiError) as caught:
        await call
    body = caught.value.response.data
    assert isinstance(body, dict)
    return body


def bolt(server: WorkspaceServer) -> AsyncApp:
    return AsyncApp(client=client_of(server), signing_secret=SIGNING_SECRET)


@asynccontextmanager
async def over_socket(server: WorkspaceServer, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    handler = AsyncSocketModeHandler(app, APP_TOKEN, web_client=client_of(server))
    await handler.connect_async()
    await server.wait_for(lambda _: server.bot_connected)
    try:
        yield handler
    finally:
        await handler.close_async()


def words(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(value: str) -> dict[str, Any]:
    return {"text": words(value.title()), "value": value}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": words("Form"), "blocks": list(blocks), **more}


def form(**more: Any) -> dict[str, Any]:
    """A form with a typeahead that dispatches, a text and a radio group."""
    typeahead = {"type": "external_select", "action_id": "source", "min_query_length": 0}
    modes = [option("backup"), option("timestamp")]
    radio = {"type": "radio_buttons", "action_id": "mode", "options": modes, "initial_option": modes[0]}
    blocks: list[dict[str, Any]] = [
        {"type": "input", "block_id": "source", "label": words("Source"), "element": typeahead, "dispatch_action": True},
        {"type": "input", "block_id": "mode", "label": words("Mode"), "element": radio},
        {
            "type": "input",
            "block_id": "reason",
            "label": words("Reason"),
            "element": {"type": "plain_text_input", "action_id": "reason", "min_length": 3},
        },
    ]
    return modal(*blocks, **{"callback_id": "form", "submit": words("Check"), "close": words("Close"), **more})


def card(*buttons: str) -> list[dict[str, Any]]:
    elements = [{"type": "button", "action_id": name, "text": words(name), "value": "R-1"} for name in buttons]
    return [section("*Restore*"), *([{"type": "actions", "block_id": "buttons", "elements": elements}] if buttons else [])]


def restore_app(server: WorkspaceServer) -> AsyncApp:
    """Command → skeleton → form → options → errors → summary → card → click → finished card."""
    app = bolt(server)

    @app.command("/rds-restore")
    async def command(ack, body, client):
        await ack()
        opened = await client.views_open(trigger_id=body["trigger_id"], view=modal(section("Asking the cloud…")))
        view = opened["view"]
        await client.views_update(view_id=view["id"], hash=view["hash"], view=form(private_metadata=body["channel_id"]))

    @app.options("source")
    async def sources(ack, body):
        names = [name for name in ("orders-prod", "orders-staging", "billing") if body["value"] in name]
        await ack(options=[option(name) for name in names])

    @app.action("source")
    async def chosen(ack, body, client):
        await ack()
        name = body["actions"][0]["selected_option"]["value"]
        shown = form(private_metadata=body["view"]["private_metadata"])
        shown["blocks"].append(section(f"Chosen: {name}"))
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=shown)

    @app.view("form")
    async def submitted(ack, view):
        reason = view["state"]["values"]["reason"]["reason"]["value"]
        if reason == "just because":
            await ack(response_action="errors", errors={"reason": "Say why."})
            return
        summary = modal(
            section(reason), callback_id="summary", submit=words("Ask"), private_metadata=view["private_metadata"]
        )
        await ack(response_action="push", view=summary)

    @app.view("summary")
    async def confirmed(ack, view, client):
        await ack(response_action="clear")
        metadata = {"event_type": "restore", "event_payload": {"request_id": "R-1"}}
        await client.chat_postMessage(
            channel=view["private_metadata"], text="Restore", blocks=card("approve", "deny"), metadata=metadata
        )

    @app.action("approve")
    async def approved(ack, body, client, respond):
        await ack()
        await client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text="Approved", blocks=card("details")
        )
        await respond(text="Thank you.", response_type="ephemeral", replace_original=False)

    return app
