"""The Workflow Builder step: an invitation, the usual way, and the step ends when the restore does."""

from tests.acceptance.journey import ALICE, BOB, approve, card, cards, headline, modal, take_first
from tests.acceptance.world import INCIDENT, World

ON = "[slack]\nworkflow_step = true\n\n[[policies]]\napprovers = ['S0DBA']\n"
INPUTS = {"channel": INCIDENT, "source": "orders-prod", "target": "orders-staging", "reason": "nightly <!channel> drill"}


async def begin(world, inputs):
    return await world.slack.run_step("restore_database", inputs)


async def accept(world):
    """Alice presses the invitation's button and asks."""
    alice = world.slack.actor(ALICE)
    await world.slack.wait_for(lambda _: any("Open the form" in str(m.blocks) for m in in_channel(world)))
    invited = next(message for message in in_channel(world) if "Open the form" in str(message.blocks))
    assert "nightly" in invited.all_text
    await alice.click(INCIDENT, invited.ts, "accept_step")
    await modal(world, alice, "restore_form")
    await take_first(alice, "backup", "auto")
    assert await alice.submit(values={"reason": "nightly drill"}) == {}
    await modal(world, alice, "confirm_request")
    assert await alice.submit() == {}
    await world.slack.wait_for(lambda _: cards(world))
    return invited


def in_channel(world):
    return world.slack.workspace.messages_in(INCIDENT)


async def test_the_step_ends_when_the_restore_does(tmp_path):
    async with World(tmp_path, policies=ON) as world:
        await world.start_bot()
        step = await begin(world, INPUTS)
        invited = await accept(world)
        assert card(world).thread_ts == invited.ts
        assert not step.ended
        await approve(world)
        await headline(world, "Restored")
        await world.slack.wait_for(lambda _: step.ended)
        assert step.error is None
        assert step.outputs["request_id"].startswith("R-")
        assert "Restored" in step.outputs["outcome"]


async def test_the_step_fails_where_the_restore_is_denied(tmp_path):
    async with World(tmp_path, policies=ON) as world:
        await world.start_bot()
        step = await begin(world, INPUTS)
        await accept(world)
        bob = world.slack.actor(BOB)
        await bob.click(INCIDENT, card(world).ts, "deny")
        await modal(world, bob, "deny_form")
        await bob.submit(values={"reason": "not today"})
        await world.slack.wait_for(lambda _: step.ended)
        assert "Denied" in step.error
        assert "not today" in step.error


async def test_inputs_that_cannot_be_used_fail_the_step_with_their_names(tmp_path):
    async with World(tmp_path, policies=ON) as world:
        await world.start_bot()
        step = await begin(world, {"channel": INCIDENT, "source": ""})
        await world.slack.wait_for(lambda _: step.ended)
        assert "source" in step.error
        elsewhere = await begin(world, INPUTS | {"channel": "C0DBA"})
        await world.slack.wait_for(lambda _: elsewhere.ended)
        assert "could not be posted" in elsewhere.error
