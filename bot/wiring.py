"""Joins the parts. The only place that constructs adapters; everything that opens is closed by one exit stack."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import structlog
from aiohttp import web

from bot import __version__
from bot.cloud.project import AkSk, Auth, Chain, Password, Project
from bot.cloud.rds import HuaweiCloud
from bot.domain.errors import BotError, Conflict, Misconfigured, Unavailable
from bot.domain.policy import Policy, policy_for
from bot.domain.request import ALPHABET, ID_LENGTH, Request, request_id
from bot.ops.health import Check, Health
from bot.ops.metrics import Metrics
from bot.settings import Credentials, Environment, ProjectSettings, Settings
from bot.slack.app import build_app
from bot.slack.connection import SlackAccess, connect
from bot.slack.directory import SlackDirectory
from bot.slack.display import DisplayDirectory
from bot.slack.draining import Draining
from bot.slack.front_door import FrontDoor
from bot.slack.messenger import SlackMessenger
from bot.slack.oauth import OAuthAccess
from bot.slack.services import Services
from bot.slack.socket_mode import SocketMode
from bot.slack.workspaces import Workspaces
from bot.store.database import Database
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


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """This moment, UTC."""
        return datetime.now(UTC)


class RandomIds:
    """Request ids that cannot be guessed from one another."""

    def new(self) -> str:
        """A request id."""
        return request_id(secrets.randbelow(len(ALPHABET) ** ID_LENGTH))


@dataclass(frozen=True, slots=True)
class ConfiguredPolicies:
    """The configuration's policies and projects."""

    projects: Sequence[str]
    all: Sequence[Policy]

    def of(self, project: str, target_name: str) -> Policy | None:
        """The policy that decides for this target."""
        return policy_for(self.all, project, target_name)


@dataclass(frozen=True, slots=True)
class Running:
    """The program, wired and connected."""

    worker: Worker
    draining: Draining
    """The listeners at work: they are let finish before the line to Slack is cut."""
    url: str
    """Where health, metrics and (in HTTP mode) Slack's requests are answered."""
    workspaces: Workspaces
    line: SocketMode | None
    """None in HTTP mode."""

    @property
    def socket_mode(self) -> bool:
        """Whether the bot calls Slack, instead of Slack the bot."""
        return self.line is not None

    async def fallen(self) -> None:
        """Wait until the line to Slack cannot be kept open any more, which may be for ever. Raises Misconfigured then."""
        if self.line is None:
            await asyncio.Event().wait()
        else:
            await self.line.fallen()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Running]:
    """Open everything in order, and close it in the reverse order.

    Raises Misconfigured or Unavailable, with words for the operator.
    """
    async with AsyncExitStack() as stack:
        clock = SystemClock()
        metrics = Metrics(__version__)
        database = Database(settings.environment.database_url.get_secret_value())
        await database.open()
        stack.push_async_callback(database.close)
        cloud = await stack.enter_async_context(HuaweiCloud(cloud_projects(settings), clock, observe=metrics.cloud_call))
        access = slack_access(settings.environment)
        session = await stack.enter_async_context(aiohttp.ClientSession())
        slack = await connect(access, session, database.installations)
        bell = Bell()
        policies = ConfiguredPolicies(
            [project.name for project in settings.configuration.projects],
            [policy.policy() for policy in settings.configuration.policies],
        )
        services = _services(database, cloud, SlackDirectory(slack.workspaces), policies, clock, bell)
        worker = _worker(settings, database, cloud, services, SlackMessenger(slack.workspaces, clock), bell, metrics)
        app = build_app(slack.client, services, slack.installing, workflow_step=settings.configuration.slack.workflow_step)
        line = SocketMode(app, access.app_token) if access.app_token is not None else None
        routes = Health(_checks(database, cloud, policies.projects, line), metrics).routes()
        if line is None:
            routes.append(web.post("/slack/events", FrontDoor(app, access.signing_secrets, clock, database.replays).handle))
        if slack.installing is not None:
            routes += slack.installing.routes()
        url = await _listen(stack, settings, routes)
        if line is not None:
            stack.push_async_callback(line.close)
            await line.connect()
        yield Running(worker, app.draining, url, slack.workspaces, line)


