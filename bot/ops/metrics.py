"""Figures for Prometheus. `docs/metrics.md` says what each one means; a test compares it with this registry."""

import platform
import time
from collections.abc import Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from bot.domain.events import Event, Kind
from bot.domain.states import State
from bot.ops.labels import Bounded
from bot.workflow.observing import Figures, Written

# A second series for each counter and histogram, which no question of ours needs.
disable_created_metrics()  # type: ignore[no-untyped-call]

CLOUD_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
SLACK_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10)
DATABASE_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5)
LEASES = ("request", "project", "clock", "outbox")
LOOPS = ("steps", "deliver")
STUCK = "job_stuck"


class Metrics:
    """One registry a process. Labels hold names and codes, never ids; `Bounded` keeps codes from outside few."""

    def __init__(self, version: str, projects: Sequence[str] = ()) -> None:
        """`projects` are those of the configuration: they have figures from the start."""
        self._projects = projects
        self.registry = CollectorRegistry()
        self._codes = Bounded()
        self._methods = Bounded()
        self._of_the_database()
        self._of_this_process()
        self._of_the_services()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.build = self._gauge("build_info", "The running version", "version", "python")
        self.build.labels(version, platform.python_version()).set(1)

    def cloud_call(self, project: str, operation: str, outcome: str, seconds: float) -> None:
        """Count one call to the cloud."""
        self.cloud_calls.labels(project, operation, self._codes(outcome)).inc()
        self.cloud_seconds.labels(project, operation).observe(seconds)
        if outcome == "ok":
            self.cloud_success.labels(project, operation).set(time.time())

    def slack_call(self, method: str, outcome: str, seconds: float) -> None:
        """Count one call to Slack's Web API."""
        name = self._methods(method)
        self.slack_calls.labels(name, self._codes(outcome)).inc()
        self.slack_seconds.labels(name).observe(seconds)

    def transaction(self, kind: str, outcome: str, seconds: float) -> None:
        """Count one transaction of the database."""
        self.database_seconds.labels(kind, outcome).observe(seconds)

    def turned(self, loop: str, seconds: float) -> None:
        """A loop of the worker has done all it found."""
        self.turn_seconds.labels(loop).observe(seconds)
        self.turned_at.labels(loop).set(time.time())

    def written(self, written: Written) -> None:
        """Count what was committed."""
        for event in written.events:
            self._event(event)
        before, after = written.before, written.after
        if after is not None and (before is None or before.state is not after.state):
            self.state_changes.labels(after.state.value).inc()

    def show(self, figures: Figures) -> None:
        """Take over what the database says."""
        now = time.time()
        for state in State:
            self.requests.labels(state.value).set(figures.by_state.get(state, 0))
        self.running.clear()
        for project in {*self._projects, *figures.running}:
            self.running.labels(project).set(figures.running.get(project, 0))
        self.owed.set(figures.owed)
        self.owed_age.set(0 if figures.owed_since is None else max(0.0, now - figures.owed_since.timestamp()))
        self.due_lag.set(0 if figures.due_since is None else max(0.0, now - figures.due_since.timestamp()))
        self.unreviewed.set(figures.unreviewed)
        self.figures_at.set(now)

    def asked(self, part: str, *, ready: bool) -> None:
        """`/readyz` was asked about a part."""
        self.found(part, ready=ready)
        self.readiness_checks.labels(part, "ok" if ready else "failed").inc()

    def found(self, part: str, *, ready: bool) -> None:
        """A part is well, or it is not."""
        self.ready.labels(part).set(ready)

    def undelivered(self, code: str) -> None:
        """Count a message that Slack will never take."""
        self.undeliverable.labels(self._codes(code)).inc()
        self.undeliverable_all.inc()

    def text(self) -> bytes:
        """The exposition in Prometheus' text format."""
        return generate_latest(self.registry)

    def _event(self, event: Event) -> None:
        if event.kind is Kind.APPROVED_BY:
            self.approvals.inc()
        elif event.kind is Kind.REFUSED:
            self.refused.labels(event.data.get("verb", ""), self._codes(event.data.get("code", ""))).inc()
        elif event.kind is Kind.BROKE_GLASS:
            self.break_glass.inc()
        elif event.kind is Kind.TROUBLE:
            self.troubles.labels(self._codes(event.data.get("code", ""))).inc()

    def _of_the_database(self) -> None:
        self.requests = self._gauge("requests", "Requests in each state", "state")
        self.running = self._gauge("jobs_running", "Restore jobs that are followed", "project")
        self.owed = self._gauge("outbox_messages", "Messages that are not delivered yet")
        self.owed_age = self._gauge("outbox_oldest_seconds", "Age of the oldest message that is not delivered yet")
        self.due_lag = self._gauge("worker_lag_seconds", "How long the earliest due request has been waiting for the worker")
        self.unreviewed = self._gauge("break_glass_unreviewed", "Finished requests whose break-glass nobody has signed off")
        self.figures_at = self._gauge("figures_timestamp_seconds", "When the database was last asked for these figures")
        self.figures_failed = self._counter("figures_failures_total", "Scrapes at which the database did not answer in time")
        self.database_seconds = self._histogram(
            "database_transaction_seconds", "Seconds that a transaction took", DATABASE_SECONDS, "kind", "outcome"
        )

    def _of_this_process(self) -> None:
        self.state_changes = self._counter("state_changes_total", "Requests that came into a state", "to")
        self.approvals = self._counter("approvals_total", "Approvals given")
        self.refused = self._counter("refused_clicks_total", "Clicks that were not granted", "verb", "code")
        self.break_glass = self._counter("break_glass_total", "Restores started without the approvals")
        self.troubles = self._counter("troubles_total", "Requests that something hindered", "code")
        self.lost_races = self._counter("lost_races_total", "Steps that somebody else was faster with", "code")
        self.takeovers = self._counter("lease_takeovers_total", "Leases that their last holder let run out", "lease")
        self.worker_failures = self._counter(
            "worker_failures_total", "Turns of a worker loop that ended because the database did not answer", "loop"
        )
        self.turned_at = self._gauge("worker_turn_timestamp_seconds", "When a loop last did all it found", "loop")
        self.turn_seconds = self._histogram("worker_turn_seconds", "Seconds that a loop's turn took", SLACK_SECONDS, "loop")
        self.ready = self._gauge("ready", "Whether a part is well", "part")
        self.readiness_checks = self._counter("readiness_checks_total", "Checks by /readyz", "part", "outcome")
        # Series that are there from the start, so that their first increase is seen.
        for state in State:
            self.state_changes.labels(state.value)
        for lease in LEASES:
            self.takeovers.labels(lease)
        for loop in LOOPS:
            self.worker_failures.labels(loop)
        self.troubles.labels(STUCK)

    def _of_the_services(self) -> None:
        self.cloud_calls = self._counter("cloud_calls_total", "Calls to the cloud API", "project", "operation", "outcome")
        self.cloud_seconds = self._histogram(
            "cloud_call_seconds", "Seconds that a call to the cloud API took", CLOUD_SECONDS, "project", "operation"
        )
        self.cloud_success = self._gauge(
            "cloud_last_success_timestamp_seconds", "When the cloud last answered well", "project", "operation"
        )
        self.cloud_budget = self._gauge("cloud_budget_left", "Calls that could be made now without waiting", "project")
        self.slack_calls = self._counter("slack_calls_total", "Calls to Slack's Web API", "method", "outcome")
        self.slack_seconds = self._histogram(
            "slack_call_seconds", "Seconds that a call to Slack's Web API took", SLACK_SECONDS, "method"
        )
        self.socket = self._gauge("socket_connected", "Whether the line to Slack is up (Socket Mode only)", "mode")
        self.undeliverable = self._counter(
            "undeliverable_messages_total", "Messages that Slack will never take, by Slack's error code", "code"
        )
        # Which codes will come nobody knows, so a code's series begins at 1, and its first increase is not seen.
        self.undeliverable_all = self._counter(
            "undeliverable_total", "Messages that Slack will never take, whatever the code"
        )

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(f"rds_restore_{name}", meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"rds_restore_{name}", meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"rds_restore_{name}", meaning, labels, buckets=buckets, registry=self.registry)
