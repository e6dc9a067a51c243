"""A cloud project as the operator configured it."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class AkSk:
    """An access key. `security_token` belongs to temporary keys only."""

    access_key: str
    secret_key: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Password:
    """An IAM user of the account `domain`; exchanged for tokens of the project (source: "Obtaining a User Token")."""

    username: str
    password: str = field(repr=False)
    domain: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Credentials found by the vendor's SDK: OIDC, environment, profile file, pod identity, the server's metadata."""


Auth = AkSk | Password | Chain


@dataclass(frozen=True, slots=True)
class Project:
    """One project of one region.

    `name` is the configuration's own name for it. Endpoints are base addresses without a path. `project_id` is looked up
    by region where None. `api_version` is that of the recovery call; all other calls exist in v3 only.
    `calls_per_minute` (2 or more) is never exceeded in any minute. `language` is that of the cloud's messages.
    """

    name: str
    region: str
    endpoint: str
    iam_endpoint: str
    project_id: str | None
    api_version: Literal["v3", "v3.1"]
    auth: Auth
    calls_per_minute: int = 60
    language: str = "en-us"


def credential_of(project: Project) -> Hashable:
    """Equal for projects that prove with the same credential who calls, and are locked together if it is refused too often.

    A user is locked whatever password was tried.
    """
    match project.auth:
        case Password(username, _, domain):
            return (username, domain, project.iam_endpoint)
        case AkSk() | Chain() as same:
            return same
