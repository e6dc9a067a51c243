"""The keys of the TOML file, except those of its policies, and what must hold between them."""

from datetime import timedelta
from typing import Literal

from pydantic import Field, model_validator

from bot.policy_settings import Duration, PolicySettings, Strict


class ProjectSettings(Strict):
    """A cloud project that may be restored in."""

    name: str = Field(min_length=1, max_length=60)
    """The name that policies and messages use. Each project has its own."""
    region: str = Field(min_length=1)
    """The region, for example `eu-de`. The addresses are derived from it."""
    project_id: str | None = None
    """The cloud's id of the project. Where it is not given: `HUAWEICLOUD_SDK_PROJECT_ID`, else it is looked up by the
    region's name."""
    endpoint: str | None = None
    """Base address of RDS (`https://…`). Where it is not given, it is derived from the region."""
    iam_endpoint: str | None = None
    """Base address of IAM, for log-ins and for looking up the project id. Where it is not given, it is derived from the
    region."""
    api_version: Literal["v3", "v3.1"] = "v3"
    """Version of the recovery call. `rds-restore-bot check` says which one the region offers."""
    auth: Literal["aksk", "token", "chain"] = "aksk"
    """How the bot proves who it is: access key, token of an IAM user, or the vendor SDK's provider chain (environment,
    profile file, metadata, pod identity)."""
    ak_env: str = "HUAWEICLOUD_SDK_AK"
    """Name of the variable that holds the access key, for `auth = "aksk"`."""
    sk_env: str = "HUAWEICLOUD_SDK_SK"
    """Name of the variable that holds the secret key, for `auth = "aksk"`."""
    security_token_env: str = "HUAWEICLOUD_SDK_SECURITY_TOKEN"  # noqa: S105 - the name of a variable
    """Name of the variable that holds the security token of a temporary key, for `auth = "aksk"`. The variable may be
    missing."""
    username: str | None = None
    """Name of the IAM user, for `auth = "token"`."""
    password_env: str | None = None
    """Name of the variable that holds the IAM user's password, for `auth = "token"`."""
    domain: str | None = None
    """Name of the IAM user's account (domain), for `auth = "token"`."""
    calls_per_minute: int = Field(default=60, ge=1)
    """Calls a minute: the budget for all calls to this project. The vendor allows 60 a minute for a user."""
    language: Literal["en-us", "zh-cn"] = "en-us"
    """Language of the cloud's own messages."""

    @model_validator(mode="after")
    def _token_needs_a_user(self) -> "ProjectSettings":
        if self.auth == "token":
            for key in ("username", "password_env", "domain"):
                if getattr(self, key) is None:
                    raise ValueError(f'{key} is needed with auth = "token"')
        return self


class WorkerSettings(Strict):
    """How often the cloud's jobs are looked at, and how long a crashed process blocks the others."""

    poll_every: Duration = timedelta(seconds=5)
    """How often running jobs are looked at; in the middle of a long job up to every 30 s."""
    lease_for: Duration = timedelta(seconds=30)
    """How long a process that crashed keeps others from its work (PostgreSQL; with SQLite nobody waits)."""


class SlackSettings(Strict):
    """What of Slack is used beyond the ordinary."""

    workflow_step: bool = False
    """Offer the step "Restore a database (with approval)" to Workflow Builder: see `docs/slack.md`."""


class Configuration(Strict):
    """The TOML file."""

    projects: tuple[ProjectSettings, ...] = Field(min_length=1)
    """At least one."""
    policies: tuple[PolicySettings, ...] = Field(min_length=1)
    """At least one, in the order in which they are tried."""
    worker: WorkerSettings = WorkerSettings()
    """How the bot works on requests."""
    slack: SlackSettings = SlackSettings()
    """What of Slack is used beyond the ordinary."""

    @model_validator(mode="after")
    def _names_are_unique(self) -> "Configuration":
        names = [project.name for project in self.projects]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two projects are named {name!r}")
        return self
