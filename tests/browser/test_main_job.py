"""A stranger restores a database in the demo: Alice asks, Bob approves, both watch."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.steps import ASK, PHONE, approve, ask, become, card, fill_form, picture, tab_to, window, write

pytestmark = pytest.mark.browser
RESTORED_WITHIN = 60_000


async def test_alice_asks_and_bob_approves(browser: Browser, demo: str) -> None:
    async with window(browser, demo) as page:
        await picture(page, "channel")
        await write(page, ASK)
        await expect(page.get_by_test_id("field-backup")).to_be_visible()
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("error-backup")).to_be_visible()
        await expect(page.get_by_test_id("field-backup").get_by_role("combobox")).to_be_focused()

        await fill_form(page)
        await picture(page, "form")
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("modal")).to_contain_text("All data on orders-staging is replaced")
        await picture(page, "summary")
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("modal")).to_have_count(0)

        await expect(card(page)).to_contain_text("Waiting for approval")
        await card(page).get_by_test_id("action-approve").click()
        refusal = page.locator(".ephemeral").last
        await expect(refusal).to_contain_text("somebody else must decide")
        await expect(refusal).to_contain_text("Only visible to you")

        await become(page, "U0BOB")
        await expect(page.get_by_text("somebody else must decide")).to_have_count(0)
        await card(page).get_by_test_id("action-approve").click()
        await page.get_by_test_id("field-confirm_target").locator("input").fill("orders-staging")
        await picture(page, "approve")
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("modal")).to_have_count(0)

        await expect(card(page)).to_contain_text("Restored", timeout=RESTORED_WITHIN)
        await card(page).locator("[data-testid^='thread-open-']").click()
        await expect(page.get_by_test_id("thread")).to_contain_text("is back after")
        await expect(card(page).get_by_test_id("action-approve")).to_have_count(0)
        await picture(page, "restored")
        await page.get_by_test_id("theme-toggle").click()
        await picture(page, "restored-dark")
        await page.get_by_test_id("home-tab").click()
        await expect(page.get_by_test_id("home")).to_contain_text("Restored")
        await page.get_by_test_id("theme-toggle").click()
        await picture(page, "home")


async def test_two_people_in_two_windows_see_each_other_act(browser: Browser, demo: str) -> None:
    async with window(browser, demo) as alice, window(browser, demo, "U0BOB", channel="C0GEN") as bob:
        await ask(alice)
        here = bob.get_by_test_id("channel-C0INC")
        await expect(here.get_by_label("new messages")).to_be_visible()
        await here.click()
        await expect(here.get_by_label("new messages")).to_have_count(0)
        await approve(bob)
        await expect(card(alice)).to_contain_text("1 of 1")
        for page in (alice, bob):
            await expect(card(page)).to_contain_text("Restored", timeout=RESTORED_WITHIN)
        told = alice.get_by_test_id("home-tab").get_by_label("new messages, 1 for you")
        await expect(told).to_be_visible()  # the bot's private word to Alice


async def test_the_story_s_own_command_and_a_policy_that_wants_two(browser: Browser, demo: str) -> None:
    async with window(browser, demo) as page:
        command = await page.get_by_role("article").last.locator("code").inner_text()
        await write(page, command)
        await expect(page.get_by_test_id("field-restore_time").locator("input")).to_have_value(command.split()[-1])
        await page.get_by_test_id("field-reason").locator("textarea").fill("the moment before the drop")
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("modal")).to_contain_text("All data on orders-staging is replaced")
        await page.get_by_test_id("modal-close").click()
        await expect(page.get_by_test_id("modal")).to_have_count(0)

        await write(page, "/rds-restore billing-prod to billing-staging at 1 hour ago")
        await page.get_by_test_id("field-reason").locator("textarea").fill("invoices are wrong")
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("modal")).to_contain_text("All data on billing-staging is replaced")
        await page.get_by_test_id("modal-submit").click()
        await expect(card(page)).to_contain_text("0 of 2")
        await become(page, "U0CAROL")
        await card(page).get_by_test_id("action-approve").click()
        await expect(page.locator(".ephemeral").last).to_contain_text("Only visible to you")
        await become(page, "U0BOB")
        await approve(page, "billing-staging")
        await expect(card(page)).to_contain_text("1 of 2")
        await become(page, "U0DANA")
        await approve(page, "billing-staging")
        await expect(card(page)).to_contain_text("Restored", timeout=RESTORED_WITHIN)
        await expect(card(page)).to_contain_text("2 of 2")


async def test_the_whole_job_without_a_mouse(browser: Browser, demo: str) -> None:
    async with window(browser, demo) as page:
        keys = page.keyboard
        await expect(page.get_by_test_id("composer")).to_be_focused()
        await keys.type("/rds")
        await keys.press("Tab")
        await keys.type("orders-prod to orders-staging")
        await keys.press("Enter")

        await tab_to(page, page.get_by_test_id("field-backup").get_by_role("combobox"))
        await keys.type("auto")
        await expect(page.get_by_test_id("option").first).to_contain_text("auto")
        await keys.press("Enter")
        await tab_to(page, page.get_by_test_id("field-reason").locator("textarea"))
        await keys.type("the table is gone")
        await tab_to(page, page.get_by_test_id("modal-submit"))
        await keys.press("Enter")
        await expect(page.get_by_test_id("modal")).to_contain_text("What this means")
        await tab_to(page, page.get_by_test_id("modal-submit"))
        await keys.press("Enter")
        await expect(page.get_by_test_id("modal")).to_have_count(0)
        await expect(page.get_by_test_id("composer")).to_be_focused()
        await expect(card(page)).to_contain_text("Waiting for approval")

        await tab_to(page, page.get_by_test_id("person-switcher"), "Shift+Tab")
        await keys.press("Enter")
        await keys.press("ArrowDown")
        await keys.press("Enter")
        await expect(page.get_by_test_id("person-switcher")).to_contain_text("Bob Baker")
        await tab_to(page, card(page).get_by_test_id("action-approve"), "Shift+Tab")
        await keys.press("Enter")
        await expect(page.get_by_test_id("field-confirm_target").locator("input")).to_be_focused()
        await keys.type("orders-staging")
        await keys.press("Enter")
        await expect(page.get_by_test_id("modal")).to_have_count(0)
        await expect(card(page)).to_contain_text("Restored", timeout=RESTORED_WITHIN)


async def test_the_whole_job_on_a_phone_in_the_dark(browser: Browser, demo: str) -> None:
    async with window(browser, demo, viewport=PHONE, color_scheme="dark", has_touch=True, is_mobile=True) as page:
        await ask(page)
        await picture(page, "phone")
        await become(page, "U0BOB")
        await approve(page)
        await expect(card(page)).to_contain_text("Restored", timeout=RESTORED_WITHIN)
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        await page.get_by_test_id("drawer").click()
        await page.get_by_test_id("channel-C0DBA").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("dba-private")
