"""The rules for blocks and elements: which keys, how long, how many.

Source: Slack's Block Kit reference (blocks, block elements, composition objects).
"""

from typing import Any

from bot.sandbox.workspace.schema import (
    Check,
    Report,
    Shape,
    anything,
    boolean,
    by_type,
    integer,
    list_of,
    one_of,
    string,
)

IDENTIFIER = string(255, 0)
URL = string(3000)
OPTIONS_MAX = 100


def text(longest: int, *kinds: str) -> Check:
    """A text object."""
    allowed = kinds or ("plain_text", "mrkdwn")
    words = string(longest)
    shapes: dict[str, Check] = {
        "plain_text": Shape({"type": anything, "text": words}, {"emoji": boolean}),
        "mrkdwn": Shape({"type": anything, "text": words}, {"verbatim": boolean}),
    }
    return by_type({kind: shapes[kind] for kind in allowed}, "text")


def plain(longest: int) -> Check:
    """A text object without markup."""
    return text(longest, "plain_text")


CONFIRM = Shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)


def option(*kinds: str) -> Check:
    """A choice."""
    return Shape(
        {"text": text(75, *kinds), "value": string(150)},
        {"description": text(75, *kinds), "url": URL},
    )


def _initial_is_offered(report: Report, path: str, value: Any) -> None:
    offered = list(value.get("options") or ())
    for group in value.get("option_groups") or ():
        offered += group["options"]
    chosen = [value["initial_option"]] if "initial_option" in value else list(value.get("initial_options") or ())
    if any(_essence(each) not in [_essence(other) for other in offered] for each in chosen):
        report.add(path, "initial option must be one of the options")


def _essence(choice: dict[str, Any]) -> tuple[str, str]:
    return choice["text"]["text"], choice["value"]


def _options_or_groups(report: Report, path: str, value: Any) -> None:
    if ("options" in value) == ("option_groups" in value):
        report.add(path, "must have either options or option_groups")


def _values_differ(report: Report, path: str, value: Any) -> None:
    values = [choice["value"] for choice in value["options"]]
    if len(set(values)) != len(values):
        report.add(path, "option values must be unique")


PLAIN_OPTION = option("plain_text")
GROUP = Shape({"label": plain(75), "options": list_of(PLAIN_OPTION, OPTIONS_MAX)})
COMMON: dict[str, Check] = {"action_id": IDENTIFIER, "confirm": CONFIRM, "focus_on_load": boolean}
PLACEHOLDER: dict[str, Check] = {"placeholder": plain(150)}
SELECTS_STATIC: dict[str, Check] = {
    "options": list_of(PLAIN_OPTION, OPTIONS_MAX),
    "option_groups": list_of(GROUP, OPTIONS_MAX),
}
FILTER = Shape({}, {"include": anything, "exclude_external_shared_channels": boolean, "exclude_bot_users": boolean})
DISPATCH_CONFIG = Shape({}, {"trigger_actions_on": list_of(one_of("on_enter_pressed", "on_character_entered"), 2)})


def _element(required: dict[str, Check] | None = None, *optional: dict[str, Check], also: tuple[Check, ...] = ()) -> Shape:
    keys = dict(COMMON)
    for more in optional:
        keys |= more
    return Shape({"type": anything, **(required or {})}, keys, also)


def _text_input(**more: Check) -> Shape:
    return _element({}, PLACEHOLDER, {"initial_value": string(3000, 0), "dispatch_action_config": DISPATCH_CONFIG, **more})


def _chooser(initial: str, **more: Check) -> Shape:
    return _element({}, PLACEHOLDER, {initial: anything, "response_url_enabled": boolean, **more})


def _boxes(initial: dict[str, Check]) -> Shape:
    rules = (_initial_is_offered, _values_differ)
    return _element({"options": list_of(option(), 10)}, initial, also=rules)


