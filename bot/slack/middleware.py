"""What every listener is given: who did it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack.payloads import person_of


def register(app: AsyncApp) -> None:
    """Runs before every listener."""

    @app.middleware
    async def identify(
        body: dict[str, Any],
        context: AsyncBoltContext,
        next: Callable[[], Awaitable[None]],  # noqa: A002 - Bolt's name
    ) -> None:
        event = body.get("event")
        if isinstance(event, Mapping) and "user" not in event:
            # What Slack itself reports, nobody did.
            await next()
            return
        context["person"] = person_of(body)
        await next()
