"""The local Slack: one server with the Web API, Socket Mode, the page, and people who do things."""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from aiohttp import web

from bot.sandbox.workspace import screen
from bot.sandbox.workspace.actor import Actor
from bot.sandbox.workspace.calls import ApiCall
from bot.sandbox.workspace.changes import BotChanged, Change
from bot.sandbox.workspace.config import AppConfig
from bot.sandbox.workspace.courier import Courier
from bot.sandbox.workspace.delivery import Ack, Envelope
from bot.sandbox.workspace.errors import NotThere
from bot.sandbox.workspace.faults import Faults
from bot.sandbox.workspace.functions import Execution
from bot.sandbox.workspace.interactions import Interactions
from bot.sandbox.workspace.live import LivePages
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.oauth import OAuth
from bot.sandbox.workspace.page_api import PageApi
from bot.sandbox.workspace.platform import Platform
from bot.sandbox.workspace.rates import Rates
from bot.sandbox.workspace.response_urls import ResponseUrls
from bot.sandbox.workspace.signed_http import SignedHttp
from bot.sandbox.workspace.sockets import Sockets
from bot.sandbox.workspace.submissions import Submissions
from bot.sandbox.workspace.web_api import WebApi
from bot.sandbox.workspace.workspace import Workspace

__all__ = ["AppConfig", "Workspace", "WorkspaceServer"]

EVENT_RETRIES = (0.0, 60.0, 300.0)
"""Seconds before each further attempt to deliver an event. Source: Slack's documentation of the Events API."""
BODY_MAX = 4 * 1024 * 1024
T = TypeVar("T")


