"""The App Home tab: what waits, what runs, what was."""

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, PlainTextObject
from slack_sdk.models.views import View

from bot.domain.request import Request
from bot.slack import ids
from bot.slack.render import blocks, lists


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
    for title, requests in (
        ("Waiting for a decision", waiting),
        ("Yours", mine),
        ("Running", running),
        ("History", finished),
    ):
        shown += [blocks.divider(), blocks.section(f"*{title}*")]
        shown += [blocks.section(lists.row(request)) for request in requests] or [blocks.context("Nothing.")]
    return View(type="home", blocks=shown)
