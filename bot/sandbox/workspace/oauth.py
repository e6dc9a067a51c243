"""Installing the app by OAuth: the page where somebody approves, and the exchange of a code for a token.

Source: Slack's documentation of OAuth v2, oauth.v2.access and token rotation.
"""

import base64
import html
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.sandbox.workspace.config import AppConfig
from bot.sandbox.workspace.errors import ApiError
from bot.sandbox.workspace.messages import Json

ACCESS = "oauth.v2.access"
EXPIRES_IN = 43_200
"""Seconds that a token lives where tokens are rotated."""
PAGE = """<!doctype html><title>Install</title>
<form method="post"><p>{app} asks for: {scope}</p>
<label>Workspace <input name="team" value="{team}"></label>
<button name="answer" value="allow">Allow</button> <button name="answer" value="deny">Deny</button></form>"""


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody approved."""

    team: str
    enterprise: str | None
    whole_organisation: bool


@dataclass(slots=True)
class OAuth:
    """Everything that was approved so far. The app's own bot token is valid besides."""

    app: AppConfig
    team: str
    redirect_url: str = ""
    """The one that the app's configuration names."""
    rotation: bool = False
    """Whether tokens end after twelve hours and are renewed."""
    tokens: dict[str, Grant] = field(default_factory=dict)
    """Live tokens."""
    _codes: dict[str, Grant] = field(default_factory=dict)
    _refresh: dict[str, Grant] = field(default_factory=dict)

    async def page(self, request: web.Request) -> web.Response:
        """What the person sees."""
        if request.query.get("client_id") != self.app.client_id:
            return web.Response(status=400, text="invalid_client_id")
        team = request.query.get("team") or self.team
        shown = {"app": self.app.name, "scope": request.query.get("scope", ""), "team": team}
        text = PAGE.format(**{name: html.escape(value) for name, value in shown.items()})
        return web.Response(text=text, content_type="text/html")

    async def answer(self, request: web.Request) -> web.Response:
        """The person has pressed a button: back to the app, with a code or an error."""
        form = await request.post()
        back = {"state": request.query.get("state", "")}
        if form.get("answer") != "allow":
            back["error"] = "access_denied"
        else:
            team, enterprise = str(form.get("team") or self.team), str(form.get("enterprise") or "") or None
            back["code"] = self.approve(team, enterprise, whole_organisation=form.get("whole") == "1")
        target = request.query.get("redirect_uri") or self.redirect_url
        return web.Response(status=302, headers={"Location": f"{target}?{urlencode(back)}"})

    def approve(self, team: str, enterprise: str | None = None, *, whole_organisation: bool = False) -> str:
        """A code, good for one exchange."""
        code = secrets.token_hex(8)
        self._codes[code] = Grant(team, enterprise, whole_organisation)
        return code

    def access(self, arguments: Mapping[str, Any], authorization: str) -> Json:
        """oauth.v2.access: a code, or a refresh token, for a token. `authorization` is the header. Raises ApiError."""
        credentials = f"{self.app.client_id}:{self.app.client_secret}".encode()
        if authorization != f"Basic {base64.b64encode(credentials).decode()}":
            raise ApiError("bad_client_secret")
        if arguments.get("grant_type") == "refresh_token":
            grant = self._taken(self._refresh, arguments.get("refresh_token"), "invalid_refresh_token")
            return self._granted(grant)
        grant = self._taken(self._codes, arguments.get("code"), "invalid_code")
        team = None if grant.whole_organisation else {"id": grant.team, "name": grant.team}
        return {
            **self._granted(grant),
            "app_id": self.app.app_id,
            "bot_user_id": "U0BOT",
            "scope": ",".join(sorted(self.app.scopes)),
            "team": team,
            "enterprise": {"id": grant.enterprise, "name": grant.enterprise} if grant.enterprise else None,
            "is_enterprise_install": grant.whole_organisation,
            "authed_user": {"id": "U0ALICE"},
        }

    def _granted(self, grant: Grant) -> Json:
        place = grant.enterprise if grant.whole_organisation else grant.team
        token = f"xoxb-{place}-{secrets.token_hex(6)}"
        self.tokens[token] = grant
        answer: Json = {"access_token": token, "token_type": "bot"}
        if self.rotation:
            refresh = f"xoxe-1-{secrets.token_hex(6)}"
            self._refresh[refresh] = grant
            answer |= {"refresh_token": refresh, "expires_in": EXPIRES_IN}
        return answer

    @staticmethod
    def _taken(shelf: dict[str, Grant], name: object, error: str) -> Grant:
        grant = shelf.pop(str(name), None)
        if grant is None:
            raise ApiError(error)
        return grant
