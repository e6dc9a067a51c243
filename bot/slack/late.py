"""What happens when a listener takes longer than Slack waits, because the database or Slack itself is slow.

Bolt by itself goes on to the next listener then, as if this one had not been meant: the person would be told that nobody
knows the click, while it is carried out.
"""

from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.listener.async_listener import AsyncListener
from slack_bolt.listener.asyncio_runner import AsyncioListenerRunner
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

_LATE = "listener_is_late"
_FAILED = "listener_has_failed"


class StillAtWork(Exception):
    """A listener has begun, and has not acknowledged in time what Slack sent. It goes on."""


def note_failure(context: AsyncBoltContext) -> None:
    """The listener has ended with an error, which the person is being told from now on."""
    context[_FAILED] = True


def is_late(context: AsyncBoltContext) -> bool:
    """Whether Slack got its answer without the listener's: what the listener acknowledges now, nobody sees."""
    return bool(context.get(_LATE))


class PatientRunner(AsyncioListenerRunner):
    """Runs listeners as Bolt's own does; the first one that has begun is the last one."""

    @classmethod
    def like(cls, runner: AsyncioListenerRunner) -> "PatientRunner":
        """With the same handlers."""
        return cls(
            logger=runner.logger,
            process_before_response=runner.process_before_response,
            listener_error_handler=runner.listener_error_handler,
            listener_start_handler=runner.listener_start_handler,
            listener_completion_handler=runner.listener_completion_handler,
            lazy_listener_runner=runner.lazy_listener_runner,
        )

    async def run(
        self,
        request: AsyncBoltRequest,
        response: BoltResponse,
        listener_name: str,
        listener: AsyncListener,
        starting_time: float | None = None,
    ) -> BoltResponse:
        """Always an answer. Where none came in time, the error handler is given `StillAtWork`, to tell the person; not where
        the listener has failed already and the person is being told why, which Bolt does not count as an answer."""
        answer = await super().run(request, response, listener_name, listener, starting_time)
        if answer is None:
            answer = BoltResponse(status=200, body="")
            request.context[_LATE] = True
            if not request.context.get(_FAILED):
                await self.listener_error_handler.handle(error=StillAtWork(), request=request, response=answer)
        return answer
