"""The reference: a bare Bolt app that does what the bot does for a slash command, and nothing else."""

import asyncio
import os
import sys
from typing import Any

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.render.form import FormState, restore_form, skeleton

FORM = restore_form(FormState(channel=None, thread=None, project="prod"), ["prod"], "{}", offers_backup=True)


async def main() -> None:
    """Serve until SIGTERM."""
    secret = os.environ.get("SLACK_SIGNING_SECRET")
    client = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
    app = AsyncApp(client=client, signing_secret=secret, request_verification_enabled=secret is not None)

    @app.command("/rds-restore")
    async def restore(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        opened = await client.views_open(trigger_id=body["trigger_id"], view=skeleton())
        view: dict[str, Any] = opened["view"]
        await client.views_update(view=FORM, view_id=view["id"], hash=view["hash"])

    if secret is None:
        await AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).connect_async()
        sys.stderr.write("ready\n")
    else:
        runner = web.AppRunner(app.web_app(path="/slack/events"), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        sys.stderr.write(f'ready "url": "http://127.0.0.1:{runner.addresses[0][1]}"\n')
    sys.stderr.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
