"""Figures for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """One registry a process."""

    def __init__(self, version: str) -> None:
        self.registry = CollectorRegistry()
        self.cloud_calls = Counter(
            "rds_restore_cloud_calls_total",
            "Calls to the cloud API",
            ["project", "operation", "outcome"],
            registry=self.registry,
        )
        self.cloud_seconds = Histogram(
            "rds_restore_cloud_call_seconds",
            "Seconds that a call to the cloud API took",
            ["project", "operation"],
            registry=self.registry,
        )
        self.lost_races = Counter(
            "rds_restore_lost_races_total", "Steps that somebody else was faster with", ["code"], registry=self.registry
        )
        self.undeliverable = Counter(
            "rds_restore_undeliverable_messages_total",
            "Messages that Slack will never take, by Slack's error code",
            ["code"],
            registry=self.registry,
        )
        self.worker_failures = Counter(
            "rds_restore_worker_failures_total",
            "Turns of a worker loop that ended because the database did not answer",
            ["loop"],
            registry=self.registry,
        )
        self.build = Gauge("rds_restore_build_info", "The running version", ["version"], registry=self.registry)
        self.build.labels(version).set(1)

    def cloud_call(self, project: str, operation: str, outcome: str, seconds: float) -> None:
        """Count one call to the cloud."""
        self.cloud_calls.labels(project, operation, outcome).inc()
        self.cloud_seconds.labels(project, operation).observe(seconds)

    def text(self) -> bytes:
        """The exposition in Prometheus' text format."""
        return generate_latest(self.registry)
