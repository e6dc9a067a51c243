"""Whether Slack would take these blocks, views and metadata."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from bot.sandbox.workspace.block_shapes import (
    EXTERNAL_GROUPS,
    EXTERNAL_OPTIONS,
    HOME,
    MESSAGE_BLOCKS,
    MODAL,
)
from bot.sandbox.workspace.errors import ApiError
from bot.sandbox.workspace.messages import Json, elements
from bot.sandbox.workspace.schema import Report

MESSAGE_CHARACTERS = 13_200
"""All strings of a message's blocks together; undocumented, measured by users of Slack's SDKs."""
VIEW_BYTES = 250_000
METADATA_BYTES = 8_000
POST_TEXT = 40_000
UPDATE_TEXT = 4_000


def message_faults(blocks: Any) -> list[str]:
    """What is wrong with a message's blocks; empty if nothing."""
    report = Report()
    MESSAGE_BLOCKS(report, "/blocks", blocks)
    if not report.faults:
        _unique(report, "/blocks", blocks)
    return report.faults


def view_faults(view: Any) -> list[str]:
    """What is wrong with a modal or a Home tab; empty if nothing."""
    report = Report()
    home = isinstance(view, dict) and view.get("type") == "home"
    (HOME if home else MODAL)(report, "/view", view)
    if report.faults:
        return report.faults
    _unique(report, "/view/blocks", view["blocks"])
    if not home and any(block["type"] == "input" for block in view["blocks"]) and "submit" not in view:
        report.add("/view", "missing required field: submit, because there are input blocks")
    focused = [element for _, element in elements(tuple(view["blocks"])) if element.get("focus_on_load")]
    if len(focused) > 1:
        report.add("/view", "only one element may have focus_on_load")
    return report.faults


def option_faults(answer: Any) -> list[str]:
    """What is wrong with the answer to a block_suggestion; empty if nothing."""
    report = Report()
    if not isinstance(answer, dict) or ("options" in answer) == ("option_groups" in answer):
        report.add("", "must have either options or option_groups")
    elif "options" in answer:
        EXTERNAL_OPTIONS(report, "/options", answer["options"])
    else:
        EXTERNAL_GROUPS(report, "/option_groups", answer["option_groups"])
    return report.faults


def check_blocks(blocks: Any) -> None:
    """Raises ApiError invalid_blocks or msg_blocks_too_long."""
    faults = message_faults(blocks)
    if faults:
        raise ApiError("invalid_blocks", faults)
    if characters(blocks) > MESSAGE_CHARACTERS:
        raise ApiError("msg_blocks_too_long")


def check_view(view: Any, *, kind: str) -> None:
    """Raises ApiError invalid_arguments or view_too_large. `kind`: modal or home."""
    if isinstance(view, dict) and view.get("type") != kind:
        raise ApiError("invalid_arguments", [f"[ERROR] must be {kind} [json-pointer:/view/type]"])
    faults = view_faults(view)
    if faults:
        raise ApiError("invalid_arguments", faults)
    if len(json.dumps(view).encode()) > VIEW_BYTES:
        raise ApiError("view_too_large")


def check_metadata(metadata: Any) -> None:
    """Raises ApiError invalid_metadata_format, invalid_metadata_schema or metadata_too_large."""
    if not isinstance(metadata, dict):
        raise ApiError("invalid_metadata_format")
    payload = metadata.get("event_payload")
    if metadata.keys() != {"event_type", "event_payload"} or not isinstance(payload, dict):
        raise ApiError("invalid_metadata_schema")
    if not isinstance(metadata["event_type"], str) or not metadata["event_type"]:
        raise ApiError("invalid_metadata_schema")
    if any(isinstance(value, dict | list) for value in payload.values()):
        raise ApiError("invalid_metadata_schema")
    if len(json.dumps(metadata).encode()) > METADATA_BYTES:
        raise ApiError("metadata_too_large")


def check_text(text: str, blocks: Sequence[Json], longest: int) -> None:
    """Raises ApiError no_text or msg_too_long."""
    if not text.strip() and not blocks:
        raise ApiError("no_text")
    if len(text) > longest:
        raise ApiError("msg_too_long")


def characters(value: Any) -> int:
    """The length of all `text` strings inside, urls and values not counted."""
    if isinstance(value, list | tuple):
        return sum(characters(each) for each in value)
    if not isinstance(value, dict):
        return 0
    return sum(len(inner) if key == "text" and isinstance(inner, str) else characters(inner) for key, inner in value.items())


def _unique(report: Report, path: str, blocks: Sequence[Json]) -> None:
    names = Counter(block["block_id"] for block in blocks if block.get("block_id"))
    for name, times in names.items():
        if times > 1:
            report.add(path, f"block_id {name} is not unique")
    for block in blocks:
        inside = Counter(element["action_id"] for _, element in elements((block,)) if element["action_id"])
        for name, times in inside.items():
            if times > 1:
                report.add(path, f"action_id {name} is not unique in its block")
