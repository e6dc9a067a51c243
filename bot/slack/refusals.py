"""The acknowledgement of a modal that cannot be taken as it is: errors at the fields, or a sentence in its place."""

from typing import Any

from bot.domain.errors import BotError
from bot.slack import ids
from bot.slack.payloads import View
from bot.slack.render import limits, text
from bot.slack.render.form import notice
from bot.slack.render.refused import refused


def refusal(view: View, error: BotError, title: str) -> dict[str, Any]:
    if error.field in view.inputs():
        return field_errors(view, {error.field: error.message})
    return {"response_action": "update", "view": notice(title, refused(error))}


def field_errors(view: View, errors: dict[str, str]) -> dict[str, Any]:
    """Slack takes errors only for input blocks that the view has; the others go to the first one."""
    shown: dict[str, str] = {}
    for field, line in errors.items():
        name = field if field in view.inputs() else first_input(view)
        shown[name] = f"{shown[name]} {line}" if name in shown else line
    return {"response_action": "errors", "errors": {name: text.plain(line, limits.ERROR) for name, line in shown.items()}}


def first_input(view: View) -> str:
    inputs = view.inputs()
    return ids.SOURCE if ids.SOURCE in inputs or not inputs else inputs[0]
