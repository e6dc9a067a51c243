"""Short names for the blocks that are used again and again."""

from collections.abc import Iterator, Sequence
from typing import Any

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
from bot.slack.render.text import cut, cut_markup, plain


def header(text: str) -> HeaderBlock:
    """A headline, plain text."""
    return HeaderBlock(text=PlainTextObject(text=plain(text, limits.HEADER), emoji=False))


def section(text: str, block_id: str | None = None) -> SectionBlock:
    """A paragraph of mrkdwn that is escaped already."""
    return SectionBlock(text=markup(cut_markup(text, limits.SECTION) or " "), block_id=block_id)


def quoted(text: str) -> SectionBlock:
    """Words of a person as they are: no markup is read in them."""
    return SectionBlock(text=PlainTextObject(text=plain(text, limits.SECTION) or " ", emoji=False))


def fields(pairs: Sequence[tuple[str, str]]) -> SectionBlock:
    """Up to ten small facts, each a bold name over its mrkdwn value."""
    return SectionBlock(fields=[markup(cut_markup(f"*{name}*\n{value}", limits.FIELD)) for name, value in pairs[:10]])


def context(text: str) -> ContextBlock:
    """A line of small print, mrkdwn that is escaped already."""
    return ContextBlock(elements=[markup(cut_markup(text, limits.FIELD))])


def divider() -> DividerBlock:
    """A line."""
    return DividerBlock()


def markup(text: str) -> MarkdownTextObject:
    """mrkdwn in which bare links and names are not made clickable."""
    return MarkdownTextObject(text=text, verbatim=True)


def dumped(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """The blocks as Slack's JSON. Where all together are too long for one message, the longest texts are cut."""
    shown = [dict(block.to_dict()) for block in blocks]
    found = list(_texts(shown))
    while sum(len(each["text"]) for each in found) > limits.MESSAGE_CHARACTERS:
        longest = max(found, key=lambda each: len(each["text"]))
        shorten = cut_markup if longest["type"] == "mrkdwn" else cut
        longest["text"] = shorten(longest["text"], len(longest["text"]) * 3 // 4)
    return shown


def _texts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value
        for inner in value.values():
            yield from _texts(inner)
