"""The settings: environment and TOML file. The only reader of the environment.

Raises Misconfigured with the name of the key for everything that is missing, unknown or wrong.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.configuration import Configuration, ProjectSettings
from bot.domain.errors import Misconfigured
from bot.domain.policy import Policy
from bot.policy_settings import Strict
from bot.settings_words import wrong

_PASSWORD = re.compile(r"://[^/:@]*:(.*)@")


class _Files(PydanticBaseSettingsSource):
    """`NAME_FILE` names a file that holds the value of `NAME`. It is not read where `NAME` itself is set, which counts."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        del field
        return os.environ.get(f"{field_name.upper()}_FILE"), field_name, False

    def __call__(self) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, field in self.settings_cls.model_fields.items():
            path, _, _ = self.get_field_value(field, name)
            if path and name.upper() not in os.environ:
                values[name] = secret_file(f"{name.upper()}_FILE", path)
        return values


class Environment(BaseSettings):
    """The environment variables; each also as `NAME_FILE`."""

    # pydantic's own errors, which ours are raised from, would show a wrong value.
    model_config = SettingsConfigDict(frozen=True, extra="ignore", case_sensitive=False, hide_input_in_errors=True)

    slack_bot_token: SecretStr | None = Field(default=None, min_length=1)
    """The bot's token (`xoxb-…`). Needed, except with several workspaces."""
    slack_app_token: SecretStr | None = None
    """App-level token (`xapp-…`) with `connections:write`. If it is there, the bot uses Socket Mode."""
    slack_signing_secret: SecretStr | None = None
    """Signing secret, for HTTP mode. Several, separated by commas, while it is being changed. This or `SLACK_APP_TOKEN`
    is needed."""
    slack_client_id: str | None = None
    """For several workspaces: the app's client id."""
    slack_client_secret: SecretStr | None = None
    """For several workspaces: the app's client secret."""
    slack_workspaces: str | None = None
    """For several workspaces: ids of the workspaces (`T…`) and organisations (`E…`) that may install the app, separated
    by commas."""
    slack_api_url: str = "https://slack.com/api/"
    """Another address of Slack's Web API, for example GovSlack's."""
    database_url: SecretStr = SecretStr("sqlite+aiosqlite:///rds-restore-bot.db")
    """An SQLite file (`sqlite+aiosqlite:///file.db`; four slashes for an absolute path) or
    `postgresql+psycopg://user:password@host/name`."""
    rds_restore_config: Path = Path("rds-restore.toml")
    """Path of the TOML file."""
    host: str = "127.0.0.1"
    """Where health, metrics and (HTTP mode) Slack's requests are answered."""
    port: int = Field(default=3000, ge=0, le=65535)
    """Port of the same. 0 takes a free one; the log says which."""
    log_format: Literal["json", "console"] = "console"
    """Logs for people or for machines."""
    huaweicloud_sdk_project_id: str | None = None
    """The project id of projects that give none."""
    otel_exporter_otlp_endpoint: str | None = None
    """Where traces go (OTLP over HTTP, for example `http://collector:4318`). Needs the extra `otel`."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Values that are given in the program, then the environment, then the files that it names."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, _Files(settings_cls)

    @field_validator("slack_bot_token")
    @classmethod
    def _is_a_bots(cls, token: SecretStr | None) -> SecretStr | None:
        if _begins(token, "xapp-"):
            raise ValueError("this is an app-level token; it belongs in SLACK_APP_TOKEN")
        if _begins(token, "xoxp-"):
            raise ValueError("this is a user's token; the bot's token is needed (Bot User OAuth Token)")
        return token

    @field_validator("slack_app_token")
    @classmethod
    def _is_an_apps(cls, token: SecretStr | None) -> SecretStr | None:
        if _begins(token, "xoxp-", "xoxe.xoxp-"):
            raise ValueError("this is a user's token; an app-level token is needed (xapp-…)")
        if _begins(token, "xoxb-", "xoxe."):
            raise ValueError("this is a bot's token; it belongs in SLACK_BOT_TOKEN")
        return token

    @model_validator(mode="after")
    def _one_token_or_oauth(self) -> "Environment":
        oauth = (self.slack_client_id, self.slack_client_secret, self.slack_workspaces)
        if self.slack_bot_token is None and not any(oauth):
            raise ValueError("SLACK_BOT_TOKEN: is missing (or, for several workspaces, SLACK_CLIENT_ID and its secret)")
        if any(oauth) and not all((self.slack_client_id, self.slack_client_secret, self.workspaces)):
            raise ValueError("SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and SLACK_WORKSPACES are needed together")
        return self

    @model_validator(mode="after")
    def _one_way_in(self) -> "Environment":
        if self.slack_app_token is None and not self.signing_secrets:
            raise ValueError("SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP mode) is needed")
        return self

    @property
    def workspaces(self) -> tuple[str, ...]:
        """Ids of the teams and enterprises that may install the app."""
        return tuple(part.strip() for part in (self.slack_workspaces or "").split(",") if part.strip())

    @property
    def signing_secrets(self) -> tuple[str, ...]:
        """All that are good at the moment."""
        if self.slack_signing_secret is None:
            return ()
        return tuple(part.strip() for part in self.slack_signing_secret.get_secret_value().split(",") if part.strip())

    def secrets(self) -> frozenset[str]:
        """What of it must never be written anywhere, as it is and as it stands in an address."""
        address = self.database_url.get_secret_value()
        # Found by its place, and not by parsing: the address may be wrong.
        found = _PASSWORD.search(address)
        password = found[1] if found is not None else ""
        # Of the database's address only the password is one.
        return (_texts(self) - {address}) | ({*self.signing_secrets, password, unquote(password)} - {""})


class Credentials(Strict):
    """What a project signs with, read from the variables that its configuration names."""

    access_key: SecretStr | None = None
    secret_key: SecretStr | None = None
    security_token: SecretStr | None = None
    password: SecretStr | None = None


class Settings(Strict):
    """Everything, read once at the start."""

    environment: Environment
    configuration: Configuration
    credentials: Mapping[str, Credentials]
    """By project name."""

    def secrets(self) -> frozenset[str]:
        """Everything that must never be written anywhere, as it is and as it stands in an address."""
        return self.environment.secrets().union(*(_texts(each) for each in self.credentials.values()))


def load() -> Settings:
    """Read everything. Raises Misconfigured `settings`."""
    environment = environment_only()
    configuration = _configuration(environment.rds_restore_config)
    credentials = {project.name: _credentials(project) for project in configuration.projects}
    return Settings(environment=environment, configuration=configuration, credentials=credentials)


def environment_only() -> Environment:
    """The environment without the file. Raises Misconfigured `settings`."""
    try:
        return Environment()
    except ValidationError as error:
        raise wrong("environment", error, upper=True) from error


def database_url() -> str:
    """DATABASE_URL alone, for commands that need nothing else."""
    default: SecretStr = Environment.model_fields["database_url"].default
    return _alone("DATABASE_URL", default.get_secret_value())


def policies_only() -> tuple[Policy, ...]:
    """The policies of the file that RDS_RESTORE_CONFIG names, for commands that need nothing else of it.

    Raises Misconfigured `settings`.
    """
    default: Path = Environment.model_fields["rds_restore_config"].default
    return tuple(each.policy() for each in _configuration(Path(_alone("RDS_RESTORE_CONFIG", str(default)))).policies)


def variables() -> frozenset[str]:
    """Names of all environment variables that are read, in upper case, except those that a configuration names itself."""
    named = (ProjectSettings.model_fields[key].default for key in ("ak_env", "sk_env", "security_token_env"))
    names = {*(name.upper() for name in Environment.model_fields), *named}
    return frozenset({*names, *(f"{name}_FILE" for name in names)})


def secret_file(key: str, path: str) -> str:
    """A file's text without the white space around it. Raises Misconfigured."""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured("settings", f"{key}: the file {path} cannot be read.") from error


