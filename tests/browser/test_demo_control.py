"""The real demo from behind the scenes: one call in spite of a lost answer, the bot killed and started, the whole tour."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.steps import PHONE, approve, ask, become, card, picture, window

pytestmark = pytest.mark.browser
RESTORED_WITHIN = 60_000
STEP_WITHIN = 40_000
RECONNECTED_WITHIN = 90_000
"""The bot waits up to thirty seconds between two tries; the longer Slack was down, the longer."""


async def state(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = await page.evaluate("fetch('/_control/state').then((answer) => answer.json())")
    return found


async def test_the_answer_is_lost_and_one_recovery_call_is_made(browser: Browser, demo: str) -> None:
    async with window(browser, demo) as page:
        lose = page.get_by_role("switch", name="The cloud forgets to answer")
        await lose.click()
        await expect(lose).to_be_checked()
        await ask(page)
        await become(page, "U0BOB")
        await approve(page)
        await expect(page.get_by_test_id("recovery-call")).to_contain_text("answer lost", timeout=STEP_WITHIN)
        shown = page.get_by_test_id("requests")
        await expect(shown.locator(".node.now")).to_have_text("Restored", timeout=RESTORED_WITHIN)
        await expect(card(page)).to_contain_text("Restored", timeout=RESTORED_WITHIN)
        await expect(page.get_by_test_id("recovery-call")).to_have_count(1)
        await expect(page.get_by_test_id("recovery-calls")).to_have_text("Recovery calls: 1")
        (request,) = (await state(page))["requests"]
        assert request["path"] == ["pending", "approved", "submitting", "restoring", "succeeded"]


async def test_the_bot_is_killed_and_started_from_the_page(browser: Browser, demo: str) -> None:
    async with window(browser, demo) as page:
        await ask(page)
        await become(page, "U0BOB")
        await approve(page)
        await expect(page.get_by_test_id("requests").locator(".node.now")).to_contain_text("Restoring", timeout=STEP_WITHIN)
        kill, start = page.get_by_test_id("control-kill_bot"), page.get_by_test_id("control-start_bot")
        await expect(start).to_have_attribute("aria-disabled", "true")
        await kill.click()
        await expect(page.get_by_test_id("bot-state")).to_contain_text("The bot is not running")
        await expect(page.get_by_role("status")).to_contain_text("is not connected")
        await expect(kill).to_have_attribute("aria-disabled", "true")
        await start.click()
        await expect(page.get_by_test_id("bot-state")).to_contain_text("The bot is running, started again once")
        await expect(card(page)).to_contain_text("Restored", timeout=RESTORED_WITHIN)
        await expect(page.get_by_test_id("recovery-calls")).to_have_text("Recovery calls: 1")


async def test_slack_is_down_for_the_bot_and_people_write_on(browser: Browser, demo: str) -> None:
    async with window(browser, demo) as page:
        down = page.get_by_role("switch", name="Slack is down")
        await down.click()
        await expect(page.get_by_role("status")).to_contain_text("is not connected")
        await page.get_by_test_id("composer").fill("The bot does not answer.")
        await page.get_by_test_id("send").click()
        await expect(page.locator("main")).to_contain_text("The bot does not answer.")
        await down.click()
        await expect(page.get_by_role("status")).to_have_text("", timeout=RECONNECTED_WITHIN)
        await ask(page)


async def test_the_tour_from_its_first_step_to_its_last(browser: Browser, demo: str) -> None:
    async with window(browser, demo) as page:
        for step in (await state(page))["tour"]:
            now = page.get_by_test_id(f"step-{step['id']}")
            if (await _steps(page))[step["id"]]:
                continue
            if step["id"] == "become":
                await become(page, "U0BOB")
            elif step["act"]:
                await expect(now).to_have_attribute("aria-current", "step", timeout=RESTORED_WITHIN)
                if step["id"] == "kill":
                    await page.get_by_test_id("requests").evaluate("(node) => node.scrollIntoView()")
                    await picture(page, "backstage")
                await now.get_by_test_id("tour-act").click()
            await _until_done(page, step["id"])
        await expect(page.get_by_test_id("tour-done")).to_have_text("15 of 15 done")
        await expect(page.get_by_test_id("tour")).to_contain_text("That was all")
        await expect(page.get_by_test_id("recovery-calls")).to_have_text("Recovery calls: 2")
        answers = page.get_by_test_id("recovery-call").locator(".answer")
        await expect(answers).to_have_text(["answer lost", "202"])
        await expect(card(page)).to_contain_text("Restored", timeout=RESTORED_WITHIN)


async def test_on_a_phone_a_fault_is_switched_on(browser: Browser, demo: str) -> None:
    async with window(browser, demo, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        await page.get_by_role("button", name="Behind the scenes").tap()
        fails = page.get_by_role("switch", name="The next restore fails")
        await fails.tap()
        await expect(fails).to_be_checked()
        await page.get_by_role("button", name="Behind the scenes").tap()
        await ask(page)
        await become(page, "U0BOB")
        await approve(page)
        await expect(card(page)).to_contain_text("Failed", timeout=RESTORED_WITHIN)
        assert [each["on"] for each in (await state(page))["faults"] if each["id"] == "job_fails"] == [False]


async def _steps(page: Page) -> dict[str, bool]:
    return {step["id"]: step["done"] for step in (await state(page))["tour"]}


async def _until_done(page: Page, step: str) -> None:
    async with asyncio.timeout(RESTORED_WITHIN / 1000):
        while not (await _steps(page))[step]:
            await page.wait_for_timeout(250)
