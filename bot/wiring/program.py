"""The whole program: opens every part in order, and closes it in the reverse order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import aiohttp
from aiohttp import web

from bot import __version__
from bot.cloud.rds import HuaweiCloud
from bot.domain.errors import Misconfigured
from bot.ops.figures import Refresh
from bot.ops.health import Health
from bot.ops.metrics import Metrics
from bot.ops.tracing import tracing
from bot.ops.watching import Pace
from bot.settings import Settings
from bot.slack.app import build_app
from bot.slack.calls import watched
from bot.slack.connection import slack_of
from bot.slack.directory import SlackDirectory
from bot.slack.draining import Draining
from bot.slack.front_door import FrontDoor
from bot.slack.messenger import SlackMessenger
from bot.slack.socket_mode import FIRST_TRY, SocketMode
from bot.slack.workspaces import Workspaces
from bot.store.database import Database
from bot.wiring.access import cloud_projects, slack_access
from bot.wiring.given import ConfiguredPolicies, SystemClock
from bot.wiring.observed import Observers
from bot.wiring.parts import services_of, worker_of
from bot.wiring.readiness import Watches, checks, keep, watches
from bot.worker.worker import Bell, Worker


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
    outside: Watches

    @property
    def socket_mode(self) -> bool:
        """Whether the bot calls Slack, instead of Slack the bot."""
        return self.line is not None

    async def known(self) -> None:
        """Wait until Slack knows the bot, which it may not while it is away at the start."""
        await self.outside.slack.known()

    async def fallen(self) -> None:
        """Wait until the line to Slack cannot be kept open any more, which may be for ever. Raises Misconfigured then."""
        if self.line is None:
            await asyncio.Event().wait()
        else:
            await self.line.fallen()


@asynccontextmanager
async def running(settings: Settings, pace: Pace | None = None) -> AsyncIterator[Running]:
    """Open everything in order, and close it in the reverse order. `pace` is how often Slack and the cloud are looked at.

    Slack and the cloud may be away: the restores on record are followed all the same, and messages wait in the outbox.
    Raises Misconfigured if Slack refuses us, Misconfigured or Unavailable by the database, with words for the operator.
    """
    async with AsyncExitStack() as stack:
        clock = SystemClock()
        observers = _observers(stack, settings)
        database = await _database(stack, settings, observers)
        cloud = await stack.enter_async_context(HuaweiCloud(cloud_projects(settings), clock, observe=observers.cloud_call))
        access = slack_access(settings.environment)
        session = aiohttp.ClientSession(trace_configs=[watched(access.api_url, observers.slack_call)])
        await stack.enter_async_context(session)
        slack = slack_of(access, session, database.installations)
        bell = Bell()
        policies = ConfiguredPolicies(
            [project.name for project in settings.configuration.projects],
            [policy.policy() for policy in settings.configuration.policies],
        )
        services = services_of(database, cloud, SlackDirectory(slack.workspaces), policies, clock, bell, observers)
        worker = worker_of(settings, database, cloud, services, SlackMessenger(slack.workspaces, clock), bell, observers)
        workflow_step = settings.configuration.slack.workflow_step
        app = build_app(slack.client, services, slack.installing, workflow_step=workflow_step, spans=observers.spans)
        outside = watches(slack, cloud, policies.projects, clock, observers, pace or Pace())
        line = SocketMode(app, access.app_token, known=outside.slack.known) if access.app_token is not None else None
        refresh = _refresh(stack, observers, database, partial(observers.look_around, cloud, policies.projects, line))
        health = Health(checks(database, outside, line), observers.metrics, refresh)
        routes = health.routes()
        if line is None:
            routes.append(web.post("/slack/events", FrontDoor(app, access.signing_secrets, clock, database.replays).handle))
        if slack.installing is not None:
            routes += slack.installing.routes()
        url = await _listen(stack, settings, routes)
        await _reach(stack, outside, line)
        keep(stack, health.keep(), "readiness")
        yield Running(worker, app.draining, url, slack.workspaces, line, outside)


def _observers(stack: AsyncExitStack, settings: Settings) -> Observers:
    traces = tracing(settings.environment.otel_exporter_otlp_endpoint, __version__)
    if traces is not None:
        # In a thread: the last spans go out over HTTP.
        stack.push_async_callback(asyncio.to_thread, traces.close)
    projects = [project.name for project in settings.configuration.projects]
    return Observers(Metrics(__version__, projects), traces)


async def _database(stack: AsyncExitStack, settings: Settings, observers: Observers) -> Database:
    database = Database(
        settings.environment.database_url.get_secret_value(),
        witness=observers.written,
        observe=observers.transaction,
        taken_over=observers.taken_over,
    )
    await database.open()
    stack.push_async_callback(database.close)
    return database


def _refresh(
    stack: AsyncExitStack, observers: Observers, database: Database, nearby: Callable[[], Awaitable[None]]
) -> Refresh:
    refresh = Refresh(observers.metrics, database.figures.read, nearby)
    stack.push_async_callback(refresh.close)
    return refresh


async def _reach(stack: AsyncExitStack, outside: Watches, line: SocketMode | None) -> None:
    """Raises Misconfigured if Slack refuses a token now, within `FIRST_TRY` seconds. A Slack that is away is looked for in
    the background, and the cloud is waited for in no case."""
    for name, watch in outside.cloud.items():
        keep(stack, watch.keep(), f"watch of {name}")
    slack = outside.slack
    keep(stack, slack.keep(), "watch of Slack")
    loop = asyncio.get_running_loop()
    until = loop.time() + FIRST_TRY
    error = await slack.first(FIRST_TRY)
    if isinstance(error, Misconfigured):
        raise error
    if line is not None:
        stack.push_async_callback(line.close)
        # It waits for Slack to know us, and we do not wait for that twice.
        await line.connect(max(0.0, until - loop.time()) if slack.is_known else 0.0)


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
