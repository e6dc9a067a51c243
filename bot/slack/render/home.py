"""The App Home tab: what waits, what runs, what was."""

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, PlainTextObject
from slack_sdk.models.views import View

from bot.domain.request import Request
from bot.slack import ids
from bot.slack.render import blocks, lists
from bot.slack.render.card import decision_buttons


def home(
    waiting: Sequence[Request], mine: Sequence[Request], running: Sequence[Request], finished: Sequence[Request]
) -> View:
    """The whole tab."""
    start = ButtonElement(action_id=ids.START, text=PlainTextObject(text="Restore a database"), style="primary")
    shown: list[Block] = [
        blocks.header("Restore a database"),
        blocks.section("Asked for by one person, approved by another, called once and followed to its end."),
        ActionsBlock(block_id=ids.START, elements=[start]),
    ]
    shown += _part("Waiting for a decision", [block for request in waiting for block in _to_decide(request)])
    for title, requests in (("Yours", mine), ("Running", running), ("History", finished)):
        shown += _part(title, [blocks.section(lists.row(request)) for request in requests])
    return View(type="home", blocks=shown)


def _part(title: str, rows: Sequence[Block]) -> list[Block]:
    return [blocks.divider(), blocks.section(f"*{title}*"), *(rows or [blocks.context("Nothing.")])]


def _to_decide(request: Request) -> list[Block]:
    """With the buttons of the card: somebody may decide from here too."""
    return [blocks.section(lists.row(request)), *decision_buttons(request, f"decision-{request.id}")]
