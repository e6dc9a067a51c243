"""Messages, as they are stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """What a message said before it was edited."""

    text: str
    blocks: tuple[Json, ...]
    until: float
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message. A change makes a new object, so a test may keep the old one."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: tuple[Json, ...] = ()
    bot: bool = False
    thread_ts: str | None = None
    """The root of its thread; None for a message outside threads and for a root."""
    broadcast: bool = False
    metadata: Mapping[str, Any] | None = None
    edits: tuple[Version, ...] = ()
    """Earlier versions, oldest first."""
    ephemeral_to: str | None = None
    """The only person who sees it."""

    @property
    def root(self) -> str:
        """The ts of the thread that it is in, or that a reply to it would open."""
        return self.thread_ts or self.ts

    def element(self, action_id: str, block_id: str | None = None) -> tuple[Json, Json] | None:
        """The block and the interactive element with this action id."""
        return find_element(self.blocks, action_id, block_id)

    @property
    def buttons(self) -> list[str]:
        """The action ids of its buttons, in order."""
        return [element["action_id"] for _, element in elements(self.blocks) if element.get("type") == "button"]

    @property
    def all_text(self) -> str:
        """Every word that a person sees in it, one text a line."""
        return "\n".join(texts(list(self.blocks))) if self.blocks else self.text


def elements(blocks: tuple[Json, ...]) -> list[tuple[Json, Json]]:
    """All elements that have an action id, each with its block."""
    found: list[tuple[Json, Json]] = []
    for block in blocks:
        inside = [*(block.get("elements") or ()), block.get("accessory"), block.get("element")]
        found += [(block, each) for each in inside if isinstance(each, dict) and "action_id" in each]
    return found


def find_element(blocks: tuple[Json, ...], action_id: str, block_id: str | None = None) -> tuple[Json, Json] | None:
    """The first element with this action id (in this block)."""
    for block, element in elements(blocks):
        if element["action_id"] == action_id and block_id in (None, block.get("block_id")):
            return block, element
    return None


def texts(value: Any) -> list[str]:
    """All `text` strings inside blocks, in order."""
    if isinstance(value, list | tuple):
        return [text for each in value for text in texts(each)]
    if not isinstance(value, dict):
        return []
    found: list[str] = []
    for key, inner in value.items():
        if key == "text" and isinstance(inner, str):
            found.append(inner)
        else:
            found += texts(inner)
    return found
