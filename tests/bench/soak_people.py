"""The people of the soak: they ask, approve, deny, and judge what the cloud did; and they try again when something fails."""

import asyncio
import time
from contextlib import suppress

from bot.domain.errors import BotError
from bot.domain.request import Request
from bot.domain.states import FINAL, State
from bot.sandbox.workspace.actor import Actor
from bot.sandbox.workspace.errors import NotThere
from bot.sandbox.workspace.messages import Message
from tests.acceptance.journey import ALICE, BOB, CAROL, DANA, cards, modal, request_of, take_first
from tests.acceptance.world import INCIDENT
from tests.bench.soak_world import Soak

REQUESTERS, APPROVERS = (ALICE, CAROL, BOB, DANA), (BOB, DANA)
DENIED = 0.08
"""The share of requests that are denied."""
LOOK_EVERY = 0.7
STEP_WITHIN = 20.0
"""Seconds for one thing that a person does, before they try again."""
END_WITHIN = 300.0
"""Seconds from the first try to the final state; after that a request counts as lost."""
FAILURES = (AssertionError, TimeoutError, NotThere, LookupError, ValueError)
"""What a person meets while something is broken: a window that does not come, an answer that says no."""


async def restore(soak: Soak, after: float) -> None:
    """One restore from the wish to its end. Notes in `soak.trouble` what was lost."""
    await asyncio.sleep(after)
    target = await soak.targets.get()
    try:
        requester = soak.random.choice(REQUESTERS)
        approver = soak.random.choice([person for person in APPROVERS if person != requester])
        deny = soak.random.random() < DENIED
        deadline = time.monotonic() + END_WITHIN
        asked = await _ask(soak, target, requester, deadline)
        if asked is None:
            soak.trouble.append(f"nobody could ask for {target}")
            return
        soak.ids.append(asked.id)
        if not await _accompany(soak, asked.id, approver, deadline, deny=deny):
            soak.trouble.append(f"{asked.id} did not come to an end")
    finally:
        soak.targets.put_nowait(target)


async def _ask(soak: Soak, target: str, person: str, deadline: float) -> Request | None:
    while time.monotonic() < deadline:
        async with soak.screens[person]:
            actor = soak.world.slack.actor(person)
            with suppress(*FAILURES):
                async with asyncio.timeout(STEP_WITHIN):
                    await _fill(soak, actor, target)
            await _tidy(actor)
        with suppress(BotError):
            found = await soak.live_on(target)
            if found is not None:
                return found
        await asyncio.sleep(LOOK_EVERY)
    return None


async def _fill(soak: Soak, actor: Actor, target: str) -> None:
    await actor.command(INCIDENT, f"/rds-restore orders-prod to {target}")
    await modal(soak.world, actor, "restore_form")
    await take_first(actor, "backup", "auto")
    assert await actor.submit(values={"reason": "soak"}) == {}
    await modal(soak.world, actor, "confirm_request")
    assert await actor.submit() == {}


async def _accompany(soak: Soak, request_id: str, approver: str, deadline: float, *, deny: bool) -> bool:
    while time.monotonic() < deadline:
        with suppress(BotError):
            request = await soak.database.requests.get(request_id)
            if request.state in FINAL:
                return True
            if request.state in (State.PENDING, State.UNKNOWN):
                await _press(soak, request, approver, deny=deny)
        await asyncio.sleep(LOOK_EVERY)
    return False


async def _press(soak: Soak, request: Request, person: str, *, deny: bool) -> None:
    async with soak.screens[person]:
        actor = soak.world.slack.actor(person)
        with suppress(*FAILURES):
            async with asyncio.timeout(STEP_WITHIN):
                await _decide(soak, request, actor, _card(soak, request.id), deny=deny)
        await _tidy(actor)


async def _decide(soak: Soak, request: Request, actor: Actor, card: Message, *, deny: bool) -> None:
    if request.state is State.UNKNOWN:
        await actor.click(INCIDENT, card.ts, "adopt_job" if _has_job(soak, request) else "declare_failed")
        return
    await actor.click(INCIDENT, card.ts, "deny" if deny else "approve")
    await modal(soak.world, actor, "deny_form" if deny else "approve_form")
    assert await actor.submit(values={"reason": "soak"} if deny else {}) == {}


def _has_job(soak: Soak, request: Request) -> bool:
    """What a person sees in the cloud's console: whether a restore began after the call."""
    assert request.submitted_at is not None
    since = request.submitted_at.timestamp() - 1
    return any(job.created_at >= since for job in soak.world.cloud.state.jobs_of(request.wish.target.id))


def _card(soak: Soak, request_id: str) -> Message:
    """The newest first: it is most likely wanted."""
    for message in reversed(cards(soak.world)):
        if request_of(message) == request_id:
            return message
    raise NotThere(f"{request_id} has no card yet")


async def _tidy(actor: Actor) -> None:
    """Close what is left on the screen."""
    while actor.view is not None:
        before = len(actor.views)
        with suppress(*FAILURES):
            await actor.close(everything=True)
        if len(actor.views) == before:
            return
