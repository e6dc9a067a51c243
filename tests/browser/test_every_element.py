"""Every block and element that the local Slack takes is drawn by the page, and with it all that the bot can send."""

import ast
import time
from pathlib import Path
from typing import Any

import pytest
import slack_sdk.models.blocks as slack_blocks
from playwright.async_api import Browser, Page, expect

from bot.sandbox.workspace.block_shapes import ELEMENTS
from tests.browser.steps import window
from tests.browser.test_blocks import EPOCH, field, modal, opened
from tests.contract.slack_world import Clock, bolt, client_of, option, over_socket, section, serving, words

pytestmark = pytest.mark.browser
BOT = Path(__file__).parents[2] / "bot"
OPTIONS = [option("red"), option("blue")]
RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "rich", "style": {"bold": True}},
                {"type": "user", "user_id": "U0BOB"},
                {"type": "link", "url": "https://example.com", "text": "link"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "item"}]}],
        },
    ],
}
IMAGE = {"type": "image", "image_url": "https://example.com/x.png", "alt_text": "a picture"}
BLOCKS = [
    {"type": "header", "text": words("Header")},
    section("*Section*"),
    {"type": "section", "fields": [words("left"), words("right")], "accessory": IMAGE},
    {"type": "divider"},
    {"type": "context", "elements": [words("context"), IMAGE]},
    {"type": "markdown", "text": "# Heading\n**bold** and `code`\n- item"},
    RICH,
    IMAGE,
]
OPTIONED = ("static_select", "multi_static_select", "radio_buttons", "checkboxes", "overflow")
MORE: dict[str, dict[str, Any]] = {"button": {"text": words("Press")}, "datetimepicker": {"initial_date_time": EPOCH}}


def element(kind: str) -> dict[str, Any]:
    options = {"options": OPTIONS} if kind in OPTIONED else {}
    return {"type": kind, "action_id": kind, **options, **MORE.get(kind, {})}


def shown_as(kind: str) -> dict[str, Any]:
    """The block that may hold such an element in a modal."""
    if kind in ("button", "overflow"):
        return {"type": "actions", "block_id": kind, "elements": [element(kind)]}
    return field(kind, element(kind), optional=True)


async def assert_all_drawn(page: Page, number: int) -> None:
    await expect(page.locator(".modal .block")).to_have_count(number)
    await expect(page.locator(".unknown")).to_have_count(0)


async def test_every_element_is_drawn_and_can_be_submitted(browser: Browser) -> None:
    async with serving(ack_timeout=20.0, now=Clock(time.time())) as slack:
        app = bolt(slack)
        submitted: list[dict[str, Any]] = []

        @app.view("form")
        async def submit(ack: Any, view: dict[str, Any]) -> None:
            submitted.append(view["state"]["values"])
            await ack()

        async with over_socket(slack, app), window(browser, slack.url) as page:
            await opened(page, slack, app, modal("Everything", *(shown_as(kind) for kind in ELEMENTS)))
            await assert_all_drawn(page, len(ELEMENTS))
            await page.get_by_role("combobox", name="Multi_Users_Select").fill("bob")
            await page.get_by_role("option", name="Bob Baker").click()
            await page.get_by_role("combobox", name="Multi_Users_Select").fill("dana")
            await page.get_by_role("option", name="Dana Diaz").click()
            await page.get_by_role("button", name="Remove Bob Baker").click()
            await page.get_by_test_id("field-datepicker").locator("input").fill("2026-11-23")
            await page.get_by_test_id("field-timepicker").locator("input").fill("14:32")
            await page.get_by_test_id("modal-submit").click()
            await expect(page.get_by_test_id("modal")).to_have_count(0)
    (values,) = submitted
    assert values["multi_users_select"]["multi_users_select"]["selected_users"] == ["U0DANA"]
    assert values["datepicker"]["datepicker"]["selected_date"] == "2026-11-23"
    assert values["timepicker"]["timepicker"]["selected_time"] == "14:32"


@pytest.mark.parametrize("where", ["message", "modal", "home"])
async def test_every_block_is_drawn_everywhere(browser: Browser, where: str) -> None:
    async with serving(ack_timeout=20.0, now=Clock(time.time())) as slack:
        app, client = bolt(slack), client_of(slack)
        async with over_socket(slack, app), window(browser, slack.url) as page:
            if where == "message":
                await client.chat_postMessage(channel="C0INC", text="x", blocks=BLOCKS)
                place = page.get_by_role("article").last
            elif where == "modal":
                await opened(page, slack, app, modal("Blocks", *BLOCKS))
                place = page.get_by_test_id("modal")
            else:
                await client.views_publish(user_id="U0ALICE", view={"type": "home", "blocks": BLOCKS})
                await page.get_by_test_id("home-tab").click()
                place = page.get_by_test_id("home")
            await expect(place.locator(".block")).to_have_count(len(BLOCKS))
            await expect(place).to_contain_text("@Bob Baker")
            await expect(page.locator(".unknown")).to_have_count(0)


def test_all_that_the_bot_can_send_is_among_them() -> None:
    tried = {*ELEMENTS, *(block["type"] for block in BLOCKS), "actions", "input"}
    assert bot_sends() - tried == set()


def bot_sends() -> set[str]:
    """The types of the blocks and elements that the bot's renderers and listeners name."""
    found = set()
    for path in (BOT / "slack").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("slack_sdk.models"):
                found |= {kind for name in node.names if (kind := type_of(name.name)) is not None}
    return found


def type_of(name: str) -> str | None:
    """Slack's word for one of slack_sdk's classes; None for what is neither a block nor an element."""
    kind = getattr(getattr(slack_blocks, name, None), "type", None)
    return kind if isinstance(kind, str) and kind not in ("plain_text", "mrkdwn") else None


def test_what_the_bot_sends_is_found() -> None:
    assert {"section", "header", "external_select", "radio_buttons", "checkboxes", "button"} <= bot_sends()
