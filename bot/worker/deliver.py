"""Delivers the messages owed: in order within a request, finished requests first, at least once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.errors import Conflict
from bot.domain.events import Note
from bot.domain.request import Request
from bot.worker.holding import Holder
from bot.worker.schedule import GIVE_UP_AFTER, retry_after
from bot.workflow.ports import Clock, Lease, Messenger, Outbox, Owing, Policies, Post, Requests, SlackBusy, Undeliverable

BATCH = 50


@dataclass(frozen=True, slots=True)
class Deliver:
    """One lease for the whole outbox: Slack's limits are per workspace, so one process speaks at a time."""

    outbox: Outbox
    requests: Requests
    messenger: Messenger
    policies: Policies
    clock: Clock
    holder: Holder
    broke: Callable[[str, Exception], None]
    """Told of an error that nobody foresaw, with the request id: for the log."""

    async def tick(self) -> bool:
        """Deliver what is waiting, once. True if something was delivered, so that more may be due at once."""
        waiting = await self.outbox.waiting(self.clock.now(), BATCH)
        if not waiting:
            return False
        async with self.holder.hold("outbox") as lease:
            if lease is None:
                return False
            settled = [await self._deliver(owing, lease) for owing in await self.outbox.waiting(self.clock.now(), BATCH)]
        return any(settled)

    async def _deliver(self, owing: Owing, lease: Lease) -> bool:
        try:
            await self.outbox.attempt(owing, lease, self.clock.now())
            request = await self.requests.get(owing.request_id)
            try:
                post = await self._send(owing, request)
            except Undeliverable as error:
                await self.outbox.give_up(owing, error.message, lease, self.clock.now())
                return True
            except SlackBusy as error:
                await self._later(owing, error, lease)
                return False
            except Exception as error:  # noqa: BLE001 - one message that cannot be made must not silence all the others
                self.broke(request.id, error)
                await self._later(owing, SlackBusy("unforeseen", str(type(error).__name__), retry_after=0), lease)
                return False
            await self.outbox.delivered(owing, post, lease, self.clock.now())
        except Conflict as conflict:
            if conflict.code != "lease_lost":
                raise
            return False
        return True

    async def _send(self, owing: Owing, request: Request) -> Post | None:
        policy = self.policies.of(request.wish.project, request.wish.target.name)
        card = await self.outbox.card_of(request.id)
        owed = owing.owed
        if owed.note is Note.CARD:
            return await self.messenger.show_card(request, policy, card)
        if owed.note is Note.TELL_REQUESTER:
            return await self.messenger.tell_requester(request, policy, owed, card)
        if card is None:
            raise Undeliverable("no_card", "The request's card could not be posted, so there is no thread.")
        return await self.messenger.say(request, policy, owed, card)

    async def _later(self, owing: Owing, error: SlackBusy, lease: Lease) -> None:
        now = self.clock.now()
        if now - owing.created_at > GIVE_UP_AFTER:
            await self.outbox.give_up(owing, error.message, lease, now)
            return
        wait = max(timedelta(seconds=error.retry_after), retry_after(owing.attempts))
        await self.outbox.postpone(owing, now + wait, error.message, lease, now)