IMAGE = Shape(
    {"type": anything, "alt_text": string(2000)},
    {"image_url": URL, "slack_file": anything, "title": plain(2000), "block_id": IDENTIFIER},
)
ELEMENTS: dict[str, Check] = {
    "button": _element(
        {"text": plain(75)},
        {"url": URL, "value": string(2000), "style": one_of("primary", "danger"), "accessibility_label": string(75)},
    ),
    "static_select": _element(
        {}, PLACEHOLDER, SELECTS_STATIC, {"initial_option": PLAIN_OPTION}, also=(_options_or_groups, _initial_is_offered)
    ),
    "multi_static_select": _element(
        {},
        PLACEHOLDER,
        SELECTS_STATIC,
        {"initial_options": list_of(PLAIN_OPTION, OPTIONS_MAX), "max_selected_items": integer(1, OPTIONS_MAX)},
        also=(_options_or_groups, _initial_is_offered),
    ),
    "external_select": _element({}, PLACEHOLDER, {"initial_option": PLAIN_OPTION, "min_query_length": integer(0, 255)}),
    "multi_external_select": _element(
        {},
        PLACEHOLDER,
        {"initial_options": list_of(PLAIN_OPTION, OPTIONS_MAX), "min_query_length": integer(0, 255)},
    ),
    "radio_buttons": _boxes({"initial_option": option()}),
    "checkboxes": _boxes({"initial_options": list_of(option(), 10)}),
    "overflow": _element({"options": list_of(PLAIN_OPTION, 5)}),
    "plain_text_input": _text_input(multiline=boolean, min_length=integer(0, 3000), max_length=integer(1, 3000)),
    "email_text_input": _text_input(),
    "url_text_input": _text_input(),
    "number_input": _text_input(is_decimal_allowed=boolean, min_value=string(100), max_value=string(100)),
    "datepicker": _chooser("initial_date", initial_date=string(10, 10, r"\d{4}-\d\d-\d\d")),
    "timepicker": _chooser("initial_time", initial_time=string(5, 5, r"\d\d:\d\d"), timezone=string(100)),
    "datetimepicker": _element({}, {"initial_date_time": integer(1_000_000_000, 9_999_999_999)}),
    "users_select": _chooser("initial_user"),
    "multi_users_select": _chooser("initial_users", max_selected_items=integer(1, 100)),
    "channels_select": _chooser("initial_channel"),
    "conversations_select": _chooser("initial_conversation", default_to_current_conversation=boolean, filter=FILTER),
}
INPUTS = by_type({name: shape for name, shape in ELEMENTS.items() if name not in ("button", "overflow")}, "input element")
ACTIONS = by_type({name: shape for name, shape in ELEMENTS.items() if not name.endswith("_input")}, "action element")
ACCESSORY = by_type(
    {**{name: shape for name, shape in ELEMENTS.items() if not name.endswith("_input")}, "image": IMAGE}, "accessory"
)
CONTEXT = by_type({"plain_text": plain(3000), "mrkdwn": text(3000, "mrkdwn"), "image": IMAGE}, "context element")


def _text_or_fields(report: Report, path: str, value: Any) -> None:
    if "text" not in value and "fields" not in value:
        report.add(path, "missing required field: text")


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None, also: tuple[Check, ...] = ()) -> Shape:
    return Shape({"type": anything, **required}, {"block_id": IDENTIFIER, **(optional or {})}, also)


BLOCK = by_type(
    {
        "section": _block(
            {},
            {"text": text(3000), "fields": list_of(text(2000), 10), "accessory": ACCESSORY, "expand": boolean},
            (_text_or_fields,),
        ),
        "divider": _block({}),
        "header": _block({"text": plain(150)}),
        "context": _block({"elements": list_of(CONTEXT, 10)}),
        "actions": _block({"elements": list_of(ACTIONS, 25)}),
        "input": _block(
            {"label": plain(2000), "element": INPUTS}, {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean}
        ),
        "image": IMAGE,
        "markdown": _block({"text": string(12_000)}),
        "rich_text": _block({"elements": anything}),
    },
    "block",
)
MODAL = Shape(
    {"type": one_of("modal"), "title": plain(24), "blocks": list_of(BLOCK, 100, 0)},
    {
        "submit": plain(24),
        "close": plain(24),
        "private_metadata": string(3000, 0),
        "callback_id": IDENTIFIER,
        "external_id": IDENTIFIER,
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
)
HOME = Shape(
    {"type": one_of("home"), "blocks": list_of(BLOCK, 100, 0)},
    {"private_metadata": string(3000, 0), "callback_id": IDENTIFIER, "external_id": IDENTIFIER},
)
MESSAGE_BLOCKS = list_of(BLOCK, 50, 0)
EXTERNAL_OPTIONS = list_of(PLAIN_OPTION, OPTIONS_MAX, 0)
EXTERNAL_GROUPS = list_of(GROUP, OPTIONS_MAX, 0)
