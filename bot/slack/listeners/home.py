"""The App Home tab."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.people import Person
from bot.domain.states import FINAL, LIVE, State
from bot.slack import ids
from bot.slack.command_text import Form
from bot.slack.opening import FormOpener
from bot.slack.render.home import home
from bot.slack.services import Services
from bot.workflow.ports import Filter

SHOWN = 10


def register(app: AsyncApp, services: Services, opener: FormOpener) -> None:
    """Publish the tab when somebody opens it."""

    @app.event("app_home_opened")
    async def opened(event: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        if event.get("tab", "home") == "home":
            await _publish(services, client, context["person"])

    @app.action(ids.START)
    async def start(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await opener.open(client, str(body["trigger_id"]), None, Form())


async def _publish(services: Services, client: AsyncWebClient, person: Person) -> None:
    find = services.requests.find
    waiting = await find(Filter(states=frozenset({State.PENDING}), limit=SHOWN))
    running = await find(Filter(states=LIVE - {State.PENDING}, limit=SHOWN))
    finished = await find(Filter(states=FINAL, limit=SHOWN))
    # Somebody who asked cannot decide on it, so it is not waiting for that person.
    waiting = [request for request in waiting if request.requester != person]
    mine = await find(Filter(states=LIVE, requester=person, limit=SHOWN))
    await client.views_publish(user_id=person.user, view=home(waiting, mine, running, finished))
