"""Policies in the real program: groups with seats, break-glass with its review, a look at the result, the way back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.acceptance.journey import (
    ALICE,
    BOB,
    CAROL,
    DANA,
    approve,
    ask,
    card,
    cards,
    headline,
    modal,
    take_first,
    thread,
    told,
)
from tests.acceptance.world import INCIDENT, World

POLICIES = """\
[[policies]]
targets = ["orders-staging"]
safety_backup = "required"
break_glass = ["U0CAROL"]
notify = ["S0ONCALL"]

[[policies.groups]]
name = "database administrator"
approvers = ["S0DBA"]

[[policies.groups]]
name = "on call"
approvers = ["S0ONCALL"]

[[policies]]
approvers = ["S0DBA"]
freeze = [{ begins = 2020-01-01T00:00:00Z, ends = 2090-01-01T00:00:00Z, why = "archive" }]
"""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with World(tmp_path, policies=POLICIES) as made:
        yield made


async def says(world: World, words: str) -> None:
    await world.slack.wait_for(lambda _: words in card(world).all_text, timeout=25)


async def test_two_groups_a_look_at_the_result_and_the_way_back(world):
    await world.start_bot()
    await ask(world)
    await says(world, "0 of 2, waiting for one of the approvers (database administrator) and one of <!subteam^S0ONCALL>")
    await approve(world, DANA)
    await says(world, "1 of 2: <@U0DANA> ✓, waiting for one more of")
    await approve(world, BOB)
    await headline(world, "Restored", seconds=40)
    await says(world, "Databases on it: `orders`, `customers`")
    alice = world.slack.actor(ALICE)
    await alice.click(INCIDENT, card(world).ts, "not_as_expected")
    await says(world, "*not as expected*")
    await alice.click(INCIDENT, card(world).ts, "undo")
    await modal(world, alice, "restore_form")
    assert "before-R-" in alice.modal.all_text
    assert await alice.submit(values={"reason": "back to what was there"}) == {}
    await modal(world, alice, "confirm_request")
    assert await alice.submit() == {}
    await world.slack.wait_for(lambda _: len(cards(world)) == 2)
    await approve(world, BOB)
    await approve(world, DANA)
    await headline(world, "Restored", seconds=40)
    assert len(world.recovery_calls()) == 2
    await alice.click(INCIDENT, card(world).ts, "details")
    await world.slack.wait_for(lambda _: alice.view is not None and "History" in alice.modal.all_text)
    assert "moved it from restoring to *succeeded*" in alice.modal.all_text


async def test_break_glass_from_the_button_to_the_review(world):
    await world.start_bot()
    request_id = await ask(world)
    bob, carol = world.slack.actor(BOB), world.slack.actor(CAROL)
    await bob.click(INCIDENT, card(world).ts, "break_glass")
    await told(world, BOB, "not among the people who may start this restore without approvals")
    await carol.click(INCIDENT, card(world).ts, "break_glass")
    await modal(world, carol, "break_glass_form")
    assert "You start this restore *alone*" in carol.modal.all_text
    errors = await carol.submit(values={"confirm_target": "orders-prod", "reason": "Customers wait"})
    assert "exactly" in errors["confirm_target"]
    assert await carol.submit(values={"confirm_target": "orders-staging"}) == {}
    await says(world, "<@U0CAROL> started this without the approvals: Customers wait")
    await headline(world, "Restored", seconds=40)
    assert "thread:broke_glass" in thread(world)
    await carol.click(INCIDENT, card(world).ts, "sign_off")
    await told(world, CAROL, "somebody else must review it")
    await bob.click(INCIDENT, card(world).ts, "sign_off")
    await says(world, "Signed off by <@U0BOB>")
    code, lines, _ = await world.run("audit", "export")
    assert code == 0
    assert '"broke_glass"' in lines
    assert request_id in lines


async def test_a_freeze_is_said_at_the_target(world):
    await world.start_bot()
    alice = world.slack.actor(ALICE)
    await alice.command(INCIDENT, "/rds-restore orders-prod to orders-reporting")
    await modal(world, alice, "restore_form")
    await take_first(alice, "backup", "auto")
    errors = await alice.submit(values={"reason": "a test"})
    assert "frozen until 2090-01-01 00:00 UTC (archive)" in errors["target"]
