"""What is new and what has been read, for whom, and where the app speaks to one person."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from bot.sandbox.workspace.server import WorkspaceServer
from tests.browser.stage import Stage
from tests.browser.steps import PHONE, WIDE, window, write
from tests.contract.slack_world import client_of

pytestmark = pytest.mark.browser
NEW = "new messages"
FOR_ME = "new messages, 1 for you"


def says(slack: WorkspaceServer, channel: str, user: str, text: str) -> None:
    slack.workspace.say(channel, user, text, slack.platform.now())


async def test_what_is_new_is_marked_until_it_is_read_and_stays_read(browser: Browser, stage: Stage) -> None:
    async with window(browser, stage.url) as page:
        general = page.get_by_test_id("channel-C0GEN")
        await expect(general.get_by_label(NEW)).to_be_visible()
        await expect(page.get_by_test_id("channel-C0INC").get_by_label(NEW)).to_have_count(0)
        await general.click()
        await expect(page.get_by_test_id("new-line")).to_be_visible()
        await expect(general.get_by_label(NEW)).to_have_count(0)
        await page.get_by_test_id("channel-C0INC").click()
        await page.reload()
        await expect(page.get_by_test_id("composer")).to_be_visible()
        await expect(page.get_by_label(NEW)).to_have_count(0)
        await general.click()
        await expect(page.get_by_test_id("new-line")).to_have_count(0)


async def test_a_word_for_me_is_counted_and_a_thread_does_not_make_a_channel_new(browser: Browser, stage: Stage) -> None:
    async with window(browser, stage.url) as page, window(browser, stage.url, "U0BOB") as bob:
        await page.get_by_test_id("channel-C0GEN").click()
        await expect(page.get_by_test_id("new-line")).to_be_visible()
        root = stage.workspace.messages_in("C0INC")[0].ts
        stage.workspace.say("C0INC", "U0DANA", "in the thread", stage.platform.now(), root)
        says(stage, "C0EXT", "U0EVE", "Are my orders safe, <@U0ALICE>?")
        incident = page.get_by_test_id("channel-C0INC")
        await expect(page.get_by_test_id("channel-C0EXT").get_by_label(FOR_ME)).to_be_visible()
        await expect(incident.get_by_label(NEW)).to_have_count(0)
        await expect(bob.get_by_test_id("channel-C0EXT").get_by_label(FOR_ME)).to_have_count(0)
        says(stage, "C0INC", "U0ALICE", "<!subteam^S0DBA> please look")
        await expect(bob.get_by_role("article").last).to_contain_text("please look")
        await expect(bob.get_by_test_id("channel-C0INC").get_by_label(NEW)).to_have_count(0)


async def test_two_windows_of_one_person_agree(browser: Browser, stage: Stage) -> None:
    async with window(browser, stage.url) as one, window(browser, stage.url) as other:
        await expect(other.get_by_test_id("channel-C0GEN").get_by_label(NEW)).to_be_visible()
        await one.get_by_test_id("channel-C0GEN").click()
        await expect(other.get_by_test_id("channel-C0GEN").get_by_label(NEW)).to_have_count(0)


async def test_people_write_to_each_other(browser: Browser, stage: Stage) -> None:
    async with window(browser, stage.url) as alice, window(browser, stage.url, "U0BOB") as bob:
        await alice.get_by_test_id("new-message").click()
        await alice.get_by_role("menuitem", name="Bob Baker").click()
        await expect(alice.get_by_role("heading", level=1)).to_have_text("Bob Baker")
        await write(alice, "Can you approve?")
        direct = bob.get_by_role("button", name="Alice Adler")
        await expect(direct.get_by_label(FOR_ME)).to_be_visible()
        await direct.click()
        await expect(bob.get_by_role("article").last).to_contain_text("Can you approve?")
        await write(bob, "Ask with the command.")
        await expect(alice.get_by_role("article").last).to_contain_text("Ask with the command.")


async def test_the_app_has_a_home_and_messages_that_cannot_be_answered(browser: Browser, stage: Stage) -> None:
    async with window(browser, stage.url) as page:
        await client_of(stage).chat_postMessage(channel="U0ALICE", text="orders-staging is back.")
        app = page.get_by_test_id("home-tab")
        await expect(app.get_by_label(FOR_ME)).to_be_visible()
        await expect(page.get_by_role("button", name="RDS Restore")).to_have_count(1)
        await app.click()
        await expect(page.get_by_role("article").last).to_contain_text("orders-staging is back.")
        await expect(page.get_by_text("Sending messages to this app has been turned off.")).to_be_visible()
        await expect(page.get_by_test_id("composer")).to_have_count(0)
        await expect(app.get_by_label(NEW)).to_have_count(0)
        await page.get_by_test_id("tab-home").click()
        await expect(page.get_by_test_id("home")).to_contain_text("The app has not shown anything here yet.")
        await expect(page.get_by_test_id("tab-home")).to_have_attribute("aria-current", "page")
        await page.get_by_test_id("tab-messages").press("Enter")
        await expect(page.get_by_role("article").last).to_contain_text("orders-staging is back.")


async def test_messages_of_one_breath_stand_under_one_name(browser: Browser, stage: Stage) -> None:
    async with window(browser, stage.url) as page:
        await write(page, "one")
        await write(page, "two")
        messages = page.get_by_role("article")
        await expect(messages.last).to_contain_text("two")
        await expect(messages.last.locator(".avatar")).to_have_count(0)
        await expect(messages.nth(-2).locator(".avatar")).to_have_count(1)
        await expect(messages.last).to_have_attribute("aria-label", "Message of Alice Adler")
        says(stage, "C0INC", "U0BOB", "three")
        await expect(messages.last.locator(".avatar")).to_have_count(1)


async def test_a_thread_tells_how_many_replies_it_has(browser: Browser, stage: Stage) -> None:
    async with window(browser, stage.url) as page:
        await page.get_by_role("article").first.get_by_role("button", name="2 replies").click()
        thread = page.get_by_test_id("thread")
        await expect(thread).to_contain_text("2 replies")
        await page.get_by_test_id("thread-composer").fill("I am on it")
        await page.get_by_test_id("thread-send").click()
        await expect(thread).to_contain_text("3 replies")
        await page.get_by_test_id("thread-composer").fill("/rds-restore")
        await page.get_by_test_id("thread-send").click()
        await expect(page.get_by_test_id("toast")).to_contain_text("/rds-restore is not supported in threads")


async def test_a_guest_and_somebody_of_another_company_see_little(browser: Browser, stage: Stage) -> None:
    async with window(browser, stage.url, "U0GIL") as gil:
        await expect(gil.locator("[data-testid^='channel-']")).to_have_count(1)
        await gil.get_by_test_id("person-switcher").click()
        await expect(gil.get_by_test_id("person-U0GIL")).to_contain_text("(guest)")
        await gil.get_by_test_id("person-U0EVE").click()
        await expect(gil.locator("[data-testid^='channel-']")).to_have_count(1)
        await expect(gil.get_by_role("heading", level=1)).to_contain_text("shared-with-acme")


async def test_on_a_phone_the_button_of_the_channels_tells_of_news(browser: Browser, stage: Stage) -> None:
    async with window(browser, stage.url, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        await expect(page.get_by_role("button", name="Channels, new messages")).to_be_visible()
        await page.get_by_test_id("drawer").click()
        await page.get_by_test_id("channel-C0GEN").click()
        await expect(page.get_by_role("button", name="Channels", exact=True)).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_what_the_composer_invites_to_can_be_read_to_its_end(browser: Browser, stage: Stage, size: Any) -> None:
    async with window(browser, stage.url, viewport=size) as page:
        composer = page.get_by_test_id("composer")
        assert "/" in str(await composer.get_attribute("placeholder"))
        needed, there = await composer.evaluate(
            """box => {
                const style = getComputedStyle(box), pen = document.createElement("canvas").getContext("2d");
                pen.font = style.font;
                const inner = box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
                return [pen.measureText(box.placeholder).width, inner];
            }"""
        )
        assert needed <= there
