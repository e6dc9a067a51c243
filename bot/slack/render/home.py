"""The App Home tab: what waits for this person, what runs, what was."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, PlainTextObject
from slack_sdk.models.views import View

from bot.domain.policy import Policy
from bot.domain.request import Request
from bot.slack import ids
from bot.slack.render import blocks, lists
from bot.slack.render.buttons import decision_buttons


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the history; `number` counts from 0."""

    requests: Sequence[Request]
    number: int = 0
    more: bool = False


def home(
    waiting: Sequence[tuple[Request, Policy | None]],
    others: Sequence[Request],
    mine: Sequence[Request],
    running: Sequence[Request],
    history: Page,
) -> View:
    """The whole tab. `waiting` is what this person may decide on, `others` what other people must decide on."""
    start = ButtonElement(action_id=ids.START, text=PlainTextObject(text="Restore a database"), style="primary")
    shown: list[Block] = [
        blocks.header("Restore a database"),
        blocks.section("Asked for by one person, approved by another, called once and followed to its end."),
        ActionsBlock(block_id=ids.START, elements=[start]),
    ]
    to_decide = [block for request, policy in waiting for block in _to_decide(request, policy)]
    shown += _part("Waiting for you", to_decide)
    shown += _part("Yours", _rows(mine))
    if others:
        shown += _part("Waiting for others", _rows(others))
    shown += _part("Running", _rows(running))
    shown += _part("History", [*_rows(history.requests), *_turn(history)])
    return View(type="home", blocks=shown)


def _part(title: str, rows: Sequence[Block]) -> list[Block]:
    return [blocks.divider(), blocks.section(f"*{title}*"), *(rows or [blocks.context("Nothing.")])]


def _rows(requests: Sequence[Request]) -> list[Block]:
    return [blocks.section(lists.row(request)) for request in requests]


def _to_decide(request: Request, policy: Policy | None) -> list[Block]:
    """With the buttons of the card: somebody may decide from here too."""
    return [blocks.section(lists.row(request)), *decision_buttons(request, policy, f"decision-{request.id}")]


def _turn(page: Page) -> list[Block]:
    row = []
    if page.number:
        row.append(_to_page(ids.NEWER, "Newer", page.number - 1))
    if page.more:
        row.append(_to_page(ids.OLDER, "Older", page.number + 1))
    return [ActionsBlock(block_id="pages", elements=list(row))] if row else []


def _to_page(action: str, label: str, number: int) -> ButtonElement:
    return ButtonElement(action_id=action, value=str(number), text=PlainTextObject(text=label))
