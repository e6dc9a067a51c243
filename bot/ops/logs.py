"""Logs: structlog, JSON or for a console; secrets never get in."""

import logging
import sys
from collections.abc import Collection, MutableMapping
from types import TracebackType
from typing import Any, Literal, TextIO

import structlog

from bot.ops.scrubbing import Scrubber

log = structlog.get_logger(__name__)

SILENT = ("slack_bolt.middleware.request_verification", "slack_bolt.AsyncApp.request_verification")
"""Loggers that write whole bodies."""


def configure(
    log_format: Literal["json", "console"],
    level: int = logging.INFO,
    secrets: Collection[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Set up logging for the whole process, libraries included. Goes to standard error.

    `secrets` are taken out wherever they stand. What Python itself would print (an error that ends the program, one that
    nobody awaited, a warning) goes the same way.
    """
    scrubber = Scrubber(secrets)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_lines(log_format, shared, scrubber))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    for name in SILENT:
        logging.getLogger(name).disabled = True
    for name in ("httpx", "httpcore", "aiohttp.access", "alembic", "slack_bolt", "slack_sdk"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    # A call that is tried again is a warning to stamina, and ordinary to us.
    logging.getLogger("stamina").setLevel(level if level <= logging.INFO else logging.ERROR)


def _lines(
    log_format: Literal["json", "console"], shared: list[structlog.typing.Processor], scrubber: Scrubber
) -> logging.Formatter:
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if log_format == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    return _Lines(
        scrubber,
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _scrubbing(scrubber),
            renderer,
        ],
    )


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("The program ends by an error that nobody foresaw", action="crashed", exc_info=(kind, error, trace))


def _scrubbing(scrubber: Scrubber) -> structlog.typing.Processor:
    """The last step before a line is rendered: by now exceptions are texts."""

    def scrub(logger: object, method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        del logger, method
        return {key: scrubber.value(value) for key, value in entry.items()}

    return scrub


class _Lines(structlog.stdlib.ProcessorFormatter):
    """Formats lines. What a renderer makes of an object is looked through once more."""

    def __init__(self, scrubber: Scrubber, **settings: Any) -> None:
        super().__init__(**settings)
        self._scrubber = scrubber

    def format(self, record: logging.LogRecord) -> str:
        """One line (on a console: with its traceback under it)."""
        return self._scrubber.known(super().format(record))
