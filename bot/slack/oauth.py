"""Installing the app in a workspace by OAuth: `/slack/install` and `/slack/oauth_redirect`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.listener.async_builtins import AsyncTokenRevocationListeners
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.installations import InstallationRows, InstalledWorkspaces

SCOPES = ("channels:read", "chat:write", "commands", "groups:read", "im:write", "usergroups:read", "users:read")
"""Those of the manifest that are needed; a test compares the two."""
OPTIONAL_SCOPES = ("channels:history", "groups:history", "im:history")
"""Those of the manifest without which everything works."""
INSTALL = "/slack/install"
REDIRECT = "/slack/oauth_redirect"
STATE_SECONDS = 600

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OAuthAccess:
    """The app's own credentials, and where it may be installed. The secret is plain here and never logged."""

    client_id: str
    client_secret: str
    allowed: tuple[str, ...]
    """Ids of teams and enterprises."""
    api_url: str


class Flow(AsyncOAuthFlow):
    """Bolt's flow, for the workspaces that the operator allows."""

    def __init__(self, settings: AsyncOAuthSettings, client: AsyncWebClient, workspaces: InstalledWorkspaces) -> None:
        super().__init__(client=client, settings=settings)
        self._workspaces = workspaces

    async def run_installation(self, code: str) -> Installation | None:
        """None where Slack refuses the code, or where the app is not wanted: then its token is given back."""
        found = await super().run_installation(code)
        if found is None or self._workspaces.allows(found.enterprise_id, found.team_id):
            return found
        log.warning(
            "Somebody installed the app where it is not allowed",
            action="installation_refused",
            team=found.team_id,
            enterprise=found.enterprise_id,
        )
        await self.client.auth_revoke(token=found.bot_token)
        return None

    async def store_installation(self, request: AsyncBoltRequest, installation: Installation) -> None:
        """Keep the token."""
        await super().store_installation(request, installation)
        self._workspaces.forget()
        log.info("The app was installed", action="installed", team=installation.team_id, by=installation.user_id)


@dataclass(frozen=True, slots=True)
class Installing:
    """What the wiring joins when there are several workspaces."""

    workspaces: InstalledWorkspaces
    flow: Flow

    def routes(self) -> Sequence[web.RouteDef]:
        """The two pages for a person's browser."""
        return (
            web.get(INSTALL, _page(self.flow.handle_installation)),
            web.get(REDIRECT, _page(self.flow.handle_callback)),
        )


def installing(
    access: OAuthAccess, rows: InstallationRows, client: AsyncWebClient, client_for: Callable[[str], AsyncWebClient]
) -> Installing:
    """`client` has no token; `client_for` makes one for a token."""
    # Typed by SQLAlchemy, which only the store knows.
    engine: Any = rows.engine
    store = AsyncSQLAlchemyInstallationStore(client_id=access.client_id, engine=engine)
    rotator = AsyncTokenRotator(client_id=access.client_id, client_secret=access.client_secret, client=client)
    workspaces = InstalledWorkspaces(access.client_id, access.allowed, rows, store, rotator, client_for)
    settings = AsyncOAuthSettings(
        client_id=access.client_id,
        client_secret=access.client_secret,
        scopes=SCOPES,
        user_scopes=(),
        authorization_url=urljoin(access.api_url, "/oauth/v2/authorize"),
        install_path=INSTALL,
        redirect_uri_path=REDIRECT,
        installation_store=store,
        installation_store_bot_only=True,
        state_store=AsyncSQLAlchemyOAuthStateStore(expiration_seconds=STATE_SECONDS, engine=engine),
        state_expiration_seconds=STATE_SECONDS,
    )
    return Installing(workspaces, Flow(settings, client, workspaces))


def register_removal(app: AsyncApp, several: Installing) -> None:
    """Forget the tokens of a workspace that has removed the app."""
    listeners = AsyncTokenRevocationListeners(several.flow.settings.installation_store)

    @app.event("tokens_revoked")
    async def revoked(event: dict[str, Any], context: AsyncBoltContext) -> None:
        await listeners.handle_tokens_revoked_events(event, context)
        several.workspaces.forget()

    @app.event("app_uninstalled")
    async def removed(context: AsyncBoltContext) -> None:
        await listeners.handle_app_uninstalled_events(context)
        several.workspaces.forget()
        log.info("The app was removed", action="uninstalled", team=context.team_id, enterprise=context.enterprise_id)


def _page(
    step: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def page(request: web.Request) -> web.Response:
        asked = AsyncBoltRequest(
            body="",
            query=request.query_string,
            headers={name: [value] for name, value in request.headers.items()},
        )
        try:
            return await to_aiohttp_response(await step(asked))
        except Exception as error:  # noqa: BLE001 - a browser shall read a sentence whatever goes wrong
            # The query has the code that stands for a token, so no traceback.
            log.error("The app could not be installed", action="installation_failed", why=type(error).__name__)  # noqa: TRY400
            return web.Response(status=503, text="That did not work. Please start again at /slack/install.")

    return page
