"""Logs: structlog, JSON or for a console; secrets never get in."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

_SECRET = re.compile(
    r"x(?:ox[a-z]|app|wfp)-[\w-]+|(?i:signature|access)=[^,\s'\"]+|v0=[0-9a-f]{64}|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
"""Slack's tokens and signatures, the cloud's signatures, and passwords in URLs."""
SILENT = ("slack_bolt.middleware.request_verification", "slack_bolt.AsyncApp.request_verification")
"""Loggers that write whole bodies."""


def configure(log_format: Literal["json", "console"], level: int = logging.INFO) -> None:
    """Set up logging for the whole process, libraries included. Goes to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if log_format == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            scrub,
            renderer,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in SILENT:
        logging.getLogger(name).disabled = True
    for name in ("httpx", "httpcore", "aiohttp.access", "alembic", "slack_bolt", "slack_sdk"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def scrub(logger: object, method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take out what looks like a secret, in every text of the entry."""
    del logger, method
    for key, value in entry.items():
        if isinstance(value, str):
            entry[key] = _SECRET.sub("[secret]", value)
    return entry
