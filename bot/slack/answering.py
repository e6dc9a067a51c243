"""Where a person is told what is not an answer to a form: on the screen that they look at, or a little further away."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt.async_app import AsyncRespond
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.faults import NO_ANSWER
from bot.slack.render.form import notice
from bot.slack.render.lists import line as line_of

TITLE = "That did not work"

Way = Callable[[], Awaitable[bool]]
"""Says it; False where it was not taken. May raise what Slack's client raises."""

log = structlog.get_logger(__name__)


def window(line: str) -> View:
    """The sentence, already escaped, as a modal."""
    return notice(TITLE, f"⛔ {line}")


@dataclass(frozen=True, slots=True)
class Answer:
    """A sentence, already escaped, for the person whose click, command or shortcut `body` is."""

    line: str
    body: Mapping[str, Any]
    context: AsyncBoltContext
    client: AsyncWebClient
    respond: AsyncRespond

    async def give(self) -> None:
        """By the first way that works. Does not raise what Slack answers; the log has it where none worked."""
        for way in self._ways():
            try:
                if await way():
                    return
            except (*NO_ANSWER, TypeError, ValueError) as error:
                # The last two: an address in the payload is none.
                why = type(error).__name__
                log.info("An answer took another way", action="answer_detour", user=self.context.user_id, why=why)
        log.warning("An answer could not be given", action="answer_lost", user=self.context.user_id)

    def _ways(self) -> list[Way]:
        """Those that are open, the nearest first."""
        context, user = self.context, self.context.user_id
        # What a submission leaves open is not known here.
        opens = bool(self.body.get("trigger_id")) and not context.response_url and self.body.get("type") != "view_submission"
        ways = (
            (self._step is not None, self._in_the_workflow),
            (bool(context.response_url), self._by_response_url),
            (opens, self._in_a_window),
            (bool(context.channel_id and user), self._in_the_channel),
            (bool(user), self._in_private),
        )
        return [way for is_open, way in ways if is_open]

    async def _in_the_workflow(self) -> bool:
        await self.client.functions_completeError(function_execution_id=str(self._step), error=self.line)
        return True

    async def _by_response_url(self) -> bool:
        # Under the card's thread if the button is there: Slack would show it in the channel.
        answer = await self.respond(
            response_type="ephemeral", replace_original=False, thread_ts=self._thread, **self._message()
        )
        return answer.status_code == 200

    async def _in_a_window(self) -> bool:
        where = self.body.get("view")
        in_modal = isinstance(where, Mapping) and where.get("type") == "modal"
        show = self.client.views_push if in_modal else self.client.views_open
        await show(trigger_id=str(self.body.get("trigger_id")), view=window(self.line))
        return True

    async def _in_the_channel(self) -> bool:
        channel, user = str(self.context.channel_id), str(self.context.user_id)
        await self.client.chat_postEphemeral(channel=channel, user=user, thread_ts=self._thread, **self._message())
        return True

    async def _in_private(self) -> bool:
        opened = await self.client.conversations_open(users=str(self.context.user_id))
        await self.client.chat_postMessage(channel=opened["channel"]["id"], **self._message())
        return True

    def _message(self) -> dict[str, Any]:
        """In blocks, because in a bare text Slack would make links of addresses."""
        said = line_of(self.line)
        return {"text": said.text, "blocks": said.blocks}

    @property
    def _step(self) -> str | None:
        """The step of a workflow that waits for this listener, if one does."""
        event = self.body.get("event")
        return event.get("function_execution_id") if isinstance(event, Mapping) else None

    @property
    def _thread(self) -> str | None:
        container = self.body.get("container")
        thread = container.get("thread_ts") if isinstance(container, Mapping) else None
        return str(thread) if thread else None
