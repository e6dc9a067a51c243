"""The identity service, as far as RDS clients need it: tokens, projects, temporary keys.

Sources: IAM API reference, "Obtaining a User Token", "Querying Project Information", "Obtaining a Temporary Access Key and
Security Token Through a Token".
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.rds.authentication import Authentication, Caller
from bot.sandbox.rds.errors import ApiError, IamError
from bot.sandbox.rds.exchange import Answer, ApiRequest
from bot.sandbox.rds.state import CloudState, Project, User

SHORTEST_KEY = 900
LONGEST_KEY = 86_400


class Iam:
    """Handlers of the identity paths."""

    def __init__(self, state: CloudState, authentication: Authentication) -> None:
        self._state = state
        self._authentication = authentication

    def tokens(self, request: ApiRequest) -> Answer:
        """POST /v3/auth/tokens with a password. Raises IamError."""
        auth = _part(_json(request), "auth")
        identity = _part(auth, "identity")
        if identity.get("methods") != ["password"]:
            raise IamError(400, "Bad Request", "Only the method 'password' is offered here.")
        user = self._user(_part(_part(identity, "password"), "user"))
        project = self._project(auth.get("scope"))
        value, token = self._authentication.issue_token(user.name, None if project is None else project.id, request.at)
        body: dict[str, Any] = {
            "methods": ["password"],
            "issued_at": _iso(token.issued_at),
            "expires_at": _iso(token.expires_at),
            "user": {"id": _id_of(user.name), "name": user.name, "domain": _domain(user.domain)},
            "roles": [{"id": "0", "name": "rds_adm"}],
        }
        if project is not None:
            body["project"] = {"id": project.id, "name": project.name, "domain": _domain(user.domain)}
        if "nocatalog" not in request.asked:
            body["catalog"] = []
        return Answer(201, {"token": body}, {"X-Subject-Token": value})

    def projects(self, request: ApiRequest, caller: Caller) -> Answer:
        """GET /v3/projects, by name or all; only those that the caller's token holds for."""
        name = request.asked.get("name")
        found = [
            {"id": project.id, "name": project.name, "enabled": True, "is_domain": False, "description": ""}
            for project in self._state.projects
            if name in (None, project.name) and caller.project_id in (None, project.id)
        ]
        return Answer(200, {"projects": found, "links": {"self": request.path, "next": None, "previous": None}})

    def temporary_keys(self, request: ApiRequest) -> Answer:
        """POST /v3.0/OS-CREDENTIAL/securitytokens by a token, in the body or in the header. Raises ApiError."""
        identity = _part(_part(_json(request), "auth"), "identity")
        if identity.get("methods") != ["token"]:
            raise IamError(400, "Bad Request", "Only the method 'token' is offered here.")
        asked = identity.get("token")
        given: Mapping[str, Any] = asked if isinstance(asked, dict) else {}
        seconds = given.get("duration_seconds", SHORTEST_KEY)
        if not isinstance(seconds, int) or not SHORTEST_KEY <= seconds <= LONGEST_KEY:
            raise IamError(400, "Bad Request", f"duration_seconds must be from {SHORTEST_KEY} to {LONGEST_KEY}.")
        try:
            self._authentication.token(str(given.get("id") or request.headers.get("x-auth-token", "")), request.at)
        except ApiError as error:
            raise IamError(401, "Unauthorized", "The token is not valid.") from error
        key = self._authentication.issue_key(seconds, request.at)
        credential = {
            "access": key.access,
            "secret": key.secret,
            "securitytoken": key.security_token,
            "expires_at": _iso(key.expires_at),
        }
        return Answer(201, {"credential": credential})

    def _user(self, claimed: Mapping[str, Any]) -> User:
        domain = _part(claimed, "domain").get("name")
        for user in self._state.users:
            if (user.name, user.password, user.domain) == (claimed.get("name"), claimed.get("password"), domain):
                return user
        raise IamError(401, "Unauthorized", "The username or password is wrong.")

    def _project(self, scope: object) -> Project | None:
        wanted = scope.get("project") if isinstance(scope, dict) else None
        if not isinstance(wanted, dict):
            return None
        for project in self._state.projects:
            if wanted.get("id", project.id) == project.id and wanted.get("name", project.name) == project.name:
                return project
        raise IamError(401, "Unauthorized", "The project does not exist or is not yours.")


def _json(request: ApiRequest) -> dict[str, Any]:
    try:
        return request.json()
    except ApiError as error:
        raise IamError(400, "Bad Request", "The request body is invalid.") from error


def _part(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = body.get(name)
    if not isinstance(part, dict):
        raise IamError(400, "Bad Request", f"'{name}' is a required property")
    return part


def _domain(name: str) -> dict[str, str]:
    return {"id": _id_of(name), "name": name}


def _id_of(name: str) -> str:
    """An id that is the same at each start."""
    return name.encode().hex().ljust(32, "0")[:32]


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
