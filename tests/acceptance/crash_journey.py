"""People who do not give up: the journey from the form to the final message, whatever dies on the way."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox.workspace.actor import Actor
from bot.sandbox.workspace.errors import NotThere
from bot.store.database import Database
from tests.acceptance.journey import ALICE, BOB, DANA, STAGING, card, cards, kind_of
from tests.acceptance.world import INCIDENT, World, until

POLICY = """\
[[policies]]
approvers = ["S0DBA"]
approvals = 2
safety_backup = "required"
confirm = "button"
"""
FINISHED = ("Restored", "Failed")
PATIENCE = 60.0


@dataclass
class CrashJourney:
    """One restore with two approvals and a safety backup; the program dies once, at `point`."""

    folder: Path
    point: str
    replicas: int = 1
    database_url: str | None = None
    trace: Path | None = None
    world: World = field(init=False)
    _deadline: float = 0.0

    @property
    def mark(self) -> Path:
        """Exists once the program has died."""
        return self.folder / "died"

    async def run(self) -> None:
        """Raises AssertionError where something was lost, done twice or not reached."""
        async with World(
            self.folder,
            lease_for="2s",
            job_seconds=1.0,
            database_url=self.database_url,
            crashing=True,
            policies=POLICY,
        ) as self.world:
            self._deadline = time.monotonic() + PATIENCE
            armed = {"CRASH_AT": self.point, "CRASH_MARK": str(self.mark)}
            if self.trace:
                armed["CRASH_TRACE"] = str(self.trace)
            for _ in range(self.replicas):
                await self.world.start_bot(**armed)
            nurse = asyncio.create_task(self._restart_the_dead())
            try:
                await self._people()
                await self._quiet()
            finally:
                nurse.cancel()
            await self._check()

    async def _restart_the_dead(self) -> None:
        """With one replica somebody starts it again; of two the other goes on alone."""
        if self.replicas > 1:
            return
        (bot,) = self.world.bots
        await bot.wait()
        await self.world.start_bot()

    async def _people(self) -> None:
        await self._persist(self._ask, lambda: cards(self.world))
        await self._persist(lambda: self._approve(BOB), lambda: self._has_approved(BOB))
        await self._persist(lambda: self._approve(DANA), lambda: self._has_approved(DANA))
        await self._persist(self._judge, self._finished)

    async def _persist(self, step: Callable[[], Awaitable[None]], done: Callable[[], object]) -> None:
        """Do it again and again until it shows."""
        while not done():
            assert time.monotonic() < self._deadline, f"{self.point}: stuck at {self._seen()}"
            try:
                async with asyncio.timeout(6):
                    await step()
                    await self._shown(done)
            except (TimeoutError, NotThere, AssertionError):
                await asyncio.sleep(0.2)

    async def _shown(self, done: Callable[[], object]) -> None:
        with suppress(AssertionError):
            await until(done, 2.5)

    async def _front(self, actor: Actor, callback_id: str) -> None:
        await self.world.slack.wait_for(
            lambda _: actor.view is not None and actor.view.callback_id == callback_id, timeout=4
        )

    async def _ask(self) -> None:
        alice = self.world.slack.actor(ALICE)
        await self._clear(alice)
        await alice.command(INCIDENT, STAGING)
        await self._front(alice, "restore_form")
        options = await alice.suggest(alice.modal.id, "backup", "auto")
        assert options, "no backups offered"
        await alice.choose("backup", options[0])
        assert await alice.submit(values={"reason": "the orders table was dropped"}) == {}
        await self._front(alice, "confirm_request")
        await alice.submit()

    async def _approve(self, person: str) -> None:
        actor = self.world.slack.actor(person)
        await self._clear(actor)
        await actor.click(INCIDENT, card(self.world).ts, "approve")
        await self._front(actor, "approve_form")
        await actor.submit()

    async def _judge(self) -> None:
        """Wait; where the cloud shows nothing, look at it as a person would, and say what it shows."""
        if "Unknown" not in card(self.world).text:
            return
        assert not self.world.recovery_calls(), f"{self.point}: the bot does not find the restore that runs"
        await self.world.slack.actor(BOB).click(INCIDENT, card(self.world).ts, "declare_failed")

    async def _clear(self, actor: Actor) -> None:
        """Close what an earlier try has left open."""
        if actor.view is not None:
            await actor.close(everything=True)

    def _has_approved(self, person: str) -> bool:
        return "Waiting for approval" not in card(self.world).text or f"<@{person}> ✓" in card(self.world).all_text

    def _finished(self) -> bool:
        return any(word in card(self.world).text for word in FINISHED)

    def _seen(self) -> str:
        return f"{[message.text for message in cards(self.world)]}\n{self.world.log()[-3000:]}"

    async def _quiet(self) -> None:
        """Until every message has been said."""
        while not ("final:outcome" in self._said(INCIDENT) and self._private()):
            assert time.monotonic() < self._deadline, f"{self.point}: not everybody was told: {self._seen()}"
            await asyncio.sleep(0.05)
        if self.point:
            # What is written after the last message may be the point.
            await self._shown(self.mark.exists)

    def _said(self, channel: str) -> list[str]:
        return [kind_of(message) for message in self.world.slack.workspace.messages_in(channel) if kind_of(message)]

    def _private(self) -> list[str]:
        directs = [channel.id for channel in self.world.slack.workspace.channels.values() if channel.id.startswith("D")]
        return [said for channel in directs for said in self._said(channel)]

    async def _check(self) -> None:
        said = self._said(INCIDENT)
        once = ["card", "thread:requested", "thread:backup_started", "final:outcome"]
        assert [said.count(each) for each in once] == [1] * len(once), f"{self.point}: {said}"
        for each in ("thread:backup_done", "thread:submitted", "thread:unknown", "thread:adopted"):
            assert said.count(each) <= 1, f"{self.point}: {said}"
        assert said.count("thread:approved_by") == 2, f"{self.point}: {said}"
        assert self._private() == ["tell_requester:outcome"], f"{self.point}: {self._private()}"
        calls = self.world.recovery_calls()
        assert len(calls) == ("Restored" in card(self.world).text), f"{self.point}: {len(calls)} calls, {said}"
        assert self.mark.exists() or not self.point, f"{self.point} was never reached"
        await self._check_the_log()

    async def _check_the_log(self) -> None:
        database = Database(self.world.environment["DATABASE_URL"], read_only=True)
        await database.open()
        try:
            assert await database.audit.verify() is None, f"{self.point}: the audit log does not verify"
        finally:
            await database.close()