class WorkspaceServer:
    """A Slack for one workspace and one app.

    `now` is the clock of messages, trigger ids and limits, in seconds since the epoch; `ack_timeout` and `event_retries` are
    real seconds.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        app: AppConfig,
        now: Callable[[], float] = time.time,
        rate_limits: bool = False,
        ack_timeout: float = 3.0,
        event_retries: tuple[float, ...] = EVENT_RETRIES,
    ) -> None:
        self.workspace = workspace
        self.app = app
        # Slack gives the bot user the name that the manifest says.
        workspace.people[workspace.bot_user] = replace(workspace.people[workspace.bot_user], real_name=app.name)
        self.faults = Faults()
        self.platform = Platform(workspace, app, now)
        self.oauth = OAuth(app, workspace.team.id)
        """Installing the app in more workspaces."""
        self._ack_timeout = ack_timeout
        self._sockets = Sockets(app.app_id, ack_timeout, self._bot_changed)
        self._courier = Courier(self._sockets, event_retries)
        self._api = WebApi(self.platform, self._sockets, self.faults, Rates() if rate_limits else None, self.oauth)
        self._interactions = Interactions(self.platform, self._courier)
        self._submissions = Submissions(self.platform, self._courier)
        self._pages = LivePages(self.platform, {})
        self.people = {user: self._new_actor(user) for user in workspace.people}
        """Person → what they can do."""
        self._more_routes: list[web.AbstractRouteDef] = []
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where the server answers, without a slash at the end. The page is at its root."""
        return self.platform.url

    @property
    def api_url(self) -> str:
        """The Web API's base, with a slash at the end: what SLACK_API_URL takes."""
        return f"{self.url}/api/"

    @property
    def bot_connected(self) -> bool:
        """Whether the app can be reached now; in HTTP mode always."""
        return self._courier.line.connected

    @property
    def present(self) -> set[str]:
        """The people who have the page open now."""
        return self._pages.present

    @property
    def calls(self) -> list[ApiCall]:
        """Every Web API call, in order."""
        return self._api.calls

    @property
    def problems(self) -> list[str]:
        """What the app answered to payloads that Slack would not understand. Empty for a correct app."""
        return self.platform.problems

    def also_serve(self, routes: Iterable[web.AbstractRouteDef]) -> None:
        """Answer more addresses than Slack's and the page's, from the next start on."""
        self._more_routes += routes

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen. Port 0 takes a free one. Raises OSError if the port is taken."""
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.platform.url = f"http://{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        if self._runner is None:
            return
        await self._courier.close()
        await self._sockets.close()
        await self._pages.close()
        await self._runner.cleanup()
        self._runner = None

    def enable_http(self, url: str) -> None:
        """Deliver to this request URL, signed, instead of by Socket Mode."""
        self._courier.line = SignedHttp(url, self.app.signing_secret, self.platform.now, self._ack_timeout)
        self._bot_changed(True)

    async def disconnect_sockets(self, reason: str = "refresh_requested") -> None:
        """Tell every Socket Mode connection to go: `warning`, `refresh_requested` or `link_disabled`."""
        await self._sockets.disconnect(reason)

    def break_sockets(self) -> None:
        """Break every Socket Mode connection without a word, as a network does."""
        self._sockets.abort()

    async def deliver(self, kind: str, payload: Json) -> Ack:
        """Send a payload as it is, whatever it says, once. `kind`: `slash_commands`, `interactive` or `events_api`."""
        return await self._courier.line.deliver(Envelope(kind, payload))

    async def run_step(self, callback_id: str, inputs: Mapping[str, Any]) -> Execution:
        """A workflow comes to the app's step."""
        return await self._interactions.run_step(callback_id, inputs)

    def actor(self, user: str) -> Actor:
        """A person. Raises NotThere if there is none with this id."""
        if user not in self.people:
            if user not in self.workspace.people:
                raise NotThere(f"there is no {user}")
            self.people[user] = self._new_actor(user)
        return self.people[user]

    async def wait_for(self, predicate: Callable[[Workspace], T], timeout: float = 10.0) -> T:  # noqa: ASYNC109
        """Wait until the predicate is true of the workspace, and return what it returned.

        It is tried at once and after every change and Web API call. A LookupError in it counts as not yet. Raises
        TimeoutError with everything that is on the screens.
        """
        changed = asyncio.Event()

        def watch(change: Change) -> None:  # noqa: ARG001 - a watcher's signature
            changed.set()

        self.workspace.watch(watch)
        try:
            async with asyncio.timeout(timeout):
                while True:
                    changed.clear()
                    found = _tried(predicate, self.workspace)
                    if found is not None:
                        return found
                    await changed.wait()
        except TimeoutError:
            raise TimeoutError(f"not within {timeout} s\n{self.dump()}") from None
        finally:
            self.workspace.unwatch(watch)

    def dump(self) -> str:
        """Everything that is on the screens, and the last calls, as text."""
        return screen.dump(self.workspace, self.calls, self.problems)

    def _new_actor(self, user: str) -> Actor:
        return Actor(user, self.platform, self._interactions, self._submissions)

    def _bot_changed(self, connected: bool) -> None:
        self.workspace.tell(BotChanged(connected))

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=BODY_MAX)
        application.add_routes(
            [
                web.route("*", "/api/{method}", self._api.handle),
                web.get("/link", self._sockets.handle),
                web.post("/response/{name}", ResponseUrls(self.platform, self.faults).handle),
                web.route("*", "/_control/faults", self._control),
                web.get("/_page/live", self._pages.handle),
                web.get("/oauth/v2/authorize", self.oauth.page),
                web.post("/oauth/v2/authorize", self.oauth.answer),
                *PageApi(self.platform, self._courier, self.actor).routes(),
                *self._more_routes,
            ]
        )
        return application

    async def _control(self, request: web.Request) -> web.Response:
        """GET shows the faults, POST sets some of them by name, DELETE clears all."""
        if request.method == "DELETE":
            self.faults.clear()
        elif request.method == "POST":
            try:
                self.faults.change(json.loads(await request.text()))
            except (ValueError, AttributeError) as error:
                return web.json_response({"ok": False, "error": str(error)}, status=400)
        return web.json_response({"ok": True, "faults": self.faults.as_json()})


def _tried(predicate: Callable[[Workspace], T], workspace: Workspace) -> T | None:
    try:
        found = predicate(workspace)
    except LookupError:
        return None
    return found or None
