"""The panel beside Slack: calls, requests, what can be switched, and the tour."""

import pytest
from playwright.async_api import Browser, expect

from bot.sandbox import scenario
from bot.sandbox.workspace.server import AppConfig, WorkspaceServer
from tests.browser.stage import ROAD, STATE, Stage, call, request
from tests.browser.steps import PHONE, window

pytestmark = pytest.mark.browser
RECOVERY = call(3, "POST", "/instances/recovery", "Restore onto an existing instance", None, changes=True)


async def test_without_controls_there_is_no_panel_and_a_guide_instead(browser: Browser) -> None:
    server = WorkspaceServer(scenario.demo_workspace(), app=AppConfig())
    await server.start()
    async with window(browser, server.url) as page:
        await expect(page.locator("#backstage")).to_be_hidden()
        await expect(page.get_by_label("How to try it").first).to_be_visible()
    await server.stop()


async def test_calls_are_listed_as_they_are_made_and_the_recovery_call_stands_out(browser: Browser, stage: Stage) -> None:
    async with window(browser, stage.url) as page:
        calls = page.get_by_test_id("calls")
        await expect(calls).to_contain_text("None yet")
        await expect(page.get_by_test_id("recovery-calls")).to_have_text("Recovery calls: 0")
        await stage.show(calls=[call(1, "GET", "/instances", "List instances", 200, count=4)])
        await expect(page.get_by_test_id("call")).to_have_count(1)
        await expect(page.get_by_test_id("call")).to_contain_text("List instances \N{MULTIPLICATION SIGN} 4")
        await stage.show(calls=[*stage.state["calls"], RECOVERY], recovery_calls=1)
        await expect(page.get_by_test_id("recovery-call")).to_contain_text("answer lost")
        await expect(calls.get_by_role("listitem").first).to_contain_text("POST …/instances/recovery")
        await expect(page.get_by_test_id("recovery-calls")).to_have_text("Recovery calls: 1")


async def test_a_request_goes_through_the_drawing_of_its_states(browser: Browser, stage: Stage) -> None:
    async with window(browser, stage.url) as page:
        shown = page.get_by_test_id("requests")
        await expect(shown.get_by_role("img", name="The states of a request")).to_be_visible()
        await stage.show(requests=[request("R-7KQ2M", "orders-staging", *ROAD, percent=40)])
        await expect(shown.get_by_role("img", name="R-7KQ2M: Waiting, then Approved, then Sending the call")).to_be_visible()
        await expect(shown.locator(".node.now")).to_have_text("Restoring 40 %")
        await expect(shown.locator(".node.been")).to_have_count(4)
        await expect(shown.locator(".edge.gone")).to_have_count(3)
        await stage.show(requests=[*stage.state["requests"], request("R-2AAAA", "billing-staging", "pending", "denied")])
        await expect(page.get_by_test_id("request-R-2AAAA").locator(".node.now")).to_have_text("Denied")
        await expect(page.get_by_test_id("request-R-7KQ2M")).to_contain_text("Restoring 40 %")


async def test_faults_speed_and_the_bot_are_switched(browser: Browser, stage: Stage) -> None:
    async with window(browser, stage.url) as page:
        lose = page.get_by_role("switch", name="The cloud forgets to answer")
        await expect(lose).not_to_be_checked()
        await lose.click()
        await stage.show(faults=[{**stage.state["faults"][0], "on": True}, stage.state["faults"][1]])
        await expect(lose).to_be_checked()
        await expect(lose).to_be_focused()
        await page.get_by_role("radio", name="2 min").check()
        await page.get_by_test_id("control-kill_bot").click()
        await stage.show(bot={"running": False, "restarts": 1})
        await expect(page.get_by_test_id("bot-state")).to_contain_text("not running, started again once")
        assert stage.asked == [
            ("fault", {"id": "lose_recovery_answer", "on": True}),
            ("speed", {"job_seconds": 120}),
            ("action", {"id": "kill_bot"}),
        ]
        stage.refuses = "The bot is not running."
        await page.get_by_test_id("control-kill_bot").click()
        await expect(page.get_by_test_id("toast")).to_contain_text("The bot is not running.")


async def test_the_tour_points_at_its_step_and_does_it(browser: Browser, stage: Stage) -> None:
    async with window(browser, stage.url) as page:
        await expect(page.get_by_test_id("composer")).to_have_class("looked-at")
        await page.get_by_test_id("tour-act").click()
        tour = [{**step, "done": step["id"] != "become"} for step in STATE["tour"]]
        await stage.show(tour=tour)
        await expect(page.get_by_test_id("tour-done")).to_have_text("2 of 3 done")
        await expect(page.get_by_test_id("step-become")).to_have_attribute("aria-current", "step")
        await expect(page.locator("#person-switcher.looked-at")).to_have_count(1)
        await expect(page.get_by_test_id("tour-act")).to_have_count(0)
        await page.get_by_role("button", name="The form").click()
        await expect(page.get_by_test_id("step-fill")).to_contain_text("It offers only what can be restored.")
        await page.get_by_test_id("tour-fold").click()
        await expect(page.locator(".looked-at")).to_have_count(0)
        assert stage.asked == [("tour", {"id": "ask"})]


async def test_the_panel_folds_away_and_stays_so(browser: Browser, stage: Stage) -> None:
    async with window(browser, stage.url) as page:
        panel = page.get_by_test_id("backstage-panel")
        await page.get_by_test_id("backstage-toggle").click()
        await expect(panel).to_be_hidden()
        await expect(page.get_by_test_id("backstage-toggle")).to_have_attribute("aria-expanded", "false")
        await page.reload()
        await expect(panel).to_be_hidden()
        await page.get_by_test_id("guide").click()
        await expect(panel).to_be_visible()
        await page.keyboard.press("F6")
        await page.keyboard.press("F6")
        await expect(panel).to_be_focused()


async def test_on_a_phone_the_panel_comes_from_below_when_it_is_asked_for(browser: Browser, stage: Stage) -> None:
    async with window(browser, stage.url, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        panel = page.get_by_test_id("backstage-panel")
        await expect(panel).to_be_hidden()
        await page.get_by_role("button", name="Behind the scenes").tap()
        await expect(panel).to_be_visible()
        await page.get_by_test_id("tour-act").tap()
        await expect(panel).to_be_hidden()
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