def _alone(name: str, default: str) -> str:
    path = os.environ.get(f"{name}_FILE")
    if path and name not in os.environ:
        return secret_file(f"{name}_FILE", path)
    return os.environ.get(name, default)


def _configuration(path: Path) -> Configuration:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Misconfigured("settings", f"RDS_RESTORE_CONFIG: there is no file {path}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured("settings", f"RDS_RESTORE_CONFIG: the file {path} cannot be read.") from error
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured("settings", f"RDS_RESTORE_CONFIG: {path} is not TOML: {error}.") from error
    try:
        return Configuration.model_validate(content)
    except ValidationError as error:
        raise wrong(str(path), error) from error


def _credentials(project: ProjectSettings) -> Credentials:
    if project.auth == "aksk":
        return Credentials(
            access_key=_secret(project.name, "ak_env", project.ak_env),
            secret_key=_secret(project.name, "sk_env", project.sk_env),
            security_token=_optional(project.security_token_env),
        )
    if project.auth == "token" and project.password_env is not None:
        return Credentials(password=_secret(project.name, "password_env", project.password_env))
    return Credentials()


def _secret(project: str, key: str, variable: str) -> SecretStr:
    found = _optional(variable)
    if found is None:
        raise Misconfigured("settings", f"{variable}: is missing ({key} of project {project} names it).")
    return found


def _optional(variable: str) -> SecretStr | None:
    value = os.environ.get(variable)
    path = os.environ.get(f"{variable}_FILE")
    if not value and path:
        value = secret_file(f"{variable}_FILE", path)
    return SecretStr(value) if value else None


def _texts(holder: BaseModel) -> frozenset[str]:
    values = (value.get_secret_value() for _, value in holder if isinstance(value, SecretStr))
    return frozenset(value for value in values if value)


def _begins(token: SecretStr | None, *prefixes: str) -> bool:
    return token is not None and token.get_secret_value().startswith(prefixes)
