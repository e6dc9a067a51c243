"""Spans: what is in them, and what is not."""

import os
import socket
import sys
import time
from dataclasses import dataclass

import pytest
import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot.domain.errors import Misconfigured, Refused
from bot.domain.request import Request
from bot.domain.states import State
from bot.ops import tracing as module
from bot.ops.following import followed
from bot.ops.tracing import Tracing, tracing
from bot.workflow.observing import untraced
from tests.unit import requests as make


@pytest.fixture
def memory():
    return InMemorySpanExporter()


@pytest.fixture
def traces(memory):
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    return Tracing(provider, trace)


@dataclass(frozen=True, slots=True)
class Step:
    """Like the workflow's."""

    traces: Tracing
    seen: list[dict[str, object]]

    async def approve(self, request_id: str, reason: str) -> str:
        self.seen.append(structlog.contextvars.get_contextvars())
        self.traces.cloud_call("prod", "list_backups", "ok", 0.5)
        self.traces.transaction("write", "rolled_back", 0.1)
        if reason == "no":
            raise Refused("own_request", f"secret words of {request_id}")
        return reason

    async def __call__(self, request: Request) -> State:
        self.seen.append(structlog.contextvars.get_contextvars())
        return request.state


async def test_calls_and_transactions_lie_under_their_step(traces, memory):
    step = followed(Step(traces, []), traces.span, "approve", "__call__")
    with traces.span("slack view_submission", {"trigger": "1.2.3"}):
        assert await step.approve("R-7KQ2M", reason="yes") == "yes"
    cloud, database, approve, slack = memory.get_finished_spans()
    assert [span.name for span in (cloud, database, approve, slack)] == [
        "cloud list_backups", "database write", "Step.approve", "slack view_submission",
    ]  # fmt: skip
    assert cloud.parent.span_id == database.parent.span_id == approve.context.span_id
    assert approve.parent.span_id == slack.context.span_id
    assert dict(approve.attributes) == {"rds_restore.request": "R-7KQ2M"}
    assert cloud.end_time - cloud.start_time == pytest.approx(5e8, rel=0.01)
    assert dict(cloud.attributes) == {"rds_restore.outcome": "ok", "rds_restore.project": "prod"}
    assert database.attributes["error.type"] == "rolled_back"


async def test_an_error_is_told_by_its_code_and_not_by_its_words(traces, memory):
    step = followed(Step(traces, []), traces.span, "approve")
    with pytest.raises(Refused):
        await step.approve("R-7KQ2M", "no")
    failed = memory.get_finished_spans()[-1]
    assert failed.status.status_code is trace.StatusCode.ERROR
    assert failed.attributes["error.type"] == "own_request"
    assert "secret words" not in failed.to_json()


async def test_a_step_with_a_request_tells_its_project_and_state(traces, memory):
    seen: list[dict[str, object]] = []
    step = followed(Step(traces, seen), traces.span, "__call__")
    assert await step(make.request(State.APPROVED)) is State.APPROVED
    assert dict(memory.get_finished_spans()[0].attributes) == {
        "rds_restore.request": "R-7KQ2M", "rds_restore.project": "prod", "rds_restore.state": "approved",
    }  # fmt: skip
    assert seen == [{"request": "R-7KQ2M", "project": "prod"}]


async def test_without_traces_the_log_is_bound_all_the_same(traces, memory):
    seen: list[dict[str, object]] = []
    await followed(Step(traces, seen), untraced, "approve").approve("R-7KQ2M", "yes")
    assert seen == [{"request": "R-7KQ2M"}]
    assert "request" not in structlog.contextvars.get_contextvars()


def test_a_transaction_that_belongs_to_nothing_is_no_trace(traces, memory):
    traces.transaction("read", "ok", 0.1)
    assert memory.get_finished_spans() == ()


@pytest.mark.parametrize("endpoint", [None, ""])
def test_nothing_is_loaded_without_an_endpoint(endpoint, monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    assert tracing(endpoint, "1") is None


def test_the_extra_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(Misconfigured, match=r"rds-restore-bot\[otel\]"):
        tracing("http://127.0.0.1:1", "1")


def test_a_step_without_the_method_is_not_followed_in_silence(traces):
    with pytest.raises(TypeError, match="no asynchronous __call__"):
        followed(traces, traces.span, "__call__")


def test_a_collector_that_hangs_does_not_hold_up_the_end(monkeypatch):
    monkeypatch.setattr(module, "FLUSH_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        traces = tracing(os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"], "1")
        assert traces is not None
        with traces.span("Submit", {}):
            pass
        began = time.monotonic()
        traces.close()
        assert time.monotonic() - began < 2
