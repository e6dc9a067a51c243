"""What the Home tab shows to somebody, read and published."""

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import BotError
from bot.domain.people import Person
from bot.domain.permission import may_approve
from bot.domain.policy import Policy
from bot.domain.request import Request
from bot.domain.states import FINAL, LIVE, State
from bot.slack.faults import NO_ANSWER
from bot.slack.render.home import Page, home
from bot.slack.services import Services
from bot.workflow.store_ports import Filter

SHOWN = 10

log = structlog.get_logger(__name__)


async def publish_after(services: Services, client: AsyncWebClient, person: Person) -> None:
    """Draw the tab anew after something was done in it. That is done and stored, so a tab that stays old is no error."""
    try:
        await publish(services, client, person)
    except (*NO_ANSWER, BotError) as error:
        log.info("A Home tab stays as it was", action="home_stale", user=person.user, why=type(error).__name__)


async def publish(services: Services, client: AsyncWebClient, person: Person, page: int = 0) -> None:
    """Draw the tab for this person, with one page of the history."""
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
