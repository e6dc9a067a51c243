"""`serve`: run the bot until it is told to stop."""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack

import structlog

from bot import __version__
from bot import settings as program_settings
from bot.cli.at_start import look_at_groups
from bot.cli.exits import exit_codes
from bot.domain.errors import BotError
from bot.domain.policy import Policy
from bot.ops import logs
from bot.settings import Settings
from bot.wiring import Running, running

log = structlog.get_logger(__name__)


GRACE = 7.0
"""Seconds that what is under way may take at the end; the whole ends within ten."""


def command() -> None:
    """Run the bot."""
    with exit_codes():
        settings = program_settings.load()
        logs.configure(settings.environment.log_format, secrets=settings.secrets())
        asyncio.run(serve(settings))


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; what is being written is finished.

    Raises Misconfigured or Unavailable at the start, Misconfigured later if Slack shuts the line for good. A Slack or a
    cloud that is away is no reason to end.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        program = await _opened(stack, settings, stopping)
        if program is not None:
            await _work(program, settings, stopping)
    log.info("Stopped", action="stopped")


async def _opened(stack: AsyncExitStack, settings: Settings, stopping: asyncio.Event) -> Running | None:
    """The program, which `stack` closes; None where we are told to stop before it is open. What is open by then is closed:
    Slack may keep us waiting for longer than we are given to end."""
    opening = asyncio.create_task(stack.enter_async_context(running(settings)), name="opening")
    waiting = asyncio.create_task(stopping.wait(), name="stop signal")
    await asyncio.wait({opening, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if stopping.is_set():
        opening.cancel()
        await asyncio.wait({opening})
    if opening.cancelled():
        return None
    program = opening.result()
    return None if stopping.is_set() else program


async def _work(program: Running, settings: Settings, stopping: asyncio.Event) -> None:
    """Raises Misconfigured if Slack shuts the line for good."""
    mode = "Socket Mode" if program.socket_mode else "HTTP mode"
    log.info("Ready", action="ready", mode=mode, url=program.url, version=__version__)
    policies = [policy.policy() for policy in settings.configuration.policies]
    looking = asyncio.create_task(_look(program, policies), name="groups of the policies")
    working = asyncio.create_task(program.worker.run(), name="worker")
    waiting = asyncio.create_task(stopping.wait(), name="stop signal")
    falling = asyncio.create_task(program.fallen(), name="line to Slack")
    await asyncio.wait({working, waiting, falling}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    looking.cancel()
    program.worker.stop()
    drained, _ = await asyncio.gather(program.draining.wait(GRACE), _end(working))
    if not drained:
        log.warning("Listeners were still at work", action="listeners_cut_off")
    if falling.done():
        # Nobody can reach the bot any more, and only the operator can change that.
        _say(falling.exception())
        falling.result()
    falling.cancel()


async def _look(program: Running, policies: Sequence[Policy]) -> None:
    """While Slack is away nothing can be said about the groups."""
    await program.known()
    await look_at_groups(policies, program.workspaces)


def _say(error: BaseException | None) -> None:
    """In the log too, where the end of the program is looked for; standard error has the sentence alone."""
    if isinstance(error, BotError):
        log.error("Slack shuts the bot out", action="slack_shut_out", code=error.code, why=error.message)


async def _end(working: "asyncio.Task[None]") -> None:
    """Wait for the worker for a while, then cut it off: what it has begun is on record, and is found at the next start."""
    done, _ = await asyncio.wait({working}, timeout=GRACE)
    if not done:
        log.warning("The worker was still at work", action="worker_cut_off")
        working.cancel()
        await asyncio.wait({working})
        return
    # An error in the worker ends the program loudly.
    working.result()
