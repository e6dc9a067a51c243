"""From the settings to what the adapters take: addresses and credentials."""

from bot.cloud.project import AkSk, Auth, Chain, Password, Project
from bot.configuration import ProjectSettings
from bot.settings import Credentials, Environment, Settings
from bot.slack.connection import SlackAccess
from bot.slack.oauth import OAuthAccess


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
