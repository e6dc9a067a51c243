"""Two hundred restores at once, in virtual time, against a local Slack that enforces Slack's limits.

Real outbox, delivery loop and Web API calls; only the clock is moved by the test. One workspace, one channel.
"""

from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.events import CARD, Event, Kind, Note
from bot.domain.policy import Policy
from bot.domain.request import InstanceRef, Job, JobStatus, request_id
from bot.domain.states import State
from bot.sandbox.scenario import BOT_TOKEN, demo_workspace
from bot.sandbox.workspace.server import AppConfig, WorkspaceServer
from bot.slack.messenger import SlackMessenger
from bot.slack.pace import UPDATES
from bot.slack.workspaces import OneWorkspace, Workspace
from bot.store.database import Database
from bot.worker.deliver import Deliver
from bot.worker.holding import Holder
from bot.workflow.finish import finish
from tests.fakes import FixedClock
from tests.integration.inside import Policies
from tests.unit import requests as make

RESTORES = 200
STEP = timedelta(seconds=1)
PATIENCE = 10.0
"""Seconds that a final message may come after its turn."""


class Rates:
    """The delivery loop between a store and a local Slack, all on one clock."""

    def __init__(self, slack, database, deliver, clock):
        self.slack, self.database, self.deliver, self.clock = slack, database, deliver, clock
        self.turns = 0

    async def let_pass(self, seconds):
        """Deliver what is due whenever something is, until so much time has passed."""
        end = self.clock.now() + timedelta(seconds=seconds)
        while True:
            while await self.deliver.tick():
                self.turns += 1
            self.turns += 1
            following = await self.database.outbox.next_at()
            if following is None or following >= end:
                self.clock.moment = end
                return
            self.clock.moment = max(following, self.clock.now() + STEP)

    async def until_quiet(self, at_most):
        end = self.clock.now() + timedelta(seconds=at_most)
        while await self.database.outbox.next_at() is not None:
            assert self.clock.now() < end, "still talking"
            await self.let_pass(5)

    def calls(self, method):
        return [call for call in self.slack.calls if call.method == method]


@pytest.fixture
async def world(tmp_path):
    clock = FixedClock()
    now = lambda: clock.now().timestamp()  # noqa: E731
    slack = WorkspaceServer(demo_workspace(now()), app=AppConfig(), now=now, rate_limits=True)
    await slack.start()
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    await database.open()
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(BOT_TOKEN, base_url=slack.api_url, session=session, retry_handlers=[])
        deliver = Deliver(
            database.outbox,
            database.requests,
            SlackMessenger(OneWorkspace(Workspace(client, "", "T1")), clock),
            Policies([Policy(approvers=("S0DBA",))]),
            clock,
            Holder(database.leases, clock, "alive", timedelta(seconds=30)),
            lambda name, error: pytest.fail(f"{name}: {error!r}"),
            lambda owing, error: pytest.fail(f"{owing}: {error!r}"),
        )
        yield Rates(slack, database, deliver, clock)
    await database.close()
    await slack.stop()


def restoring(number, clock):
    made = make.request(State.RESTORING, wish=make.wish(target=InstanceRef(f"target-{number}", f"orders-{number}")))
    return replace(made, id=request_id(number * 7919), submitted_at=clock.now())


async def test_two_hundred_restores_at_once(world):
    clock, requests = world.clock, world.database.requests
    running = [restoring(number, clock) for number in range(RESTORES)]
    for request in running:
        await requests.add(request, [Event(Kind.REQUESTED, request.requester, clock.now())], (CARD,))
    await world.until_quiet(RESTORES * 1.2)
    for place, request in enumerate(running):
        moved = replace(request, job=Job("job", JobStatus.RUNNING, 60))
        running[place] = await requests.change(request, moved, [], (CARD,))
    await world.let_pass(20)
    began = clock.now()
    for request in running:
        after, events, owed = finish(request, State.SUCCEEDED, make.BOB, clock.now(), "Done.")
        await requests.change(request, after, events, owed)
    await world.until_quiet(RESTORES / UPDATES.per_minute * 60 * 1.5)

    assert [call.method for call in world.slack.calls if call.error] == []
    finals = sorted(call.at - began.timestamp() for call in world.calls("chat.postMessage") if is_final(call))
    assert len(finals) == RESTORES
    late = [at for place, at in enumerate(finals, start=1) if at > place * UPDATES.interval.total_seconds() + PATIENCE]
    assert late == []
    # Waiting costs little: each message is looked at a few times, not at every turn.
    assert world.turns < 20 * RESTORES


def is_final(call):
    metadata = call.arguments.get("metadata")
    return f'"{Note.FINAL}:' in (metadata if isinstance(metadata, str) else str(metadata).replace("'", '"'))
