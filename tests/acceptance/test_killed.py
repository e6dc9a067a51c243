"""The program is killed without warning and started again."""

import asyncio
import signal

from tests.acceptance.journey import approve, ask, card, cards, form, headline, take_first, thread
from tests.acceptance.world import World, until


async def test_killed_while_the_job_runs_it_goes_on_and_calls_once(tmp_path):
    async with World(tmp_path, job_seconds=6.0) as world:
        bot = await world.start_bot()
        await ask(world)
        await approve(world)
        await headline(world, "Restoring")
        await world.kill(bot)
        await world.start_bot()
        await headline(world, "Restored")
        await world.slack.wait_for(lambda _: "final:outcome" in thread(world))
        assert len(world.recovery_calls()) == 1
        assert len(cards(world)) == 1
        assert thread(world).count("final:outcome") == 1
        assert (await world.run("audit", "verify"))[0] == 0


async def test_killed_while_the_call_is_on_its_way_it_is_found_again(world):
    bot = await world.start_bot()
    await ask(world)
    world.cloud.faults.recovery_only = True
    world.cloud.faults.delay_seconds = 2.0
    await approve(world)
    await until(lambda: "submitting" in state_of(world))
    await world.kill(bot)
    world.cloud.faults.delay_seconds = 0
    await until(lambda: not world.cloud.state.jobs or world.recovery_calls())
    await world.start_bot()
    if world.recovery_calls():
        await headline(world, "Restored", seconds=30)
    assert len(world.recovery_calls()) <= 1


async def test_killed_while_it_waits_the_buttons_still_work(world):
    bot = await world.start_bot()
    await ask(world)
    assert "Waiting for approval" in card(world).text
    await world.kill(bot)
    await world.start_bot()
    await approve(world)
    await headline(world, "Restored")
    assert len(world.recovery_calls()) == 1


async def test_two_programs_on_one_file_are_refused(world):
    await world.start_bot()
    code, _, err = await world.run("serve")
    assert code == 2
    assert "DATABASE_URL" in err


def state_of(world: World) -> str:
    return "submitting" if "Sending the recovery call" in card(world).text else ""


async def test_sigterm_while_a_listener_works_lets_it_finish(world):
    bot = await world.start_bot()
    actor = await form(world)
    await take_first(actor, "backup", "auto")
    # The cloud takes longer than the acknowledgement may: the form shows that it is being checked, and is filled later.
    world.cloud.faults.delay_seconds = 1.0
    await actor.submit(values={"reason": "a test"})
    bot.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(bot.wait(), 10) == 0
    assert actor.modal.callback_id == "confirm_request"


async def test_sigterm_while_the_call_is_on_its_way_ends_in_time_and_the_call_is_found(tmp_path):
    async with World(tmp_path, job_seconds=20.0) as world:
        bot = await world.start_bot()
        await ask(world)
        world.cloud.faults.recovery_only = True
        world.cloud.faults.delay_seconds = 30.0
        await approve(world)
        await until(lambda: "submitting" in state_of(world))
        bot.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(bot.wait(), 10) == 0
        world.cloud.faults.clear()
        await world.start_bot()
        assert len(world.recovery_calls()) <= 1
