"""Whether Slack would find the bot at its public address (HTTP mode)."""

from urllib.parse import urlsplit

import aiohttp

from bot.domain.condition import Condition, doubtful, fine, wrong

PATIENCE = aiohttp.ClientTimeout(total=8)
EVENTS = "/slack/events"
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
"""Where a local Slack calls without TLS."""


async def reach(session: aiohttp.ClientSession, url: str) -> Condition:
    """Ask `url` from here: the bot's sign of life, and its door, which must refuse what Slack has not signed."""
    base = url.rstrip("/")
    if not _is_possible(base):
        return wrong(
            f"{base} does not begin with https://, and Slack calls no other address.",
            "Give --public-url as it stands in the app's settings, from https:// to the name of the host.",
        )
    step = f"Start `serve`, and see that {base} leads to its HOST and PORT with a valid certificate."
    try:
        async with session.get(base + "/healthz", timeout=PATIENCE, allow_redirects=False) as answer:
            alive = answer.status
        async with session.post(base + EVENTS, data=b"{}", timeout=PATIENCE, allow_redirects=False) as answer:
            unsigned = answer.status
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        return wrong(f"{base} does not answer ({type(error).__name__}).", step)
    if alive != 200:
        return wrong(f"{base}/healthz answers {alive} instead of 200.", step)
    if unsigned != 401:
        return wrong(
            f"{base}{EVENTS} answers {unsigned} to an unsigned request, instead of 401.",
            f"See that {base}{EVENTS} leads to the bot itself, in HTTP mode (no SLACK_APP_TOKEN).",
        )
    return fine(f"{base} leads to the bot, which refuses what is not signed. It is asked from here, not from Slack's side.")


def _is_possible(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in THIS_MACHINE))


def not_given() -> Condition:
    """HTTP mode, and nobody said under which address."""
    return doubtful(
        "HTTP mode: a signing secret is set; whether Slack reaches the bot was not asked.",
        "Run `check --public-url https://…` with the address that the app's settings name, while `serve` runs.",
    )
