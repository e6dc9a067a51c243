"""Seeded runs of the whole bot, and runs with a bug planted in it, which must be found."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.domain import permission, quorum
from bot.domain.permission import YES
from bot.domain.states import State
from bot.store import leases, outbox, requests, schema
from bot.worker.steps import Steps
from bot.workflow import submit
from bot.workflow.outcome import Unclear
from bot.workflow.submit import Submit
from tests.simulation.many import memory, one, story

RUNS = 60
"""`make simulate` makes ten thousand."""
ENOUGH = 150
"""Runs in which a planted bug must show."""


def test_a_seed_is_a_run():
    assert one(11).trace == one(11).trace
    assert one(11).trace != one(12).trace


@pytest.mark.parametrize("part", range(4))
def test_no_rule_is_broken(part):
    for seed in range(part, RUNS, 4):
        result = one(seed)
        assert not result.violations, story(result)


def no_fence(patch):
    def unchecked(*_):
        """Whoever comes may write."""

    for module in (requests, outbox, leases):
        patch.setattr(module, "check_fence", unchecked)


def no_compare_and_swap(patch):
    real = requests._swap

    def blind(connection, before, stored):
        now = select(schema.requests.c.version, schema.requests.c.state).where(schema.requests.c.id == before.id)
        row = connection.execute(now).one()
        real(connection, replace(before, version=row.version, state=State(row.state)), stored)

    patch.setattr(requests, "_swap", blind)


def requester_may_approve(patch):
    real = permission.may_approve

    def anybody(policy, requester, person, profile, groups):
        verdict = real(policy, requester, person, profile, groups)
        return YES if verdict.code == "own_request" else verdict

    for module in (permission, quorum):
        patch.setattr(module, "may_approve", anybody)
    patch.setattr("bot.workflow.decide.may_approve", anybody)


def two_live_on_a_target(patch):
    patch.setattr("bot.workflow.open_request.OpenRequest._target_is_free", _free)
    memory()._template.execute("DROP INDEX requests_one_live_per_target")


async def _free(self, request):
    """Nobody looks."""


def send_again(patch):
    real = Submit._store

    async def once_more(self, intent, outcome, fence):
        if isinstance(outcome, Unclear):
            outcome = await self.cloud.recover(intent.wish.project, intent.wish)
        return await real(self, intent, outcome, fence)

    patch.setattr(Submit, "_store", once_more)


def finder_of_submitting_calls(patch):
    real = Steps._act

    def act(self, request):
        if request.state is State.SUBMITTING:

            async def call(found, fence):
                return await self.submit._store(found, await self.submit.cloud.recover("prod", found.wish), fence)

            return call
        return real(self, request)

    patch.setattr(Steps, "_act", act)


def facts_are_not_read_again(patch):
    patch.setattr(submit, "_differences", lambda request, facts: ())
    real = Submit._allowed

    async def whatever(self, request, policy, facts):
        return await real(self, request, policy, request.facts)

    patch.setattr(Submit, "_allowed", whatever)


PLANTED = (
    no_fence,
    no_compare_and_swap,
    requester_may_approve,
    two_live_on_a_target,
    send_again,
    finder_of_submitting_calls,
    facts_are_not_read_again,
)


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_bug_is_found(plant, monkeypatch):
    memory.cache_clear()
    plant(monkeypatch)
    try:
        found = next((result for result in map(one, range(ENOUGH)) if result.violations), None)
        assert found is not None, f"{plant.__name__} was not noticed in {ENOUGH} runs"
    finally:
        memory.cache_clear()
