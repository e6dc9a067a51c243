"""An error in words for the person, mrkdwn."""

from bot.domain.errors import BotError
from bot.slack.render import text


def sentence(error: BotError) -> str:
    """The error's words, escaped; with the person who was first, where somebody was."""
    said = text.said(error.message)
    return f"{said} ({text.person(error.by.user)})" if error.by is not None else said


def refused(error: BotError) -> str:
    """The same, with a sign."""
    return f"⛔ {sentence(error)}"
