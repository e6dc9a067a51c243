"""What a Web API call may raise, and what it means."""

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.domain.errors import BotError, Misconfigured, Unavailable

NO_ANSWER = (SlackClientError, aiohttp.ClientError, OSError, TimeoutError)
"""Slack refused (SlackApiError is one of the first kind), or nobody answered."""
NO_JSON = "no_json"
HOPELESS = frozenset(
    {
        "access_denied", "account_inactive", "app_not_found", "deprecated_endpoint", "ekm_access_denied",
        "enterprise_is_restricted", "forbidden_team", "invalid_auth", "method_deprecated", "missing_scope", "no_permission",
        "not_allowed_token_type", "not_authed", "socket_mode_disabled", "team_access_not_granted", "team_disabled",
        "token_expired", "token_revoked", "user_removed_from_team",
    }
)  # fmt: skip
"""Errors of a token that trying again does not mend (source: auth.test, apps.connections.open)."""


def code_of(error: SlackApiError) -> str:
    """Slack's error code; `NO_JSON` where something else answered, for example a proxy."""
    data = getattr(error.response, "data", error.response)
    return str(data.get("error") or NO_JSON) if isinstance(data, dict) else NO_JSON


def wait_of(error: SlackApiError) -> float:
    """Seconds that Slack asks to wait (Retry-After); 0 where it does not say."""
    try:
        return float(getattr(error.response, "headers", {}).get("Retry-After", 0.0))
    except ValueError:
        return 0.0


def refusal(key: str, error: SlackApiError) -> BotError:
    """What to say when Slack refuses a token: Misconfigured with the setting at fault, or Unavailable if it may pass."""
    code = code_of(error)
    if code in HOPELESS:
        return Misconfigured("slack.token", f"{key}: Slack refuses it ({code}).")
    busy = Unavailable("slack.down", f"{key}: Slack does not take it now ({code}).")
    busy.retry_after = wait_of(error)
    return busy
