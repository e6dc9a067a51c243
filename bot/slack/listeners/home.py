"""The App Home tab."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import BotError
from bot.domain.people import Person
from bot.domain.permission import may_approve
from bot.domain.policy import Policy
from bot.domain.request import Request
from bot.domain.states import FINAL, LIVE, State
from bot.slack import ids
from bot.slack.command_text import Form
from bot.slack.opening import FormOpener
from bot.slack.payloads import button_value
from bot.slack.render.home import Page, home
from bot.slack.services import Services
from bot.workflow.ports import Filter

SHOWN = 10
DEEPEST = 1000
"""Pages of history that can be turned to."""


def register(app: AsyncApp, services: Services, opener: FormOpener) -> None:
    """Publish the tab when somebody opens it, and turn the pages of the history."""

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        if event.get("tab", "home") == "home":
            await _publish(services, client, context["person"], 0)

    @app.action(ids.START)
    async def start(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        await ack()
        await opener.open(client, str(body["trigger_id"]), None, Form(), person=context["person"])

    @app.action(re.compile(f"^({ids.OLDER}|{ids.NEWER})$"))
    async def turn(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        await ack()
        number = button_value(body)
        page = min(int(number), DEEPEST) if number.isascii() and number.isdigit() else 0
        await _publish(services, client, context["person"], page)


async def _publish(services: Services, client: AsyncWebClient, person: Person, page: int) -> None:
    find = services.requests.find
    pending = await find(Filter(states=frozenset({State.PENDING}), limit=3 * SHOWN))
    waiting = [(request, services.policy_of(request)) for request in pending]
    for_me = [(request, policy) for request, policy in waiting if await _may_decide(services, request, policy, person)]
    mine = await find(Filter(states=LIVE, requester=person, limit=SHOWN))
    elsewhere = {request.id for request, _ in for_me} | {request.id for request in mine}
    others = [request for request in pending if request.id not in elsewhere]
    running = await find(Filter(states=LIVE - {State.PENDING}, limit=SHOWN))
    finished = await find(Filter(states=FINAL, limit=SHOWN + 1, offset=page * SHOWN))
    history = Page(finished[:SHOWN], page, more=len(finished) > SHOWN)
    view = home(for_me[:SHOWN], others[:SHOWN], mine, running, history)
    await client.views_publish(user_id=person.user, view=view)


async def _may_decide(services: Services, request: Request, policy: Policy | None, person: Person) -> bool:
    """For show only, with a cache; the click is judged on fresh data."""
    try:
        profile, groups = await services.display.of(policy, person)
    except BotError:
        return False
    return may_approve(policy, request.requester, person, profile, groups).allowed
