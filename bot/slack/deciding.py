"""The window in which a person decides: opened at once, and filled when the facts have been read again."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import BotError
from bot.domain.policy import Confirm
from bot.domain.preflight import consequences
from bot.domain.request import Request
from bot.slack.payloads import ApprovalMemory, is_at_home
from bot.slack.render.form import notice, skeleton
from bot.slack.render.refused import refused
from bot.slack.services import Services
from bot.slack.showing import show
from bot.workflow.decide import Review


class Form(Protocol):
    """What the window shows in the end."""

    def __call__(self, review: Review, consequences: Sequence[str], memory: str, *, type_name: bool) -> View:
        """`memory` is what the submission must bring back; `type_name`: the target's name has to be typed."""
        ...


async def ask_to_decide(
    services: Services, client: AsyncWebClient, body: Mapping[str, Any], request: Request, title: str, form: Form
) -> None:
    """Show `form` to the person who pressed the button that `body` tells of; a sentence where the facts cannot be read."""
    opened = await client.views_open(trigger_id=body["trigger_id"], view=skeleton(title, "Reading the facts again…"))
    view: dict[str, Any] = opened["view"]
    try:
        review = await services.decide.review(request)
    except BotError as error:
        shown = notice(title, refused(error))
    else:
        memory = ApprovalMemory(request_id=request.id, saw=review.saw, at_home=is_at_home(body))
        shown = form(
            review,
            consequences(request.wish, review.facts, services.clock.now()),
            memory.model_dump_json(),
            type_name=review.policy is None or review.policy.confirm is Confirm.TYPE_NAME,
        )
    await show(client, shown, view_id=view["id"], hash=view.get("hash"))