def cloud_projects(settings: Settings) -> list[Project]:
    """The configured projects, as the cloud adapter takes them."""
    return [
        _project(project, settings.credentials[project.name], settings.environment.huaweicloud_sdk_project_id)
        for project in settings.configuration.projects
    ]


def slack_access(environment: Environment) -> SlackAccess:
    """How to reach Slack."""
    app_token, bot_token, secret = environment.slack_app_token, environment.slack_bot_token, environment.slack_client_secret
    oauth = None
    if environment.slack_client_id is not None and secret is not None:
        oauth = OAuthAccess(
            environment.slack_client_id, secret.get_secret_value(), environment.workspaces, environment.slack_api_url
        )
    return SlackAccess(
        bot_token=bot_token.get_secret_value() if bot_token else None,
        oauth=oauth,
        app_token=app_token.get_secret_value() if app_token else None,
        signing_secrets=environment.signing_secrets,
        api_url=environment.slack_api_url,
    )


def _services(
    database: Database,
    cloud: HuaweiCloud,
    directory: SlackDirectory,
    policies: ConfiguredPolicies,
    clock: SystemClock,
    bell: Bell,
) -> Services:
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


def _worker(
    settings: Settings,
    database: Database,
    cloud: HuaweiCloud,
    services: Services,
    messenger: SlackMessenger,
    bell: Bell,
    metrics: Metrics,
) -> Worker:
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


async def _listen(stack: AsyncExitStack, settings: Settings, routes: Sequence[web.RouteDef]) -> str:
    application = web.Application()
    application.add_routes(routes)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    host, port = settings.environment.host, settings.environment.port
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise Misconfigured("settings", f"PORT: cannot listen on {host}:{port} ({error.strerror}).") from error
    bound = runner.addresses[0]
    return f"http://{bound[0]}:{bound[1]}"


def _checks(database: Database, cloud: HuaweiCloud, projects: Sequence[str], line: SocketMode | None) -> dict[str, Check]:
    async def database_answers() -> str | None:
        try:
            await database.ping()
        except BotError as error:
            return error.message
        return None

    async def slack_is_connected() -> str | None:
        return None if line is None else await line.trouble()

    async def cloud_was_seen() -> str | None:
        silent = [name for name in projects if cloud.last_seen(name) is None]
        for name in silent:
            try:
                await cloud.check(name)
            except BotError as error:
                return f"{name}: {error.message}"
        return None

    return {"database": database_answers, "slack": slack_is_connected, "cloud": cloud_was_seen}


def _project(project: ProjectSettings, credentials: Credentials, default_id: str | None) -> Project:
    return Project(
        name=project.name,
        region=project.region,
        endpoint=(project.endpoint or f"https://rds.{project.region}.{_domain(project.region)}").rstrip("/"),
        iam_endpoint=(project.iam_endpoint or _iam(project.region)).rstrip("/"),
        project_id=project.project_id or default_id,
        api_version=project.api_version,
        auth=_auth(project, credentials),
        calls_per_minute=project.calls_per_minute,
        language=project.language,
    )


def _auth(project: ProjectSettings, credentials: Credentials) -> Auth:
    if credentials.access_key is not None and credentials.secret_key is not None:
        token = credentials.security_token
        return AkSk(
            credentials.access_key.get_secret_value(),
            credentials.secret_key.get_secret_value(),
            token.get_secret_value() if token else None,
        )
    if credentials.password is not None and project.username is not None and project.domain is not None:
        return Password(project.username, credentials.password.get_secret_value(), project.domain)
    return Chain()


def _domain(region: str) -> str:
    """Where a region's services live (source: "Regions and Endpoints" of each vendor)."""
    known = {"eu-de": "otc.t-systems.com", "eu-nl": "otc.t-systems.com", "eu-ch2": "sc.otc.t-systems.com"}
    return known.get(region, "myhuaweicloud.eu" if region.startswith("eu-west-") else "myhuaweicloud.com")


def _iam(region: str) -> str:
    if region == "eu-ch2":
        return "https://iam-pub.eu-ch2.sc.otc.t-systems.com"
    return f"https://iam.{region}.{_domain(region)}"
