"""The limits of Block Kit, each at its border."""

import pytest

from bot.sandbox.workspace.errors import ApiError
from bot.sandbox.workspace.validation import characters, check_blocks, check_view, message_faults, option_faults, view_faults


def words(text="x"):
    return {"type": "plain_text", "text": text}


def markup(text="x"):
    return {"type": "mrkdwn", "text": text}


def option(value="v", text="x"):
    return {"text": words(text), "value": value}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def button(**more):
    return {"type": "button", "action_id": "b", "text": words(), **more}


def field(element, **more):
    return {"type": "input", "label": words(), "element": {"action_id": "e", **element}, **more}


def select(count):
    return {"type": "static_select", "options": [option(str(number)) for number in range(count)]}


def modal(*blocks, **more):
    return {"type": "modal", "title": words(), "submit": words(), "blocks": list(blocks), **more}


CONFIRM = {"title": words(), "text": markup("y" * 300), "confirm": words(), "deny": words()}


@pytest.mark.parametrize(
    ("fits", "does_not"),
    [
        ([{"type": "section", "text": markup("x" * 3000)}], [{"type": "section", "text": markup("x" * 3001)}]),
        ([{"type": "section", "fields": [markup("x" * 2000)] * 10}], [{"type": "section", "fields": [markup()] * 11}]),
        ([{"type": "section", "fields": [markup()]}], [{"type": "section", "fields": [markup("x" * 2001)]}]),
        ([{"type": "divider"}], [{"type": "section"}]),
        ([{"type": "header", "text": words("x" * 150)}], [{"type": "header", "text": words("x" * 151)}]),
        ([{"type": "header", "text": words()}], [{"type": "header", "text": markup()}]),
        ([{"type": "context", "elements": [markup()] * 10}], [{"type": "context", "elements": [markup()] * 11}]),
        ([actions(button(text=words("x" * 75)))], [actions(button(text=words("x" * 76)))]),
        ([actions(button(value="x" * 2000))], [actions(button(value="x" * 2001))]),
        ([actions(button(style="danger"))], [actions(button(style="default"))]),
        ([actions(button(action_id="x" * 255))], [actions(button(action_id="x" * 256))]),
        ([actions(button(confirm=CONFIRM))], [actions(button(confirm={**CONFIRM, "text": markup("y" * 301)}))]),
        (
            [actions(*(button(action_id=str(n)) for n in range(25)))],
            [actions(*(button(action_id=str(n)) for n in range(26)))],
        ),
        ([actions(button(), button(action_id="c"))], [actions(button(), button())]),
        ([{"type": "divider", "block_id": "x" * 255}], [{"type": "divider", "block_id": "x" * 256}]),
        ([{"type": "divider", "block_id": "a"}, {"type": "divider"}], [{"type": "divider", "block_id": "a"}] * 2),
        ([{"type": "divider"}] * 50, [{"type": "divider"}] * 51),
        ([{"type": "markdown", "text": "x" * 12_000}], [{"type": "markdown", "text": "x" * 12_001}]),
        ([{"type": "divider"}], [{"type": "divider", "colour": "red"}]),
        ([{"type": "divider"}], [{"type": "carousel"}]),
        ([{"type": "divider"}], ["divider"]),
        ([], {"type": "divider"}),
    ],
)
def test_message_blocks(fits, does_not):
    assert message_faults(fits) == []
    assert message_faults(does_not) != []


@pytest.mark.parametrize(
    ("fits", "does_not"),
    [
        (modal(title=words("x" * 24)), modal(title=words("x" * 25))),
        (modal(submit=words("x" * 24)), modal(close=words("x" * 25))),
        (modal(private_metadata="x" * 3000), modal(private_metadata="x" * 3001)),
        (modal(callback_id="x" * 255), modal(external_id="x" * 256)),
        (modal(*[{"type": "divider"}] * 100), modal(*[{"type": "divider"}] * 101)),
        (modal(field(select(100))), modal(field(select(101)))),
        (modal(field(select(1))), modal(field(select(0)))),
        (
            modal(field({**select(2), "initial_option": option("1")})),
            modal(field({**select(2), "initial_option": option("9")})),
        ),
        (
            modal(field({"type": "radio_buttons", "options": [option(str(n)) for n in range(10)]})),
            modal(field({"type": "radio_buttons", "options": [option(str(n)) for n in range(11)]})),
        ),
        (modal(field(select(1))), modal(field({"type": "checkboxes", "options": [option("a"), option("a")]}))),
        (
            modal(field({**select(0), "options": [option("v" * 150)]})),
            modal(field({**select(0), "options": [option("v" * 151)]})),
        ),
        (
            modal(field({**select(0), "options": [option(text="x" * 75)]})),
            modal(field({**select(0), "options": [option(text="x" * 76)]})),
        ),
        (
            modal(field({"type": "plain_text_input", "placeholder": words("x" * 150)})),
            modal(field({"type": "plain_text_input", "placeholder": words("x" * 151)})),
        ),
        (modal(field(select(1), hint=words("x" * 2000))), modal(field(select(1), hint=words("x" * 2001)))),
        (modal(field(select(1))), {**modal(field(select(1))), "submit": None}),
        (
            modal(field({"type": "external_select", "min_query_length": 0})),
            modal(field({"type": "button", "text": words()})),
        ),
        (
            modal(field({"type": "datetimepicker", "initial_date_time": 1_700_000_000})),
            modal(field({"type": "datetimepicker", "initial_date_time": 1_700_000_000_000})),
        ),
        (
            modal(field({"type": "datepicker", "initial_date": "2026-11-23"})),
            modal(field({"type": "datepicker", "initial_date": "23.11.2026"})),
        ),
        (modal(field({**select(1), "focus_on_load": True})), modal(*[field({**select(1), "focus_on_load": True})] * 2)),
        (modal(), {"type": "modal", "blocks": []}),
        ({"type": "home", "blocks": []}, {"type": "home", "blocks": [], "title": words()}),
    ],
)
def test_views(fits, does_not):
    assert view_faults(fits) == []
    assert view_faults(does_not) != []


def test_a_modal_with_inputs_needs_a_submit_button():
    view = modal(field(select(1)))
    del view["submit"]
    assert view_faults(view) == [
        "[ERROR] missing required field: submit, because there are input blocks [json-pointer:/view]"
    ]


def test_a_hundred_options_and_no_more():
    assert option_faults({"options": [option(str(number)) for number in range(100)]}) == []
    assert option_faults({"options": []}) == []
    assert option_faults({"options": [option(str(number)) for number in range(101)]}) != []
    assert option_faults({"option_groups": [{"label": words(), "options": [option()]}]}) == []
    assert option_faults({"option_groups": [{"label": words(), "options": []}]}) != []
    assert option_faults({}) != []
    assert option_faults(None) != []


def test_the_length_of_a_whole_message():
    blocks = [{"type": "section", "text": markup("x" * 2640)}] * 5
    assert characters(blocks) == 13_200
    check_blocks(blocks)
    with pytest.raises(ApiError, match="msg_blocks_too_long"):
        check_blocks([*blocks, {"type": "header", "text": words()}])


def test_the_size_of_a_view():
    check_view(modal(*[{"type": "section", "text": markup("x" * 2000)}] * 100), kind="modal")
    with pytest.raises(ApiError, match="view_too_large"):
        check_view(modal(*[{"type": "section", "text": markup("x" * 2500)}] * 100), kind="modal")
    with pytest.raises(ApiError, match="invalid_arguments"):
        check_view(modal(), kind="home")
