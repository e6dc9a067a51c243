"""No sequence of clicks by those who may not approve, or by one who may, leads to a recovery call."""

import asyncio
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.errors import Conflict, Refused
from bot.domain.people import Person, Profile
from bot.domain.policy import ApproverGroup, Policy
from bot.domain.states import State
from tests.integration.inside import ALICE, BOB, CAROL, inside

STRANGERS: dict[str, Any] = {
    "U0GUEST": {"guest": True},
    "U0BOT": {"is_bot": True},
    "U0GONE": {"deactivated": True},
    "U0OUT": {"outside": True},
}
LISTED = ("S0DBA", ALICE.user, *STRANGERS)
"""The requester and people who never count are listed by name: it does not help them."""
POLICIES = (
    Policy(approvers=LISTED, approvals=2),
    Policy(groups=(ApproverGroup(LISTED), ApproverGroup((BOB.user, *LISTED), 1, "another"))),
)
people = st.sampled_from(
    [ALICE, Person("", "T2", ALICE.user), BOB, Person("", "T2", BOB.user), CAROL, *(Person("", "T1", u) for u in STRANGERS)]
)
clicks = st.lists(st.tuples(people, st.sampled_from(["approve", "break_glass", "adopt", "declare"])), max_size=8)


async def click(world, asked, person, verb):
    """Whatever the person is told, nothing may come of it."""
    try:
        if verb == "approve":
            await world.approve(asked, person)
        elif verb == "break_glass":
            await world.break_glass.start(asked.id, person, {}, "orders-staging", "now")
        elif verb == "adopt":
            await world.reconcile.follow(asked.id, person)
        else:
            await world.reconcile.declare_failed(asked.id, person)
    except (Refused, Conflict):
        return


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.sampled_from(POLICIES), clicks)
def test_no_clicks_lead_to_a_recovery_call(tmp_path_factory, policy, made):
    async def play():
        async with inside(tmp_path_factory.mktemp("clicks"), policies=[policy]) as world:
            world.directory.groups["S0DBA"] = frozenset({ALICE.user, BOB.user, *STRANGERS})
            for user, facts in STRANGERS.items():
                world.directory.profiles[user] = Profile(user, "T1", user, **facts)
            asked = await world.ask()
            for person, verb in made:
                await click(world, asked, person, verb)
                await world.tick(seconds=1)
            assert (await world.get(asked)).state is State.PENDING
            assert world.recovery_calls() == []
            assert (await world.history(asked)).count("approved_by") <= 1

    asyncio.run(play())
