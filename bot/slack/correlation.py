"""By what the lines of one interaction are found: in Slack's logs, in ours, and in a trace."""

import re
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.domain.errors import BotError
from bot.domain.request import ALPHABET, ID_LENGTH
from bot.slack.draining import DrainingApp
from bot.slack.payloads import person_of
from bot.workflow.observing import Spans, untraced

_REQUEST_ID = re.compile(rf"\bR-[{ALPHABET}]{{{ID_LENGTH}}}\b")
_PLAIN = re.compile(r"[\w./:-]{1,80}")
"""What is bound comes from outside, so only what looks like an id or a name is taken."""


class CorrelatedApp(DrainingApp):
    """A Bolt app that knows for each interaction what its lines are found by.

    Everything that comes from Slack goes through here, and what a listener starts inherits it. A middleware would be too
    late for that: Bolt ends each one before the listener begins.
    """

    def __init__(self, *, spans: Spans = untraced, **settings: Any) -> None:
        self._spans = spans
        super().__init__(**settings)

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """Answer one request of Slack's."""
        found = correlation(req.body)
        with ExitStack() as stack:
            stack.enter_context(structlog.contextvars.bound_contextvars(**found))
            stack.enter_context(self._spans(f"slack {found['interaction']}", found))
            return await super().async_dispatch(req)


def correlation(body: Mapping[str, Any]) -> dict[str, str]:
    """What kind of interaction it is and on what, who began it, Slack's own id of it, and the request that it is about."""
    kind = body.get("type")
    found = {"interaction": kind if isinstance(kind, str) and _PLAIN.fullmatch(kind) else "command"}
    asked = _asked(body)
    view, event = body.get("view"), body.get("event")
    wanted = {
        "on": asked.get("action_id") or body.get("action_id") or body.get("callback_id") or body.get("command")
        or (view.get("callback_id") if isinstance(view, Mapping) else None)
        or (event.get("type") if isinstance(event, Mapping) else None),
        "trigger": body.get("trigger_id"),
        "event_id": body.get("event_id"),
        "request": _request_of(asked, view),
    }  # fmt: skip
    try:
        person = person_of(body)
        wanted |= {"user": person.user, "team": person.team}
    except BotError:
        pass
    found |= {name: value for name, value in wanted.items() if isinstance(value, str)}
    return {name: value for name, value in found.items() if _PLAIN.fullmatch(value)}


def _asked(body: Mapping[str, Any]) -> Mapping[str, Any]:
    actions = body.get("actions")
    first = actions[0] if isinstance(actions, list) and actions else None
    return first if isinstance(first, Mapping) else {}


def _request_of(asked: Mapping[str, Any], view: Any) -> str | None:
    remembered = view.get("private_metadata") if isinstance(view, Mapping) else None
    for place in (asked.get("value"), remembered):
        found = _REQUEST_ID.search(place) if isinstance(place, str) else None
        if found is not None:
            return found[0]
    return None
