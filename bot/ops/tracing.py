"""Traces by OpenTelemetry, where the operator wants them.

The libraries are an extra (`pip install 'rds-restore-bot[otel]'`), and nothing is loaded before an endpoint is set. Spans
carry ids, names and codes; never bodies, addresses or what people wrote.
"""

import importlib
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bot.domain.errors import BotError, Misconfigured

NAME = "rds-restore-bot"
FLUSH_SECONDS = 2.0
"""How long the end of the program waits for the last spans to be taken."""


class Tracing:
    """Makes spans: around a stretch of work, or for a call that has just ended."""

    def __init__(self, provider: Any, api: Any) -> None:
        """`provider` is OpenTelemetry's TracerProvider, `api` its module `opentelemetry.trace`."""
        self._provider = provider
        self._api = api
        self._tracer = provider.get_tracer(NAME)

    @contextmanager
    def span(self, name: str, attributes: Mapping[str, str]) -> Iterator[None]:
        """See the port `Spans`. Of an error only its code, or its kind, is told: its words may hold anything."""
        ours = {f"rds_restore.{key}": value for key, value in attributes.items()}
        with self._tracer.start_as_current_span(
            name, attributes=ours, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                self._mark(span, error.code if isinstance(error, BotError) else type(error).__name__)
                raise

    def cloud_call(self, project: str, operation: str, outcome: str, seconds: float) -> None:
        """A call to the cloud that has just ended."""
        self._ended(f"cloud {operation}", outcome, seconds, {"rds_restore.project": project})

    def slack_call(self, method: str, outcome: str, seconds: float) -> None:
        """A call to Slack that has just ended."""
        self._ended(f"slack.api {method}", outcome, seconds, {})

    def transaction(self, kind: str, outcome: str, seconds: float) -> None:
        """A transaction that has just ended. Only where it belongs to something: the worker looks for work all the time."""
        if self._api.get_current_span().get_span_context().is_valid:
            self._ended(f"database {kind}", outcome, seconds, {})

    def close(self) -> None:
        """Send what is left, for a little while. A collector that does not answer may keep the library for longer than any
        limit that it is given, so it is left alone then: the thread does not keep the program from ending."""
        sending = threading.Thread(target=self._provider.shutdown, name="last spans", daemon=True)
        sending.start()
        sending.join(FLUSH_SECONDS)

    def _ended(self, name: str, outcome: str, seconds: float, attributes: dict[str, str]) -> None:
        now = time.time_ns()
        span = self._tracer.start_span(
            name,
            kind=self._api.SpanKind.CLIENT,
            start_time=now - int(seconds * 1e9),
            attributes={"rds_restore.outcome": outcome, **attributes},
        )
        if outcome != "ok":
            self._mark(span, outcome)
        span.end(now)

    def _mark(self, span: Any, code: str) -> None:
        span.set_attribute("error.type", code)
        span.set_status(self._api.Status(self._api.StatusCode.ERROR, code))


def tracing(endpoint: str | None, version: str) -> Tracing | None:
    """Spans go to `endpoint` over OTLP/HTTP; None where there is none. The exporter reads OpenTelemetry's other variables
    by itself. Raises Misconfigured `settings` where the extra is not installed."""
    if not endpoint:
        return None
    try:
        # The one place where an extra is loaded: its absence is no fault while nobody asks for it.
        api = importlib.import_module("opentelemetry.trace")
        sdk = importlib.import_module("opentelemetry.sdk.trace")
        export = importlib.import_module("opentelemetry.sdk.trace.export")
        resources = importlib.import_module("opentelemetry.sdk.resources")
        otlp = importlib.import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ImportError as error:
        raise Misconfigured(
            "settings",
            "OTEL_EXPORTER_OTLP_ENDPOINT: tracing needs the extra; install it with pip install 'rds-restore-bot[otel]'.",
        ) from error
    resource = resources.Resource.create({"service.name": NAME, "service.version": version})
    provider = sdk.TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(export.BatchSpanProcessor(otlp.OTLPSpanExporter()))
    return Tracing(provider, api)
