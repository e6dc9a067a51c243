"""axe finds no serious fault in what people see, light and dark, wide and narrow."""

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.browser.stage import ROAD, Stage, call, request
from tests.browser.steps import ASK, PHONE, ask, become, card, window, write

pytestmark = pytest.mark.browser
GRAVE = ("serious", "critical")
SIZES: dict[str, dict[str, Any]] = {"wide": {}, "phone": {"viewport": PHONE, "has_touch": True, "is_mobile": True}}


async def assert_accessible(page: Page, what: str) -> None:
    results = await Axe().run(page)
    grave = [fault for fault in results.response["violations"] if fault["impact"] in GRAVE]
    told = "\n".join(f"{fault['id']}: {[node['html'][:160] for node in fault['nodes']]}" for fault in grave)
    assert not grave, f"{what}\n{told}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
async def test_slack_with_a_request(browser: Browser, demo: str, scheme: str, size: str) -> None:
    async with window(browser, demo, color_scheme=scheme, **SIZES[size]) as page:
        await page.get_by_test_id("composer").fill("/r")
        await expect(page.get_by_test_id("command")).to_be_visible()
        await assert_accessible(page, "channel, with the command offered")
        await write(page, ASK)
        await expect(page.get_by_test_id("field-backup")).to_be_visible()
        await page.get_by_test_id("modal-submit").click()
        await expect(page.get_by_test_id("error-backup")).to_be_visible()
        await assert_accessible(page, "modal with errors")
        await page.get_by_test_id("field-backup").get_by_role("combobox").fill("auto")
        await expect(page.get_by_test_id("option").first).to_be_visible()
        await assert_accessible(page, "typeahead")
        await page.get_by_test_id("modal-close").click()
        await ask(page)
        await assert_accessible(page, "card")
        await card(page).get_by_test_id("action-cancel").click()
        await expect(page.get_by_test_id("confirm-dialog")).to_be_visible()
        await assert_accessible(page, "confirm dialog")
        await page.keyboard.press("Escape")
        await card(page).get_by_test_id("action-approve").click()
        await expect(page.locator(".ephemeral").last).to_be_visible()
        await assert_accessible(page, "ephemeral message")
        await become(page, "U0BOB")
        await expect(page.get_by_test_id("new-line")).to_be_visible()
        await card(page).get_by_test_id("action-approve").click()
        await expect(page.get_by_test_id("field-confirm_target")).to_be_in_viewport(ratio=1)
        await assert_accessible(page, "approval, after what is new")
        await page.keyboard.press("Escape")
        await expect(page.get_by_test_id("modal")).to_have_count(0)
        await card(page).locator("[data-testid^='thread-open-']").click()
        await assert_accessible(page, "thread")
        await page.get_by_test_id("thread-close").click()
        await page.get_by_test_id("person-switcher").click()
        await assert_accessible(page, "menu")
        await page.keyboard.press("Escape")
        if size == "phone":
            await page.get_by_test_id("drawer").click()
            await assert_accessible(page, "drawer")
        await page.get_by_test_id("home-tab").click()
        await expect(page.get_by_test_id("home")).to_contain_text("History")
        await assert_accessible(page, "Home")
        await page.get_by_test_id("tab-messages").click()
        await expect(page.get_by_text("Sending messages to this app has been turned off.")).to_be_visible()
        await assert_accessible(page, "messages of the app")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
async def test_the_panel_beside_slack(browser: Browser, stage: Stage, scheme: str, size: str) -> None:
    ways = ([*ROAD, "succeeded"], [*ROAD, "unknown"], ["pending", "denied"], ROAD)
    stage.state |= {
        "requests": [request(f"R-{number}", "orders-staging", *way, percent=40) for number, way in enumerate(ways)],
        "calls": [
            call(1, "GET", "/instances", "List instances", 200, count=4),
            call(2, "GET", "/backups", "List backups", 429),
            call(3, "POST", "/instances/recovery", "Restore onto an existing instance", None, changes=True),
        ],
        "recovery_calls": 1,
    }
    stage.state["faults"][0]["on"] = stage.state["tour"][0]["done"] = True
    async with window(browser, stage.url, color_scheme=scheme, **SIZES[size]) as page:
        if size == "phone":
            await page.get_by_test_id("backstage-toggle").click()
        for number in range(len(ways) - 1):
            await page.locator(f"#request-R-{number}").click()
        await expect(page.locator(".states")).to_have_count(len(ways))
        await assert_accessible(page, "panel")
