"""Short names for the blocks that are used again and again."""

from collections.abc import Sequence

from slack_sdk.models.blocks import (
    Block,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from bot.slack.render import limits
from bot.slack.render.text import cut, plain


def header(text: str) -> HeaderBlock:
    """A headline, plain text."""
    return HeaderBlock(text=PlainTextObject(text=plain(text, limits.HEADER), emoji=True))


def section(text: str, block_id: str | None = None) -> SectionBlock:
    """A paragraph of mrkdwn that is escaped already."""
    return SectionBlock(text=markup(cut(text, limits.SECTION)), block_id=block_id)


def quoted(text: str) -> SectionBlock:
    """Words of a person as they are: no markup is read in them."""
    return SectionBlock(text=PlainTextObject(text=plain(text, limits.SECTION) or " ", emoji=False))


def fields(pairs: Sequence[tuple[str, str]]) -> SectionBlock:
    """Up to ten small facts, each a bold name over its mrkdwn value."""
    return SectionBlock(fields=[markup(cut(f"*{name}*\n{value}", limits.FIELD)) for name, value in pairs[:10]])


def context(text: str) -> ContextBlock:
    """A line of small print, mrkdwn that is escaped already."""
    return ContextBlock(elements=[markup(cut(text, limits.FIELD))])


def divider() -> DividerBlock:
    """A line."""
    return DividerBlock()


def markup(text: str) -> MarkdownTextObject:
    """mrkdwn in which bare links and names are not made clickable."""
    return MarkdownTextObject(text=text, verbatim=True)


def dumped(blocks: Sequence[Block]) -> list[dict[str, object]]:
    """The blocks as Slack's JSON."""
    return [dict(block.to_dict()) for block in blocks]
