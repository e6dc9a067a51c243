"""Delivers the messages owed: in order within a request, finished requests first, at least once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.errors import BotError, Conflict, Unavailable
from bot.domain.events import Note
from bot.domain.messages import instead_of, outdated
from bot.domain.request import Request
from bot.worker.holding import Holder
from bot.worker.schedule import GIVE_UP_AFTER, retry_after
from bot.workflow.ports import Clock, Messenger, Policies, SlackBusy, Undeliverable
from bot.workflow.store_ports import Lease, Outbox, Owing, Post, Requests

BATCH = 50
SPEAK_WITHIN = timedelta(seconds=5)
"""From the check of the lease to the call of Slack. A process that was frozen in between must not speak any more."""


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
    gave_up: Callable[[Owing, BotError], None]
    """Told of a message that could not be delivered: for the log and the operator's figures."""

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
        """One message, one try. True if it was settled one way or the other."""
        try:
            request = await self.requests.get(owing.request_id)
            if outdated(owing.owed, request):
                await self.outbox.drop(owing, lease, self.clock.now())
                return True
            return await self._try(owing, request, lease)
        except Conflict as conflict:
            if conflict.code != "lease_lost":
                raise
            return False

    async def _try(self, owing: Owing, request: Request, lease: Lease) -> bool:
        card = await self.outbox.card_of(request.id)
        try:
            post = await self._speak(owing, request, card, lease)
        except Conflict:
            raise
        except Undeliverable as error:
            await self._give_up(owing, error, card, lease)
            return True
        except SlackBusy as error:
            await self._later(owing, error, card, lease)
            return False
        except Unavailable:
            # The database is silent: so are we.
            raise
        except Exception as error:  # noqa: BLE001 - one message that cannot be made must not silence all the others
            self.broke(request.id, error)
            wait = SlackBusy("unforeseen", type(error).__name__, retry_after=0, in_doubt=True)
            await self._later(owing, wait, card, lease)
            return False
        await self.outbox.delivered(owing, post, lease, self.clock.now())
        return True

    async def _speak(self, owing: Owing, request: Request, card: Post | None, lease: Lease) -> Post | None:
        self.messenger.turn(request, owing.owed, card)
        await self._prepare(owing, request, card, lease)
        lost = await self._lost(owing, request, card) if owing.in_doubt else None
        tried_at = self.clock.now()
        await self.outbox.attempt(owing, lease, tried_at)
        # Read again: what became of the request before the try was counted belongs to the messages it covers.
        request = await self.requests.get(owing.request_id)
        if self.clock.now() - tried_at > SPEAK_WITHIN:
            raise _held_up()
        self._still_holds(lease)
        return await self._send(owing, request, card, lost)

    async def _prepare(self, owing: Owing, request: Request, card: Post | None, lease: Lease) -> None:
        self._still_holds(lease)
        try:
            await self.messenger.prepare(request, owing.owed, card)
        except SlackBusy:
            # It counts as a try, so that the next one comes later and later.
            await self.outbox.attempt(owing, lease, self.clock.now())
            raise

    def _still_holds(self, lease: Lease) -> None:
        """No write can fence what is said in Slack."""
        if not self.holder.holds(lease):
            raise _held_up()

    async def _send(self, owing: Owing, request: Request, card: Post | None, lost: Post | None) -> Post | None:
        if owing.owed.note is Note.STEP:
            await self.messenger.end_step(request)
            return None
        policy = self.policies.of(request.wish.project, request.wish.target.name)
        owed = owing.owed
        if owed.note in (Note.THREAD, Note.FINAL) and card is None:
            raise Undeliverable("no_card", "The request's card could not be posted, so there is no thread.")
        if owed.note is Note.CARD:
            return await self.messenger.show_card(request, policy, lost or card)
        if lost is not None:
            return lost
        if owed.note is Note.TELL_REQUESTER or card is None:
            return await self.messenger.tell_requester(request, policy, owed, card)
        return await self.messenger.say(request, policy, owed, card)

    async def _lost(self, owing: Owing, request: Request, card: Post | None) -> Post | None:
        """Where an earlier try has put the message, if it has: of its kind, and not known as another one's place."""
        found = await self.messenger.find(request, owing.owed, card, owing.created_at)
        known = await self.outbox.posted(request.id)
        return next((post for post in found if post not in known), None)

    async def _give_up(self, owing: Owing, error: BotError, card: Post | None, lease: Lease) -> None:
        instead = instead_of(owing.owed, error.message, has_card=card is not None)
        await self.outbox.give_up(owing, error.message, lease, self.clock.now(), instead)
        self.gave_up(owing, error)

    async def _later(self, owing: Owing, error: SlackBusy, card: Post | None, lease: Lease) -> None:
        now = self.clock.now()
        if now - owing.created_at > GIVE_UP_AFTER:
            await self._give_up(owing, error, card, lease)
            return
        wait = max(timedelta(seconds=error.retry_after), retry_after(owing.attempts))
        if error.retry_after and not error.in_doubt:
            # It is known when it is this message's turn: waiting longer would only make it late.
            wait = timedelta(seconds=error.retry_after)
        # What was in doubt before stays so: this try never got as far as to find out.
        doubt = error.in_doubt or owing.in_doubt
        await self.outbox.postpone(owing, now + wait, error.message, lease, now, in_doubt=doubt)


def _held_up() -> Conflict:
    return Conflict("lease_lost", "The process was held up; somebody else may speak by now.")
