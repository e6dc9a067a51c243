"""From adapters to the workflow's steps, and from those to the worker."""

import os
import secrets
import socket

import structlog

from bot.cloud.rds import HuaweiCloud
from bot.domain.errors import BotError, Conflict, Unavailable
from bot.domain.request import Request
from bot.ops.metrics import Metrics
from bot.settings import Settings
from bot.slack.directory import SlackDirectory
from bot.slack.display import DisplayDirectory
from bot.slack.messenger import SlackMessenger
from bot.slack.services import Services
from bot.store.database import Database
from bot.wiring.given import ConfiguredPolicies, RandomIds, SystemClock
from bot.worker.deliver import Deliver
from bot.worker.holding import Holder
from bot.worker.steps import Steps
from bot.worker.worker import Bell, Worker
from bot.workflow.access import Access
from bot.workflow.advance import Advance
from bot.workflow.break_glass import BreakGlass
from bot.workflow.cancel import Cancel
from bot.workflow.decide import Decide
from bot.workflow.expire import Expire
from bot.workflow.inspect import Inspect
from bot.workflow.open_request import OpenRequest
from bot.workflow.ports import Owing
from bot.workflow.reconcile import Reconcile
from bot.workflow.safety_backup import SafetyBackups
from bot.workflow.submit import Submit

log = structlog.get_logger(__name__)


def services_of(
    database: Database,
    cloud: HuaweiCloud,
    directory: SlackDirectory,
    policies: ConfiguredPolicies,
    clock: SystemClock,
    bell: Bell,
) -> Services:
    """What the listeners are given."""
    access = Access(directory)
    requests = database.requests
    return Services(
        open_request=OpenRequest(requests, database.drafts, cloud, access, policies, clock, RandomIds(), bell),
        decide=Decide(requests, cloud, access, policies, clock, bell),
        cancel=Cancel(requests, clock, bell),
        reconcile=Reconcile(requests, cloud, access, policies, clock),
        break_glass=BreakGlass(requests, access, policies, clock, bell),
        inspect=Inspect(requests, access, clock, bell),
        requests=requests,
        cloud=cloud,
        directory=directory,
        policies=policies,
        clock=clock,
        cards=database.outbox.card_of,
        history=database.audit.history,
        display=Access(DisplayDirectory(directory)),
    )


def worker_of(
    settings: Settings,
    database: Database,
    cloud: HuaweiCloud,
    services: Services,
    messenger: SlackMessenger,
    bell: Bell,
    metrics: Metrics,
) -> Worker:
    """The loops, with the steps that they take."""
    timing = settings.configuration.worker
    clock, policies, requests = services.clock, services.policies, database.requests
    # A process is known by host, number and a random part: numbers come again after a restart.
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    holder = Holder(database.leases, clock, owner, timing.lease_for)
    backups = SafetyBackups(requests, cloud, clock)

    def lost(request: Request, conflict: Conflict) -> None:
        metrics.lost_races.labels(conflict.code).inc()
        log.info("Somebody else was faster", action="lost_race", request=request.id, code=conflict.code)

    def failed(loop: str, error: Unavailable) -> None:
        metrics.worker_failures.labels(loop).inc()
        log.error(
            "The worker could not go on for now", action="worker_failed", loop=loop, code=error.code, why=error.message
        )

    def broke(request_id: str, error: Exception) -> None:
        metrics.worker_failures.labels("request").inc()
        log.error("A step failed in a way that nobody foresaw", action="step_broke", request=request_id, exc_info=error)

    def gave_up(owing: Owing, error: BotError) -> None:
        metrics.undeliverable.labels(error.code).inc()
        log.warning(
            "A message could not be delivered",
            action="undeliverable",
            request=owing.request_id,
            note=owing.owed.note.value,
            code=error.code,
        )

    steps = Steps(
        requests=requests,
        clock=clock,
        holder=holder,
        submit=Submit(requests, cloud, Access(services.directory), policies, clock, backups, bell, holder.holds),
        backups=backups,
        reconcile=services.reconcile,
        advance=Advance(requests, cloud, clock, timing.poll_every),
        expire=Expire(requests, policies, clock),
        lost=lost,
        broke=broke,
    )
    deliver = Deliver(database.outbox, requests, messenger, policies, clock, holder, broke, gave_up)
    return Worker(steps, deliver, requests, database.outbox, clock, bell, failed)
