"""What inputs hold: their initial state, what a person enters, and what the client itself refuses to send.

Source: Slack's documentation of `state.values` and of each block element's interaction payload.
"""

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from bot.sandbox.workspace.messages import Json, elements
from bot.sandbox.workspace.views import Values, View

HOLDS: Mapping[str, tuple[str, str, Any]] = {
    "plain_text_input": ("value", "initial_value", None),
    "email_text_input": ("value", "initial_value", None),
    "url_text_input": ("value", "initial_value", None),
    "number_input": ("value", "initial_value", None),
    "static_select": ("selected_option", "initial_option", None),
    "external_select": ("selected_option", "initial_option", None),
    "radio_buttons": ("selected_option", "initial_option", None),
    "checkboxes": ("selected_options", "initial_options", []),
    "multi_static_select": ("selected_options", "initial_options", []),
    "multi_external_select": ("selected_options", "initial_options", []),
    "users_select": ("selected_user", "initial_user", None),
    "multi_users_select": ("selected_users", "initial_users", []),
    "channels_select": ("selected_channel", "initial_channel", None),
    "conversations_select": ("selected_conversation", "initial_conversation", None),
    "datepicker": ("selected_date", "initial_date", None),
    "timepicker": ("selected_time", "initial_time", None),
    "datetimepicker": ("selected_date_time", "initial_date_time", None),
}
"""Element type → the key that it holds, the key that gives it its first value, and what it holds when empty."""
OFFERED_ONLY = ("static_select", "radio_buttons", "checkboxes", "multi_static_select")
"""What may hold only options that the element itself lists."""


def with_ids(blocks: Iterable[Json]) -> list[Json]:
    """The blocks as Slack keeps them: every block and every element has an id."""
    return [_with_ids(block) for block in blocks]


def initial_values(blocks: Iterable[Json], channel: str | None = None) -> dict[str, dict[str, Json]]:
    """What a person finds when the blocks appear. `channel`: where that person is."""
    values: dict[str, dict[str, Json]] = {}
    for block, element in elements(tuple(blocks)):
        if element["type"] in HOLDS:
            values.setdefault(block["block_id"], {})[element["action_id"]] = _initial(element, channel)
    return values


def carried_over(old: Values, blocks: Iterable[Json], channel: str | None = None) -> dict[str, dict[str, Json]]:
    """What a person finds after an update: an entry survives where block id, action id and type stay the same."""
    values = initial_values(blocks, channel)
    for block, element in elements(tuple(blocks)):
        before = old.get(block["block_id"], {}).get(element["action_id"])
        if (
            before is not None
            and before["type"] == element["type"]
            and not _empty(before)
            and _still_offered(before, element)
        ):
            values[block["block_id"]][element["action_id"]] = before
    return values


def merged(view: View, entered: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, Json]]:
    """The view's values with what was entered; entries for elements that it does not have are dropped."""
    values = {block: dict(inner) for block, inner in view.values.items()}
    for block_id, inner in entered.items():
        for action_id, held in inner.items():
            if action_id not in values.get(block_id, {}):
                continue
            kind = values[block_id][action_id]["type"]
            key, _, nothing = HOLDS[kind]
            values[block_id][action_id] = {"type": kind, key: held.get(key) or nothing}
    return values


def entry(element: Json, value: Any, known: Iterable[Json] = ()) -> Json:
    """What the element holds after a person enters `value`: a string, an option or its value, or a list of them.

    `known` are the options that an external select has offered. Raises ValueError if there is no such option.
    """
    kind = element["type"]
    key, _, nothing = HOLDS[kind]
    if value is None:
        return {"type": kind, key: nothing}
    if key == "selected_option":
        return {"type": kind, key: _choice(element, value, known)}
    if key == "selected_options":
        return {"type": kind, key: [_choice(element, each, known) for each in value]}
    return {"type": kind, key: value}


def refusals(view: View) -> dict[str, str]:
    """What the client says at the fields before it sends anything: block id → words."""
    faults: dict[str, str] = {}
    for block in view.blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        held = view.values[block["block_id"]][element["action_id"]]
        if _empty(held):
            if not block.get("optional", False):
                faults[block["block_id"]] = "Please complete this required field."
            continue
        length = len(str(held.get("value") or ""))
        if element["type"] == "plain_text_input" and length < element.get("min_length", 0):
            faults[block["block_id"]] = f"Please enter at least {element['min_length']} characters."
        if element["type"] == "plain_text_input" and length > element.get("max_length", 3000):
            faults[block["block_id"]] = f"Please enter no more than {element.get('max_length', 3000)} characters."
    return faults


def options_of(element: Json) -> list[Json]:
    """All options that an element lists, in groups or not."""
    grouped = [option for group in element.get("option_groups") or () for option in group["options"]]
    return [*(element.get("options") or ()), *grouped]


def _with_ids(block: Json) -> Json:
    block = dict(block)
    block["block_id"] = block.get("block_id") or secrets.token_urlsafe(4)
    for name in ("element", "accessory"):
        if name in block:
            block[name] = _element_with_id(block[name])
    if "elements" in block and block["type"] == "actions":
        block["elements"] = [_element_with_id(element) for element in block["elements"]]
    return block


def _element_with_id(element: Json) -> Json:
    if element["type"] == "image":
        return element
    return {**element, "action_id": element.get("action_id") or secrets.token_urlsafe(4)}


def _initial(element: Json, channel: str | None) -> Json:
    kind = element["type"]
    key, initial, nothing = HOLDS[kind]
    value = element.get(initial, nothing)
    if value is None and element.get("default_to_current_conversation"):
        value = channel
    return {"type": kind, key: value}


def _empty(held: Json) -> bool:
    return held[HOLDS[held["type"]][0]] in (None, "", [])


def _still_offered(held: Json, element: Json) -> bool:
    if element["type"] not in OFFERED_ONLY:
        return True
    value = held[HOLDS[element["type"]][0]]
    offered = [option["value"] for option in options_of(element)]
    return all(option["value"] in offered for option in (value if isinstance(value, list) else [value]))


def _choice(element: Json, wanted: Any, known: Iterable[Json]) -> Json:
    if isinstance(wanted, dict):
        return wanted
    offered = [*options_of(element), *known]
    for option in offered:
        if wanted in (option["value"], option["text"]["text"]):
            return option
    if element["type"] in OFFERED_ONLY:
        raise ValueError(f"{element['action_id']} offers no {wanted!r}: {[option['value'] for option in offered]}")
    return {"text": {"type": "plain_text", "text": str(wanted), "emoji": True}, "value": str(wanted)}
