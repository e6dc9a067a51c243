"""Every surface that the bot has in Slack, one after the other, for the gallery of the documentation."""

from contextlib import suppress
from pathlib import Path

import pytest
from playwright.async_api import Browser, Error, Locator, Page, expect

from tests.browser.steps import (
    ASK,
    PHONE,
    REASON,
    SCREENSHOTS,
    approve,
    ask,
    become,
    card,
    fill_form,
    picture,
    window,
    write,
)

pytestmark = pytest.mark.browser
RESTORED_WITHIN = 60_000
SURFACES = Path(__file__).parents[2] / "docs" / "surfaces.md"
IMAGES = SURFACES.parent / "images"


async def close_up(part: Locator, name: str) -> None:
    """A picture of one part of the page, where pictures are being taken."""
    await expect(part).to_be_visible()
    if not SCREENSHOTS:
        return
    await part.page.mouse.move(0, 0)
    for _ in range(5):
        # A message that changes meanwhile is another element afterwards.
        with suppress(Error):
            await part.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")
            return
    raise AssertionError(f"{name} does not hold still")


async def filled(page: Page, typed: str) -> Locator:
    """The form, opened by a command."""
    await write(page, typed)
    await expect(page.get_by_test_id("field-reason")).to_be_visible()
    return page.get_by_test_id("modal")


async def leave(page: Page) -> None:
    await page.get_by_test_id("modal-close").click()
    await expect(page.get_by_test_id("modal")).to_have_count(0)


async def test_asking(browser: Browser, demo: str) -> None:
    async with window(browser, demo, viewport={"width": 1200, "height": 1000}) as page:
        form = await filled(page, ASK)
        await page.get_by_test_id("field-target").get_by_role("combobox").fill("orders")
        await expect(page.get_by_test_id("option").first).to_be_visible()
        await expect(page.get_by_test_id("option").filter(has_text="orders-small")).to_contain_text("is smaller than")
        await picture(page, "typeahead")
        await page.keyboard.press("Escape")
        await leave(page)

        await page.set_viewport_size({"width": 1200, "height": 1400})
        form = await filled(page, f"{ASK} at 45 minutes ago")
        await expect(form).to_contain_text("is left out")
        await expect(form).to_contain_text("Can be restored:")
        await page.get_by_test_id("field-reason").locator("textarea").fill(REASON)
        await close_up(form, "form-time")
        await leave(page)

        form = await filled(page, "/rds-restore orders-prod to billing-staging at 2031-01-01 10:00")
        await page.get_by_test_id("field-reason").locator("textarea").fill(REASON)
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("error-restore_time")).to_contain_text("future")
        await close_up(form, "form-errors")
        await leave(page)

        form = await filled(page, "/rds-restore crm-prod to crm-test")
        await page.get_by_test_id("field-databases").locator("textarea").fill("crm_audit = crm_audit_old")
        await close_up(form, "form-databases")
        await leave(page)

        await page.set_viewport_size({"width": 1200, "height": 700})
        await page.get_by_test_id("shortcuts").click()
        await picture(page, "shortcut-anywhere")
        await page.set_viewport_size({"width": 1200, "height": 1400})
        await page.get_by_test_id("shortcut-restore").click()
        await expect(page.get_by_test_id("field-channel")).to_be_visible()
        await close_up(page.get_by_test_id("modal"), "form-channel")
        await leave(page)

        await page.get_by_test_id("channel-C0EXT").click()
        await write(page, ASK)
        await expect(page.get_by_test_id("modal")).to_contain_text("shared with another organisation")
        await close_up(page.get_by_test_id("modal"), "not-here")
        await leave(page)


async def test_deciding(browser: Browser, demo: str) -> None:
    async with window(browser, demo, viewport={"width": 1200, "height": 1000}) as page:
        await ask(page)
        await close_up(card(page), "card-pending")
        await card(page).get_by_test_id("action-approve").click()
        refusal = page.locator(".ephemeral").last
        await expect(refusal).to_contain_text("somebody else must decide")
        await close_up(refusal, "refusal")
        await write(page, "/rds-restore list")
        await expect(page.locator(".ephemeral").last).to_contain_text("Not finished")
        await close_up(page.locator(".ephemeral").last, "list")
        await write(page, "/rds-restore help")
        await expect(page.locator(".ephemeral").last).to_contain_text("opens the form")
        await close_up(page.locator(".ephemeral").last, "help")

        await become(page, "U0BOB")
        await page.set_viewport_size({"width": 1200, "height": 660})
        await page.get_by_test_id("home-tab").click()
        await expect(page.get_by_test_id("home")).to_contain_text("Waiting for you")
        await close_up(page.get_by_test_id("home"), "home-approver")
        await page.set_viewport_size({"width": 1200, "height": 1400})
        await page.get_by_test_id("channel-C0INC").click()
        await card(page).get_by_test_id("action-deny").click()
        await expect(page.get_by_test_id("field-reason")).to_be_visible()
        await close_up(page.get_by_test_id("modal"), "deny")
        await leave(page)
        await approve(page)
        await expect(card(page)).to_contain_text("░")
        await close_up(card(page), "card-progress")
        await expect(card(page)).to_contain_text("Restored", timeout=RESTORED_WITHIN)
        await close_up(card(page), "card-restored")
        await card(page).locator("[data-testid^='thread-open-']").click()
        await expect(page.get_by_test_id("thread")).to_contain_text("is back after")
        await close_up(page.get_by_test_id("thread"), "thread")
        await page.get_by_test_id("thread-close").click()
        await card(page).get_by_test_id("action-details").click()
        await expect(page.get_by_test_id("modal")).to_contain_text("Fingerprint")
        await close_up(page.get_by_test_id("modal"), "details")
        await leave(page)
        await become(page, "U0ALICE")
        await page.get_by_test_id("home-tab").click()
        await page.get_by_test_id("tab-messages").click()
        await expect(page.get_by_role("article").last).to_contain_text("is back after")
        await close_up(page.get_by_role("article").last, "direct-message")


async def test_in_a_thread(browser: Browser, demo: str) -> None:
    async with window(browser, demo) as page:
        root = page.get_by_role("article").filter(has_text="Customers say that their orders")
        await root.hover()
        await root.get_by_role("button", name="More actions").click()
        await picture(page, "shortcut-message")
        await page.get_by_test_id("shortcut-restore_here").click()
        await expect(page.get_by_test_id("field-reason")).to_be_visible()
        for name, typed in (("source", "orders-prod"), ("target", "orders-staging")):
            await page.get_by_test_id(f"field-{name}").get_by_role("combobox").fill(typed)
            await page.get_by_test_id("option").first.click()
        await expect(page.get_by_test_id("field-backup").get_by_role("combobox")).to_have_attribute(
            "placeholder", "Newest first"
        )
        await fill_form(page)
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("modal")).to_contain_text("What this means")
        await page.get_by_test_id("modal-submit").click()
        await root.locator("[data-testid^='thread-open-']").click()
        await expect(page.get_by_test_id("thread")).to_contain_text("Waiting for approval")
        await picture(page, "in-a-thread")


async def test_an_approver_on_a_phone(browser: Browser, demo: str) -> None:
    async with window(browser, demo, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        await ask(page)
        await become(page, "U0BOB")
        await card(page).get_by_test_id("action-approve").click()
        await expect(page.get_by_test_id("field-confirm_target")).to_be_visible()
        await page.get_by_test_id("field-confirm_target").locator("input").fill("orders-staging")
        await picture(page, "phone-approve")
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
