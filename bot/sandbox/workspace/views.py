"""Modals and Home tabs, as they are stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.sandbox.workspace.messages import Json, find_element, texts

Values = Mapping[str, Mapping[str, Json]]
"""state.values: block id → action id → what the element holds."""


@dataclass(frozen=True, slots=True)
class View:
    """A view on somebody's screen, with what that person has entered. A change makes a new object."""

    id: str
    user: str
    type: str
    """`modal` or `home`."""
    body: Json
    """What the app sent, with block ids and action ids filled in."""
    hash: str
    values: Values
    root_id: str
    previous_id: str | None = None
    channel: str | None = None
    """Where the person was when it was opened."""
    errors: Mapping[str, str] = field(default_factory=dict)
    """What is shown at its fields: block id → words."""

    @property
    def callback_id(self) -> str:
        """Empty where the app gave none."""
        return str(self.body.get("callback_id") or "")

    @property
    def external_id(self) -> str:
        """Empty where the app gave none."""
        return str(self.body.get("external_id") or "")

    @property
    def private_metadata(self) -> str:
        """The app's own notes."""
        return str(self.body.get("private_metadata") or "")

    @property
    def title(self) -> str:
        """The modal's title in words."""
        return str((self.body.get("title") or {}).get("text", ""))

    @property
    def blocks(self) -> tuple[Json, ...]:
        """Its blocks."""
        return tuple(self.body.get("blocks") or ())

    @property
    def all_text(self) -> str:
        """Every word that a person sees in it, one text a line."""
        return "\n".join(texts([self.body.get("title"), *self.blocks, self.body.get("submit"), self.body.get("close")]))

    @property
    def inputs(self) -> list[str]:
        """The block ids of its input blocks, in order."""
        return [block["block_id"] for block in self.blocks if block["type"] == "input"]

    def block(self, block_id: str) -> Json | None:
        """The block with this id."""
        return next((block for block in self.blocks if block.get("block_id") == block_id), None)

    def element(self, action_id: str, block_id: str | None = None) -> tuple[Json, Json] | None:
        """The block and the interactive element with this action id."""
        return find_element(self.blocks, action_id, block_id)

    def input_element(self, block_id: str) -> Json | None:
        """The element of an input block, or the only element of another block."""
        block = self.block(block_id)
        if block is None:
            return None
        inside = [block.get("element"), block.get("accessory"), *(block.get("elements") or ())]
        found = [each for each in inside if isinstance(each, dict) and "action_id" in each]
        return found[0] if found else None
