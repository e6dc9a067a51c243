"""A stranger restores a database in the demo: Alice asks, Bob approves, both watch."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

pytestmark = pytest.mark.browser
CARD = "[data-testid^='message-']:has-text('asks to overwrite')"
SCREENSHOTS = os.environ.get("SCREENSHOTS")
"""A folder: the pictures of the documentation are taken there."""


async def picture(page: Page, name: str) -> None:
    if SCREENSHOTS:
        await page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")


async def test_alice_asks_and_bob_approves(browser: Browser, demo: str) -> None:
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    await page.goto(f"{demo}/?user=U0ALICE&channel=C0INC")

    await page.get_by_test_id("composer").fill("/rds-restore orders-prod to orders-staging")
    await page.get_by_test_id("send").click()
    await expect(page.get_by_test_id("field-backup")).to_be_visible()
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("error-backup")).to_be_visible()

    await page.get_by_test_id("field-backup").get_by_role("combobox").fill("auto")
    await page.get_by_test_id("option").filter(has_text="auto · orders-prod").first.click()
    await page.get_by_test_id("field-reason").locator("textarea").fill("Somebody dropped the orders table at 14:32.")
    await picture(page, "form")
    await page.get_by_test_id("modal-submit").click()

    await expect(page.get_by_test_id("modal")).to_contain_text("All data on orders-staging is replaced")
    await picture(page, "summary")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_have_count(0)

    card = page.locator(CARD).last
    await expect(card).to_contain_text("Waiting for approval")
    await card.get_by_test_id("action-approve").click()
    await expect(page.get_by_text("somebody else must decide")).to_be_visible()

    await page.get_by_test_id("person-switcher").click()
    await page.get_by_test_id("person-U0BOB").click()
    await page.locator(CARD).last.get_by_test_id("action-approve").click()
    await page.get_by_test_id("field-confirm_target").locator("input").fill("orders-staging")
    await picture(page, "approve")
    await page.get_by_test_id("modal-submit").click()
    await expect(page.get_by_test_id("modal")).to_have_count(0)

    card = page.locator(CARD).last
    await expect(card).to_contain_text("Restored", timeout=40_000)
    await card.locator("[data-testid^='thread-open-']").click()
    await expect(page.get_by_test_id("thread")).to_contain_text("is back after")
    await expect(card.get_by_test_id("action-approve")).to_have_count(0)
    await page.mouse.move(0, 0)
    await picture(page, "restored")
    assert broken == []
