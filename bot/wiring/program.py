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
from bot.domain.errors import BotError, Misconfigured
from bot.ops.figures import Refresh
from bot.ops.health import Check, Health
from bot.ops.metrics import Metrics
from bot.ops.tracing import tracing
from bot.settings import Settings
from bot.slack.app import build_app
from bot.slack.calls import watched
from bot.slack.connection import connect
from bot.slack.directory import SlackDirectory
from bot.slack.draining import Draining
from bot.slack.front_door import FrontDoor
from bot.slack.messenger import SlackMessenger
from bot.slack.socket_mode import SocketMode
from bot.slack.workspaces import Workspaces
from bot.store.database import Database
from bot.wiring.access import cloud_projects, slack_access
from bot.wiring.given import ConfiguredPolicies, SystemClock
from bot.wiring.observed import Observers
from bot.wiring.parts import services_of, worker_of
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
        observers = _observers(stack, settings)
        database = await _database(stack, settings, observers)
        cloud = await stack.enter_async_context(HuaweiCloud(cloud_projects(settings), clock, observe=observers.cloud_call))
        access = slack_access(settings.environment)
        session = aiohttp.ClientSession(trace_configs=[watched(access.api_url, observers.slack_call)])
        await stack.enter_async_context(session)
        slack = await connect(access, session, database.installations)
        bell = Bell()
        policies = ConfiguredPolicies(
            [project.name for project in settings.configuration.projects],
            [policy.policy() for policy in settings.configuration.policies],
        )
        services = services_of(database, cloud, SlackDirectory(slack.workspaces), policies, clock, bell, observers)
        worker = worker_of(settings, database, cloud, services, SlackMessenger(slack.workspaces, clock), bell, observers)
        app = build_app(
            slack.client,
            services,
            slack.installing,
            workflow_step=settings.configuration.slack.workflow_step,
            spans=observers.spans,
        )
        line = SocketMode(app, access.app_token) if access.app_token is not None else None
        refresh = _refresh(stack, observers, database, partial(observers.look_around, cloud, policies.projects, line))
        routes = Health(_checks(database, cloud, policies.projects, line), observers.metrics, refresh).routes()
        if line is None:
            routes.append(web.post("/slack/events", FrontDoor(app, access.signing_secrets, clock, database.replays).handle))
        if slack.installing is not None:
            routes += slack.installing.routes()
        url = await _listen(stack, settings, routes)
        if line is not None:
            stack.push_async_callback(line.close)
            await line.connect()
        yield Running(worker, app.draining, url, slack.workspaces, line)


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
