"""Messages find their way back: a lost answer is no second message, and what cannot be posted goes to the requester."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.events import CARD, Event, Kind, Milestone, Note, Owed
from bot.domain.policy import Policy
from bot.domain.request import Request
from bot.domain.states import State
from bot.sandbox.scenario import BOT_TOKEN, demo_workspace
from bot.sandbox.workspace.config import DEMO_SCOPES
from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.people import Kind as ChannelKind
from bot.sandbox.workspace.server import AppConfig, WorkspaceServer
from bot.slack.messenger import SlackMessenger
from bot.slack.workspaces import OneWorkspace, Workspace
from bot.store.database import Database
from bot.store.outbox import SqlOutbox
from bot.worker.deliver import Deliver
from bot.worker.holding import Holder
from bot.workflow.store_ports import Lease, Owing, Post
from tests.fakes import FixedClock
from tests.integration.inside import Policies
from tests.unit import requests as make

THREAD = Owed(Note.THREAD, Milestone.SUBMITTED)
TOLD = Owed(Note.TELL_REQUESTER, Milestone.OUTCOME)
"""Every kind of message that is posted rather than edited."""


class Killed(BaseException):
    """The end of a process."""


class DyingOutbox:
    """An outbox whose process dies when it is to note where a message is."""

    def __init__(self, real: SqlOutbox) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def delivered(self, owing: Owing, post: Post | None, fence: Lease, now: datetime) -> None:
        raise Killed


class CountingOutbox:
    """An outbox that notes how many calls Slack had when the try was counted."""

    def __init__(self, real: SqlOutbox, slack: WorkspaceServer) -> None:
        self._real, self._slack, self.before = real, slack, -1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def attempt(self, owing: Owing, fence: Lease, now: datetime) -> None:
        await self._real.attempt(owing, fence, now)
        self.before = len(self._slack.calls)


@dataclass
class Office:
    """A store, a messenger on a local Slack, and the loop that joins them."""

    slack: WorkspaceServer
    database: Database
    deliver: Deliver
    messenger: SlackMessenger
    clock: FixedClock
    given_up: list[str]

    async def owe(self, request: Request, *owed: Owed) -> None:
        await self.database.requests.add(request, [Event(Kind.REQUESTED, request.requester, self.clock.now())], owed)

    async def owe_more(self, request_id: str, *owed: Owed) -> None:
        request = await self.database.requests.get(request_id)
        await self.database.requests.change(request, replace(request, milestone=request.milestone + 1), [], owed)

    async def crash_after_posting(self) -> None:
        """The message is posted, and the process dies before it can note where."""
        with pytest.raises(Killed):
            await replace(self.deliver, outbox=DyingOutbox(self.database.outbox)).tick()

    async def speak(self) -> None:
        while await self.deliver.tick():
            pass

    def said(self, channel: str) -> list[Message]:
        return [message for message in self.slack.workspace.messages_in(channel) if message.bot]


@asynccontextmanager
async def office(folder: Path, scopes: frozenset[str] = DEMO_SCOPES) -> AsyncIterator[Office]:
    clock = FixedClock()
    slack = WorkspaceServer(
        demo_workspace(clock.now().timestamp()), app=AppConfig(scopes=scopes), now=lambda: clock.now().timestamp()
    )
    await slack.start()
    database = Database(f"sqlite+aiosqlite:///{folder / 'bot.db'}")
    await database.open()
    given_up: list[str] = []
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(BOT_TOKEN, base_url=slack.api_url, session=session, retry_handlers=[])
        messenger = SlackMessenger(OneWorkspace(Workspace(client, "", "T1")), clock)
        deliver = Deliver(
            database.outbox,
            database.requests,
            messenger,
            Policies([Policy(approvers=("S0DBA",))]),
            clock,
            Holder(database.leases, clock, "alive", timedelta(seconds=30)),
            lambda request_id, error: pytest.fail(f"{request_id}: {error!r}"),
            lambda owing, error: given_up.append(error.code),
        )
        yield Office(slack, database, deliver, messenger, clock, given_up)
    await database.close()
    await slack.stop()


@pytest.mark.parametrize("thread", [None, "root"])
@pytest.mark.parametrize("owed", [CARD, THREAD, TOLD], ids=["card", "thread", "private"])
async def test_a_message_whose_answer_was_lost_is_not_posted_again(tmp_path, owed, thread):
    async with office(tmp_path) as world:
        if thread is not None:
            thread = world.slack.workspace.messages_in("C0INC")[0].ts
        request = make.request(State.PENDING)
        request = replace(request, place=replace(request.place, thread=thread))
        if owed is CARD:
            await world.owe(request, CARD)
        else:
            await world.owe(request, CARD)
            await world.speak()
            await world.owe_more(request.id, owed)
        await world.crash_after_posting()
        channel = world.said("C0INC") + [message for im in ims(world) for message in world.said(im)]
        await world.speak()
        again = world.said("C0INC") + [message for im in ims(world) for message in world.said(im)]
        assert [message.ts for message in again] == [message.ts for message in channel]
        assert len(channel) == (1 if owed is CARD else 2)
        assert await world.database.outbox.next_at() is None
        # A later message of the same kind is another message.
        if owed is THREAD:
            await world.owe_more(request.id, THREAD)
            await world.speak()
            assert len(world.said("C0INC")) == 3


async def test_without_the_optional_scopes_it_is_said_again_rather_than_not_at_all(tmp_path):
    needed = DEMO_SCOPES - {"channels:history", "groups:history", "im:history"}
    async with office(tmp_path, needed) as world:
        await world.owe(make.request(State.PENDING), CARD)
        await world.crash_after_posting()
        await world.speak()
        assert len(world.said("C0INC")) == 2
        assert await world.database.outbox.next_at() is None


async def test_a_card_that_cannot_be_posted_is_made_good_in_private(tmp_path):
    async with office(tmp_path) as world:
        request = make.request(State.PENDING)
        request = replace(request, place=replace(request.place, channel="C0OLD"))
        await world.owe(request, CARD, Owed(Note.THREAD, Milestone.REQUESTED), THREAD)
        await world.speak()
        assert world.said("C0OLD") == []
        (im,) = ims(world)
        told = [message.text for message in world.said(im)]
        assert len(told) == 2
        assert "could not be posted" in told[0]
        assert "<#C0OLD>" in told[0]
        assert "is being overwritten" in told[1]
        assert world.given_up == ["is_archived", "no_card", "no_card"]
        assert await world.database.outbox.next_at() is None
        kinds = [entry.kind for entry in await world.database.audit.of(request.id)]
        assert kinds.count("undeliverable") == 3


@pytest.mark.parametrize("owed", [CARD, THREAD, TOLD], ids=["card", "thread", "private"])
async def test_nothing_comes_between_the_try_and_the_post(tmp_path, owed):
    """A process that is held up in between would speak after another one has taken over."""
    async with office(tmp_path) as world:
        request = make.request(State.PENDING)
        if owed is not CARD:
            await world.owe(request, CARD)
            await world.speak()
            await world.owe_more(request.id, owed)
        else:
            await world.owe(request, CARD)
        outbox = CountingOutbox(world.database.outbox, world.slack)
        assert await replace(world.deliver, outbox=outbox).tick()
        assert [call.method for call in world.slack.calls[outbox.before :]] == ["chat.postMessage"]


async def test_a_private_message_that_cannot_be_made_ready_is_tried_less_and_less_often(tmp_path):
    async with office(tmp_path) as world:
        request = make.request(State.FAILED)
        await world.owe(request, CARD, TOLD)
        await world.speak()
        world.slack.faults.errors = {"conversations.open": "internal_error"}
        await world.owe_more(request.id, TOLD)
        world.messenger.privates.clear()
        for _ in range(600):
            await world.speak()
            world.clock.forward(seconds=1)
        asked = [call.method for call in world.slack.calls].count("conversations.open")
        assert 10 <= asked <= 20
        # Nothing was sent, so nothing has to be looked for.
        assert "conversations.history" not in [call.method for call in world.slack.calls]
        world.slack.faults.errors = {}
        world.clock.forward(minutes=1)
        await world.speak()
        assert len([message for im in ims(world) for message in world.said(im)]) == 2


async def test_whoever_has_lost_the_right_to_speak_is_silent(tmp_path):
    async with office(tmp_path) as world:
        await world.owe(make.request(State.PENDING), CARD)

        class Slow(CountingOutbox):
            async def attempt(self, owing: Owing, fence: Lease, now: datetime) -> None:
                await super().attempt(owing, fence, now)
                world.clock.forward(seconds=4)

        short = Holder(world.database.leases, world.clock, "slow", timedelta(seconds=5))
        late = replace(world.deliver, outbox=Slow(world.database.outbox, world.slack), holder=short)
        assert not await late.tick()
        assert world.said("C0INC") == []


@pytest.mark.parametrize("gone", ["card", "channel"])
async def test_the_requester_is_told_though_the_card_is_gone(tmp_path, gone):
    async with office(tmp_path) as world:
        request = make.request(State.FAILED)
        await world.owe(request, CARD)
        await world.speak()
        (posted,) = world.said("C0INC")
        if gone == "card":
            world.slack.workspace.delete(posted)
        else:
            channel = world.slack.workspace.channels["C0INC"]
            world.slack.workspace.channels["C0INC"] = replace(
                channel, members=channel.members - {"U0BOT"}, kind=ChannelKind.PRIVATE
            )
        await world.owe_more(request.id, TOLD)
        await world.speak()
        (im,) = ims(world)
        assert ["Your request" in message.text for message in world.said(im)] == [True]
        assert await world.database.outbox.next_at() is None


async def test_somebody_deactivated_is_told_nothing_and_nothing_is_tried_forever(tmp_path):
    async with office(tmp_path) as world:
        person = next(person for person in world.slack.workspace.people.values() if person.id == "U0ALICE")
        world.slack.workspace.people["U0ALICE"] = replace(person, deleted=True)
        await world.owe(make.request(State.FAILED), CARD, Owed(Note.FINAL, Milestone.OUTCOME), TOLD)
        await world.speak()
        assert len(world.said("C0INC")) == 2
        assert len(world.given_up) == 1
        assert await world.database.outbox.next_at() is None


def ims(world: Office) -> list[str]:
    return [channel.id for channel in world.slack.workspace.channels.values() if channel.id.startswith("D")]
