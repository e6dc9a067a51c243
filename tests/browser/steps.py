"""What people do on the page, in the words of a test."""

import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page, expect

ASK = "/rds-restore orders-prod to orders-staging"
REASON = "The clean-up job dropped the orders table."
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
SCREENSHOTS = os.environ.get("SCREENSHOTS")
"""A folder: the pictures of the documentation are taken there."""


@asynccontextmanager
async def window(browser: Browser, address: str, user: str = "U0ALICE", *, channel: str = "C0INC", **options: Any):
    """A person's own window, ready to be used. At its end nothing must have broken in it."""
    context = await browser.new_context(**{"viewport": WIDE, "reduced_motion": "reduce", **options})
    page = await context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    await page.goto(f"{address}/?user={user}&channel={channel}")
    await expect(page.get_by_test_id("composer")).to_be_visible()
    yield page
    await context.close()
    assert broken == []


async def picture(page: Page, name: str) -> None:
    """A picture for the documentation, where pictures are being taken."""
    if SCREENSHOTS:
        await page.mouse.move(0, 0)
        await page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")


def card(page: Page) -> Locator:
    """The newest request's message in the channel."""
    return page.locator("main [data-testid^='message-']:has-text('asks to overwrite')").last


async def write(page: Page, text: str) -> None:
    await page.get_by_test_id("composer").fill(text)
    await page.get_by_test_id("send").click()


async def fill_form(page: Page) -> None:
    """The newest backup, and a reason."""
    await page.get_by_test_id("field-backup").get_by_role("combobox").fill("auto")
    await page.get_by_test_id("option").filter(has_text="auto · orders-prod").first.click()
    await page.get_by_test_id("field-reason").locator("textarea").fill(REASON)


async def ask(page: Page) -> None:
    """From the command to the card."""
    await write(page, ASK)
    await expect(page.get_by_test_id("field-backup")).to_be_visible()
    await fill_form(page)
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_contain_text("All data on orders-staging is replaced")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_have_count(0)
    await expect(card(page)).to_contain_text("Waiting for approval")


async def approve(page: Page, target: str = "orders-staging") -> None:
    await card(page).get_by_test_id("action-approve").click()
    await page.get_by_test_id("field-confirm_target").locator("input").fill(target)
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_have_count(0)


async def become(page: Page, user: str) -> None:
    await page.get_by_test_id("person-switcher").click()
    await page.get_by_test_id(f"person-{user}").click()
    await expect(page.get_by_test_id("composer")).to_be_focused()


async def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press Tab until this has the focus."""
    for _ in range(60):
        if await wanted.evaluate("node => node === document.activeElement"):
            return
        await page.keyboard.press(key)
    raise AssertionError(f"{key} does not reach {wanted}")
