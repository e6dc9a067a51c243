"""Brings payloads to the app, by whichever line it has; events again if nobody acknowledges them."""

import asyncio
from dataclasses import replace

from bot.sandbox.workspace.delivery import Ack, Envelope, Line
from bot.sandbox.workspace.messages import Json

REASONS = {
    "operation_timeout": "timeout",
    "dispatch_failed": "connection_failed",
    "http_client_error": "http_error",
    "http_service_error": "http_error",
}


class Courier:
    """One app's post."""

    def __init__(self, line: Line, event_retries: tuple[float, ...]) -> None:
        self.line = line
        """May be exchanged while nothing is under way."""
        self._event_retries = event_retries
        self._retrying: set[asyncio.Task[None]] = set()

    async def command(self, payload: Json) -> Ack:
        """A slash command."""
        return await self.line.deliver(Envelope("slash_commands", payload))

    async def interaction(self, payload: Json) -> Ack:
        """A click, a submission, a shortcut or a question for options. Never sent twice."""
        return await self.line.deliver(Envelope("interactive", payload))

    async def event(self, payload: Json) -> Ack:
        """An event. The answer is that to the first attempt; further ones follow by themselves."""
        envelope = Envelope("events_api", payload, accepts_response=False)
        ack = await self.line.deliver(envelope)
        if ack.problem is not None:
            task = asyncio.create_task(self._again(envelope, ack.problem))
            self._retrying.add(task)
            task.add_done_callback(self._retrying.discard)
        return ack

    async def close(self) -> None:
        """Stop retrying and hang up."""
        for task in tuple(self._retrying):
            task.cancel()
        await asyncio.gather(*self._retrying, return_exceptions=True)
        await self.line.close()

    async def _again(self, envelope: Envelope, problem: str) -> None:
        for attempt, wait in enumerate(self._event_retries, start=1):
            await asyncio.sleep(wait)
            retried = replace(envelope, retry_attempt=attempt, retry_reason=REASONS[problem])
            ack = await self.line.deliver(retried)
            if ack.problem is None:
                return
            problem = ack.problem
