"""What an app sends is shown as Slack shows it, and never as HTML; what a person enters reaches the app."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from slack_bolt.async_app import AsyncApp

from bot.sandbox.workspace.server import WorkspaceServer
from tests.browser.steps import window, write
from tests.contract.slack_world import Clock, bolt, client_of, option, over_socket, section, serving, words

pytestmark = pytest.mark.browser
EVIL = "<img src=x onerror=\"document.title='broken in'\"><script>document.title='broken in'</script>"
EPOCH = 1_795_400_000
REMEMBER_BUSY = """() => {
  window.wasBusy = false;
  const look = () => { window.wasBusy ||= Boolean(document.querySelector("[aria-busy=true]")); };
  new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["aria-busy"] });
}"""
"""Whether the button was ever busy, however short that was."""


@pytest.fixture
async def slack() -> AsyncIterator[WorkspaceServer]:
    """Its clock stands still and it waits long, so that nothing expires on a busy machine."""
    async with serving(ack_timeout=20.0, now=Clock(time.time())) as server:
        yield server


@pytest.fixture
async def impatient() -> AsyncIterator[WorkspaceServer]:
    """It waits for an answer as long as Slack does: three seconds."""
    async with serving(now=Clock(time.time())) as server:
        yield server


def field(name: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    held = {"action_id": name, **element}
    return {"type": "input", "block_id": name, "label": words(name.title()), "element": held, **more}


def modal(title: str, *blocks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "modal", "callback_id": "form", "title": words(title), "submit": words("Go"), "blocks": list(blocks)}


EVERYTHING = modal(
    "Everything",
    section("All *inputs*"),
    field("reason", {"type": "plain_text_input", "multiline": True, "min_length": 3, "max_length": 40}),
    field("spoken", {"type": "plain_text_input", "dispatch_action_config": {"trigger_actions_on": ["on_character_entered"]}})
    | {"dispatch_action": True},
    field("static", {"type": "static_select", "options": [option("red"), option("blue")]}),
    field("external", {"type": "external_select", "min_query_length": 1}),
    field("radio", {"type": "radio_buttons", "options": [option("one"), option("two")]}),
    field("check", {"type": "checkboxes", "options": [option("yes") | {"description": words("Really")}]}, optional=True),
    field("moment", {"type": "datetimepicker", "initial_date_time": EPOCH}),
)


async def opened(page: Page, slack: WorkspaceServer, app: AsyncApp, view: dict[str, Any]) -> None:
    """Register the command that opens this modal, type it, wait for the modal."""

    @app.command("/rds-restore")
    async def start(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    await write(page, "/rds-restore")
    await expect(page.get_by_test_id("modal")).to_be_visible()


async def test_nothing_that_people_or_the_app_wrote_is_html(browser: Browser, slack: WorkspaceServer) -> None:
    async with window(browser, slack.url) as page:
        await write(page, EVIL)
        blocks = [
            {"type": "header", "text": words(EVIL)},
            section(EVIL),
            {"type": "section", "text": words(EVIL), "fields": [words(EVIL)]},
            {"type": "context", "elements": [words(EVIL)]},
            {"type": "actions", "elements": [{"type": "button", "action_id": "b", "text": words(EVIL[:70])}]},
        ]
        await client_of(slack).chat_postMessage(channel="C0INC", text=EVIL, blocks=blocks)
        evil_link = "<javascript:alert(1)|click me>"
        await client_of(slack).chat_postMessage(channel="C0INC", text=evil_link)
        await expect(page.get_by_role("article").last).to_contain_text("javascript:alert(1)")
        log = page.get_by_role("log")
        await expect(log.locator("img, script, a[href^=javascript]")).to_have_count(0)
        assert "broken in" not in await page.title()


MRKDWN = [
    ("*bold*", "strong", "bold"),
    ("_slanted_", "em", "slanted"),
    ("~gone~", "s", "gone"),
    ("`code`", "code", "code"),
    ("```fence\nof two```", "pre", "fence\nof two"),
    ("&gt; quoted", "blockquote", "quoted"),
    ("<https://example.com|a link>", "a", "a link"),
    ("<@U0BOB>", ".mention", "@Bob Baker"),
    ("<#C0GEN>", ".mention", "#general"),
    ("<!subteam^S0DBA>", ".mention", "@dba"),
    ("<!here>", ".mention", "@here"),
    (f"<!date^{EPOCH}^{{date_num}} {{time_secs}}|fallback>", "time", "2026-11-23 03:13:20"),
    ("&lt;b&gt; &amp; :warning: snake_case_name", ".line", "<b> & ⚠️ snake_case_name"),
]


async def test_mrkdwn(browser: Browser, slack: WorkspaceServer) -> None:
    async with window(browser, slack.url) as page:
        for text, tag, shown in MRKDWN:
            await client_of(slack).chat_postMessage(channel="C0INC", text=text)
            content = page.get_by_role("article").last.locator(".mrkdwn")
            await expect(content.locator(tag), text).to_have_text(shown)


async def test_every_input_reaches_the_app(browser: Browser, slack: WorkspaceServer) -> None:
    app = bolt(slack)
    heard: list[str] = []
    submitted: list[dict[str, Any]] = []

    @app.options("external")
    async def offer(ack: Any, body: dict[str, Any]) -> None:
        await ack(options=[option("alpha")] if body["value"] == "al" else [])

    @app.action("spoken")
    async def spoken(ack: Any, action: dict[str, Any]) -> None:
        heard.append(action["value"])
        await ack()

    @app.view("form")
    async def submit(ack: Any, view: dict[str, Any]) -> None:
        submitted.append({name: held[name] for name, held in view["state"]["values"].items()})
        await ack()

    async with over_socket(slack, app), window(browser, slack.url) as page:
        await opened(page, slack, app, EVERYTHING)
        assert await page.get_by_label("Reason").evaluate("node => node === document.activeElement")
        await page.get_by_label("Reason").fill("ok")
        await expect(page.get_by_test_id("field-reason")).to_contain_text("at least 3 characters")
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("error-reason")).to_have_text("Please enter at least 3 characters.")
        await expect(page.get_by_test_id("error-static")).to_have_text("Please complete this required field.")
        await expect(page.get_by_label("Reason")).to_be_focused()
        await page.get_by_label("Reason").fill("long enough")
        await expect(page.get_by_test_id("error-reason")).to_have_count(0)
        await page.get_by_label("Spoken").press_sequentially("hi")
        await page.get_by_role("combobox", name="Static").fill("bl")
        await page.get_by_role("option", name="Blue").click()
        await page.get_by_role("combobox", name="External").fill("zz")
        await expect(page.get_by_text("No results")).to_be_visible()
        await page.get_by_role("combobox", name="External").fill("al")
        await page.get_by_role("option", name="Alpha").click()
        await page.get_by_label("Two").check()
        await page.get_by_label("Yes").check()
        await expect(page.get_by_label("Moment")).to_have_value("2026-11-23T03:13")
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("modal")).to_have_count(0)
    assert heard == ["h", "hi"]
    (held,) = submitted
    assert held["reason"]["value"] == "long enough"
    assert [held[name]["selected_option"]["value"] for name in ("static", "external", "radio")] == ["blue", "alpha", "two"]
    assert [each["value"] for each in held["check"]["selected_options"]] == ["yes"]
    assert held["moment"]["selected_date_time"] == EPOCH


async def test_a_slow_app_is_waited_for_and_a_silent_one_is_named(browser: Browser, impatient: WorkspaceServer) -> None:
    app = bolt(impatient)
    go = asyncio.Event()

    @app.view("form")
    async def silent(ack: Any) -> None:
        await go.wait()
        await ack()

    async with over_socket(impatient, app), window(browser, impatient.url) as page:
        await opened(page, impatient, app, modal("Slow", field("reason", {"type": "plain_text_input"})))
        await page.get_by_label("Reason").fill("because")
        await page.evaluate(REMEMBER_BUSY)
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("modal-trouble")).to_have_text("We had some trouble connecting. Try again?")
        assert await page.evaluate("window.wasBusy")
        await expect(page.get_by_label("Reason")).to_have_value("because")
        await expect(page.get_by_test_id("modal-submit")).to_have_attribute("aria-busy", "false")
        go.set()
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("modal")).to_have_count(0)
        await expect(page.get_by_test_id("send")).to_be_focused()


async def test_a_modal_keeps_the_focus_and_escape_gives_it_back(browser: Browser, slack: WorkspaceServer) -> None:
    app = bolt(slack)
    async with over_socket(slack, app), window(browser, slack.url) as page:
        await opened(page, slack, app, EVERYTHING)
        inside = "() => Boolean(document.activeElement.closest('[data-testid=modal]'))"
        seen = set()
        for key in ("Tab", "Shift+Tab"):
            for _ in range(24):
                assert await page.evaluate(inside)
                seen.add(await page.evaluate("document.activeElement.id || document.activeElement.dataset.testid"))
                await page.keyboard.press(key)
        assert "modal-close" in seen
        assert len(seen) > 8
        await page.get_by_role("combobox", name="Static").press("ArrowDown")
        await expect(page.get_by_role("option", name="Red")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("option", name="Red")).to_have_count(0)
        await expect(page.get_by_test_id("modal")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("modal")).to_have_count(0)
        await expect(page.get_by_test_id("send")).to_be_focused()


async def test_a_button_shows_that_it_waits_and_says_that_nobody_answered(
    browser: Browser, impatient: WorkspaceServer
) -> None:
    app = bolt(impatient)
    go = asyncio.Event()

    @app.action("press")
    async def silent(ack: Any) -> None:
        await go.wait()
        await ack()

    async with over_socket(impatient, app), window(browser, impatient.url) as page:
        button = {"type": "button", "action_id": "press", "text": words("Press")}
        blocks = [{"type": "actions", "elements": [button]}]
        await client_of(impatient).chat_postMessage(channel="C0INC", text="x", blocks=blocks)
        await expect(page.get_by_test_id("action-press")).to_be_visible()
        await page.evaluate(REMEMBER_BUSY)
        await page.get_by_test_id("action-press").click()
        await expect(page.get_by_test_id("toast")).to_have_text("RDS Restore is not responding (operation_timeout).✕")
        assert await page.evaluate("window.wasBusy")
        await expect(page.get_by_test_id("action-press")).not_to_have_attribute("aria-busy", "true")
        go.set()


async def test_a_silent_command_is_answered_by_slackbot(browser: Browser, impatient: WorkspaceServer) -> None:
    async with over_socket(impatient, bolt(impatient)), window(browser, impatient.url) as page:
        await write(page, "/rds-restore")
        said = page.get_by_role("article").last
        await expect(said).to_contain_text('/rds-restore failed with the error "')
        await expect(said).to_contain_text("Only visible to you")


async def test_a_stack_of_modals_goes_back_and_a_confirm_dialog_asks(browser: Browser, slack: WorkspaceServer) -> None:
    app = bolt(slack)
    pressed: list[str] = []
    dialog = {"title": words("Sure?"), "text": words("It is final."), "confirm": words("Do it"), "deny": words("Leave it")}
    button = {"type": "button", "action_id": "press", "value": "v", "text": words("Press"), "confirm": dialog}
    menu = {"type": "overflow", "action_id": "more", "options": [option("first"), option("second")]}

    @app.view("form")
    async def push(ack: Any) -> None:
        actions = {"type": "actions", "block_id": "deeds", "elements": [button, menu]}
        await ack(response_action="push", view=modal("Second", actions))

    @app.action("press")
    async def press(ack: Any, action: dict[str, Any]) -> None:
        pressed.append(action["value"])
        await ack()

    @app.action("more")
    async def more(ack: Any, action: dict[str, Any]) -> None:
        pressed.append(action["selected_option"]["value"])
        await ack()

    async with over_socket(slack, app), window(browser, slack.url) as page:
        await opened(page, slack, app, modal("First", field("reason", {"type": "plain_text_input"})))
        await page.get_by_label("Reason").fill("kept")
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("modal")).to_contain_text("Second")
        await page.get_by_test_id("action-press").click()
        await expect(page.get_by_test_id("action-press")).not_to_have_attribute("aria-busy", "true")
        await page.get_by_test_id("confirm-deny").click()
        await expect(page.get_by_test_id("action-press")).to_be_focused()
        await page.get_by_test_id("action-press").click()
        await page.get_by_test_id("confirm").click()
        await page.get_by_test_id("action-more").click()
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("action-more")).to_be_focused()
        await expect(page.get_by_test_id("modal-back")).to_have_text("Back")
        await page.get_by_test_id("modal-back").click()
        await expect(page.get_by_label("Reason")).to_have_value("kept")
        await page.get_by_test_id("modal-close").click()
        await expect(page.get_by_test_id("modal")).to_have_count(0)
    assert pressed == ["v", "second"]


async def test_shortcuts_and_what_was_typed_before(browser: Browser, slack: WorkspaceServer) -> None:
    app = bolt(slack)
    used: asyncio.Queue[str] = asyncio.Queue()

    @app.shortcut("restore_here")
    async def here(ack: Any, body: dict[str, Any]) -> None:
        used.put_nowait(body["message"]["text"])
        await ack()

    @app.shortcut("restore")
    async def anywhere(ack: Any) -> None:
        used.put_nowait("anywhere")
        await ack()

    async with over_socket(slack, app), window(browser, slack.url) as page:
        await write(page, "the shop is down")
        newest = page.get_by_role("article").last
        await expect(newest).to_contain_text("the shop is down")
        await page.get_by_test_id("composer").press("ArrowUp")
        await expect(page.get_by_test_id("composer")).to_have_value("the shop is down")
        await page.get_by_role("log").focus()
        await page.keyboard.press("ArrowUp")
        await expect(newest).to_be_focused()
        await newest.get_by_role("button", name="More actions").click()
        await page.get_by_test_id("shortcut-restore_here").click()
        await page.get_by_test_id("shortcuts").click()
        await page.get_by_test_id("shortcut-restore").click()
        async with asyncio.timeout(20):
            assert [await used.get(), await used.get()] == ["the shop is down", "anywhere"]


async def test_a_lost_connection_is_told_and_comes_back_with_what_was_missed(
    browser: Browser, slack: WorkspaceServer
) -> None:
    async with window(browser, slack.url) as page:
        port = int(slack.url.rpartition(":")[2])
        await slack.stop()
        await expect(page.get_by_role("status")).to_contain_text("No connection to the local Slack")
        slack.workspace.say("C0INC", "U0BOB", "said meanwhile", slack.platform.now())
        await slack.start(port=port)
        await expect(page.get_by_role("article").last).to_contain_text("said meanwhile")
        await expect(page.get_by_role("status")).not_to_contain_text("No connection")
