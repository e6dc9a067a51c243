"""`serve`: run the bot until it is told to stop."""

import asyncio
import signal

import structlog

from bot import __version__
from bot.settings import Settings
from bot.wiring import running

log = structlog.get_logger(__name__)


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; what is being written is finished. Raises Misconfigured or Unavailable at the start."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with running(settings) as program:
        mode = "Socket Mode" if program.socket_mode else "HTTP mode"
        log.info("Ready", action="ready", mode=mode, url=program.url, version=__version__)
        working = asyncio.create_task(program.worker.run(), name="worker")
        waiting = asyncio.create_task(stopping.wait(), name="stop signal")
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        program.worker.stop()
        waiting.cancel()
        # An error in the worker ends the program loudly.
        await working
    log.info("Stopped", action="stopped")
