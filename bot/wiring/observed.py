"""Who is told what: the log, the figures and, where they are wanted, the traces."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from bot.cloud.rds import HuaweiCloud
from bot.domain.errors import BotError, Conflict, Misconfigured, Unavailable
from bot.domain.request import Request
from bot.ops.following import followed
from bot.ops.journal import journal
from bot.ops.metrics import Metrics
from bot.ops.tracing import Tracing
from bot.slack.messenger import SlackMessenger
from bot.slack.services import Services
from bot.slack.socket_mode import SocketMode
from bot.worker.steps import Steps
from bot.workflow.observing import Spans, Written, untraced
from bot.workflow.store_ports import Lease, Owing

TOKENS = "Install the app again if it was removed, set its token, and start the bot anew. Restores that run are followed."
CHECK = "Run `check`: it says what is wrong with the project's keys, rights and address. New rights need no restart."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Observers:
    """Callbacks for the adapters and the worker. None of them waits for anything."""

    metrics: Metrics
    tracing: Tracing | None

    @property
    def spans(self) -> Spans:
        """Stretches of work."""
        return untraced if self.tracing is None else self.tracing.span

    def cloud_call(self, project: str, operation: str, outcome: str, seconds: float) -> None:
        """A call to the cloud."""
        self.metrics.cloud_call(project, operation, outcome, seconds)
        if self.tracing is not None:
            self.tracing.cloud_call(project, operation, outcome, seconds)

    def slack_call(self, method: str, outcome: str, seconds: float) -> None:
        """A call to Slack."""
        self.metrics.slack_call(method, outcome, seconds)
        if self.tracing is not None:
            self.tracing.slack_call(method, outcome, seconds)

    def transaction(self, kind: str, outcome: str, seconds: float) -> None:
        """A transaction of the database."""
        self.metrics.transaction(kind, outcome, seconds)
        if self.tracing is not None:
            self.tracing.transaction(kind, outcome, seconds)

    def written(self, written: Written) -> None:
        """Something about a request was committed."""
        journal(written)
        self.metrics.written(written)

    def taken_over(self, lease: Lease, last: str) -> None:
        """The last holder of a lease has crashed, or hangs."""
        self.metrics.takeovers.labels(lease.name.partition(":")[0]).inc()
        log.warning("A lease was taken over", action="lease_taken_over", lease=lease.name, last_holder=last)

    def lost(self, request: Request, conflict: Conflict) -> None:
        """Somebody else was faster with a step."""
        self.metrics.lost_races.labels(conflict.code).inc()
        log.info("Somebody else was faster", action="lost_race", request=request.id, code=conflict.code)

    def failed(self, loop: str, error: Unavailable) -> None:
        """A loop of the worker met a database that does not answer."""
        self.metrics.worker_failures.labels(loop).inc()
        log.error(
            "The worker could not go on for now", action="worker_failed", loop=loop, code=error.code, why=error.message
        )

    def broke(self, request_id: str, error: Exception) -> None:
        """A step ended in an error that nobody foresaw."""
        self.metrics.worker_failures.labels("request").inc()
        log.error("A step failed in a way that nobody foresaw", action="step_broke", request=request_id, exc_info=error)

    def gave_up(self, owing: Owing, error: BotError) -> None:
        """A message could not be delivered."""
        self.metrics.undelivered(error.code)
        log.warning(
            "A message could not be delivered",
            action="undeliverable",
            request=owing.request_id,
            note=owing.owed.note.value,
            code=error.code,
        )

    def slack_turned(self, error: BotError | None) -> None:
        """Slack is away, refuses us, or is there again."""
        if error is None:
            log.info("Slack answers again", action="slack_back")
        elif isinstance(error, Misconfigured):
            log.error("Slack refuses the bot", action="slack_refuses", code=error.code, why=error.message, next_step=TOKENS)
        else:
            log.warning("Slack is away", action="slack_away", code=error.code, why=error.message)

    def cloud_turned(self, project: str, error: BotError | None) -> None:
        """A project's cloud is away, refuses us, or is there again."""
        if error is None:
            log.info("The cloud answers again", action="cloud_back", project=project)
        elif isinstance(error, Misconfigured):
            log.warning(
                "The cloud refuses the bot",
                action="cloud_refuses",
                project=project,
                code=error.code,
                why=error.message,
                next_step=CHECK,
            )
        else:
            log.warning("The cloud is away", action="cloud_away", project=project, code=error.code, why=error.message)

    def follow_services(self, services: Services) -> Services:
        """The steps that people take."""
        return replace(
            services,
            open_request=followed(services.open_request, self.spans, "check", "confirm"),
            decide=followed(services.decide, self.spans, "may", "review", "approve", "deny"),
            reconcile=followed(services.reconcile, self.spans, "look", "follow", "declare_failed"),
            cancel=followed(services.cancel, self.spans, "__call__"),
            break_glass=followed(services.break_glass, self.spans, "may", "start", "sign_off"),
            inspect=followed(services.inspect, self.spans, "__call__"),
        )

    def follow_steps(self, steps: Steps) -> Steps:
        """The steps that the worker takes."""
        return replace(
            steps,
            submit=followed(steps.submit, self.spans, "__call__"),
            backups=followed(steps.backups, self.spans, "look"),
            advance=followed(steps.advance, self.spans, "jobs", "look"),
            expire=followed(steps.expire, self.spans, "__call__"),
        )

    def follow_messenger(self, messenger: SlackMessenger) -> SlackMessenger:
        """What is said in Slack."""
        return followed(messenger, self.spans, "show_card", "say", "tell_requester", "end_step")

    async def look_around(self, cloud: HuaweiCloud, projects: Sequence[str], line: SocketMode | None) -> None:
        """Bring up to date what this process knows without asking anybody."""
        for project in projects:
            self.metrics.cloud_budget.labels(project).set(cloud.budget_left(project))
        if line is not None:
            self.metrics.socket.labels("socket").set(await line.connected())
