"""What inputs hold."""

from typing import Any

import pytest

from bot.sandbox.workspace.values import carried_over, entry, initial_values, merged, refusals, with_ids
from bot.sandbox.workspace.views import View


def option(value):
    return {"text": {"type": "plain_text", "text": value.title()}, "value": value}


def field(element, block_id="f", **more):
    return {"type": "input", "block_id": block_id, "element": {"action_id": "a", **element}, **more}


def view(*blocks):
    body = {"blocks": list(blocks)}
    return View("V1", "U1", "modal", body, "h", initial_values(blocks), "V1")


OPTIONS = [option("one"), option("two")]
GROUPED = {"type": "static_select", "option_groups": [{"label": {}, "options": OPTIONS}]}


@pytest.mark.parametrize(
    ("element", "held"),
    [
        ({"type": "plain_text_input"}, {"value": None}),
        ({"type": "plain_text_input", "initial_value": "x"}, {"value": "x"}),
        ({"type": "static_select", "options": OPTIONS, "initial_option": OPTIONS[0]}, {"selected_option": OPTIONS[0]}),
        ({"type": "checkboxes", "options": OPTIONS}, {"selected_options": []}),
        ({"type": "datetimepicker", "initial_date_time": 1_700_000_000}, {"selected_date_time": 1_700_000_000}),
        ({"type": "conversations_select", "default_to_current_conversation": True}, {"selected_conversation": "C1"}),
        ({"type": "users_select"}, {"selected_user": None}),
    ],
)
def test_what_a_person_finds(element, held):
    assert initial_values([field(element)], "C1") == {"f": {"a": {"type": element["type"], **held}}}


@pytest.mark.parametrize(
    ("element", "value", "held"),
    [
        ({"type": "plain_text_input"}, "words", {"value": "words"}),
        ({"type": "static_select", "options": OPTIONS}, "two", {"selected_option": OPTIONS[1]}),
        ({"type": "static_select", "options": OPTIONS}, "One", {"selected_option": OPTIONS[0]}),
        (GROUPED, "one", {"selected_option": OPTIONS[0]}),
        ({"type": "checkboxes", "options": OPTIONS}, ["one", "two"], {"selected_options": OPTIONS}),
        ({"type": "checkboxes", "options": OPTIONS}, None, {"selected_options": []}),
        ({"type": "external_select"}, option("any"), {"selected_option": option("any")}),
        ({"type": "datetimepicker"}, 1_700_000_000, {"selected_date_time": 1_700_000_000}),
    ],
)
def test_entering(element, value, held):
    assert entry({"action_id": "a", **element}, value) == {"type": element["type"], **held}


def test_an_external_option_that_was_offered_is_taken_whole():
    element = {"type": "external_select", "action_id": "a"}
    assert entry(element, "one", OPTIONS)["selected_option"] == OPTIONS[0]
    assert entry(element, "free", OPTIONS)["selected_option"]["value"] == "free"


def test_only_what_is_offered_can_be_chosen():
    with pytest.raises(ValueError, match="three"):
        entry({"type": "radio_buttons", "action_id": "a", "options": OPTIONS}, "three")


def test_a_choice_that_is_no_longer_offered_is_lost():
    before = {"f": {"a": {"type": "static_select", "selected_option": OPTIONS[1]}}}
    fewer = field({"type": "static_select", "options": OPTIONS[:1], "initial_option": OPTIONS[0]})
    assert carried_over(before, [fewer])["f"]["a"]["selected_option"] == OPTIONS[0]
    same = field({"type": "static_select", "options": OPTIONS})
    assert carried_over(before, [same])["f"]["a"]["selected_option"] == OPTIONS[1]


def test_entries_for_other_elements_are_dropped():
    shown = view(field({"type": "plain_text_input"}))
    entered: dict[str, dict[str, dict[str, Any]]] = {
        "f": {"a": {"value": "x", "more": 1}, "b": {"value": "y"}},
        "g": {"a": {"value": "z"}},
    }
    assert merged(shown, entered) == {"f": {"a": {"type": "plain_text_input", "value": "x"}}}


def test_what_the_client_refuses_by_itself():
    text = {"type": "plain_text_input", "max_length": 3}
    assert refusals(view(field({**text, "initial_value": "long"}))) == {"f": "Please enter no more than 3 characters."}
    assert refusals(view(field(text, optional=True))) == {}
    assert list(refusals(view(field(text)))) == ["f"]


def test_everything_gets_an_id():
    section = {"type": "section", "accessory": {"type": "button"}}
    image = {"type": "section", "accessory": {"type": "image"}}
    shown = with_ids(
        [section, image, {"type": "actions", "elements": [{"type": "button"}]}, {"type": "context", "elements": [{}]}]
    )
    assert all(block["block_id"] for block in shown)
    assert shown[0]["accessory"]["action_id"]
    assert "action_id" not in shown[1]["accessory"]
    assert shown[2]["elements"][0]["action_id"]
    assert shown[3]["elements"] == [{}]
