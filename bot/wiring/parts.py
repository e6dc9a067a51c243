"""From adapters to the workflow's steps, and from those to the worker."""

import os
import secrets
import socket

from bot.cloud.rds import HuaweiCloud
from bot.settings import Settings
from bot.slack.directory import SlackDirectory
from bot.slack.display import DisplayDirectory
from bot.slack.messenger import SlackMessenger
from bot.slack.services import Services
from bot.store.database import Database
from bot.wiring.given import ConfiguredPolicies, RandomIds, SystemClock
from bot.wiring.observed import Observers
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
from bot.workflow.reconcile import Reconcile
from bot.workflow.safety_backup import SafetyBackups
from bot.workflow.submit import Submit


def services_of(
    database: Database,
    cloud: HuaweiCloud,
    directory: SlackDirectory,
    policies: ConfiguredPolicies,
    clock: SystemClock,
    bell: Bell,
    observers: Observers,
) -> Services:
    """What the listeners are given."""
    access = Access(directory)
    requests = database.requests
    services = Services(
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
    return observers.follow_services(services)


def worker_of(
    settings: Settings,
    database: Database,
    cloud: HuaweiCloud,
    services: Services,
    messenger: SlackMessenger,
    bell: Bell,
    observers: Observers,
) -> Worker:
    """The loops, with the steps that they take."""
    timing = settings.configuration.worker
    clock, policies, requests = services.clock, services.policies, database.requests
    # A process is known by host, number and a random part: numbers come again after a restart.
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    holder = Holder(database.leases, clock, owner, timing.lease_for)
    backups = SafetyBackups(requests, cloud, clock)
    steps = Steps(
        requests=requests,
        clock=clock,
        holder=holder,
        submit=Submit(requests, cloud, Access(services.directory), policies, clock, backups, bell, holder.holds),
        backups=backups,
        reconcile=services.reconcile,
        advance=Advance(requests, cloud, clock, timing.poll_every),
        expire=Expire(requests, policies, clock),
        lost=observers.lost,
        broke=observers.broke,
    )
    speaking = observers.follow_messenger(messenger)
    deliver = Deliver(database.outbox, requests, speaking, policies, clock, holder, observers.broke, observers.gave_up)
    turned = observers.metrics.turned
    following = observers.follow_steps(steps)
    return Worker(following, deliver, requests, database.outbox, clock, bell, observers.failed, turned)
