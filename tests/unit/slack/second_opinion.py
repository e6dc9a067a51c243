"""slack_sdk's own models, walked to the last element: what they say of blocks and views that the local Slack takes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View


def faults_of_blocks(blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    """What slack_sdk finds wrong with a message's blocks."""
    return [fault for block in blocks for fault in _faults(Block.parse(dict(block)))]


def faults_of_view(view: Mapping[str, Any]) -> list[str]:
    """What slack_sdk finds wrong with a modal or a Home tab."""
    return list(_faults(View(**view)))


def _faults(value: object) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for each in value:
            yield from _faults(each)
    elif isinstance(value, JsonObject):
        try:
            value.validate_json()
        except SlackObjectFormationError as error:
            yield f"{type(value).__name__}: {error}"
        for inner in vars(value).values():
            yield from _faults(inner)
    elif value is not None and not isinstance(value, str | int | float | bool | dict):
        yield f"{type(value).__name__} is nothing that Slack knows"
