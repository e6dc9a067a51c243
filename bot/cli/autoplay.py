"""`demo --autoplay`: the story of the demo, played and checked in the terminal against the same three processes."""

import asyncio
import sys
import time

from rich.console import Console

from bot.cli.demo_world import DemoWorld
from bot.cli.narrator import Narrator
from bot.domain.errors import Unavailable
from bot.domain.states import FINAL, State
from bot.sandbox.backstage.calls import changes
from bot.sandbox.backstage.ports import CannotDo, RequestSeen
from bot.sandbox.backstage.story import ALICE, CAROL, COMMAND, SOURCE, TARGET, kind_of
from bot.sandbox.backstage.switches import BY_ID, LOSE_ANSWER, Stage
from bot.sandbox.rds.api import Call
from bot.sandbox.rds.evolution import restored_from
from bot.sandbox.workspace.errors import NotThere

LOOK_EVERY = 0.1
SLOW = 30.0
"""Seconds that anything may take besides the restore itself."""
DEAD_FOR = 1.0


async def play(world: DemoWorld, console: Console) -> None:
    """Play everything. Raises Unavailable with the first expectation that does not hold."""
    console.print("A local Slack, a local cloud and the unchanged bot. Nothing leaves this machine.")
    console.print(f"To look on, open {world.slack.url}/")
    async with Narrator(world, console) as tell:
        story = Play(world, tell)
        try:
            await story.two_people()
            await story.lost_answer_and_death()
            await story.record()
        except (CannotDo, NotThere) as error:
            tell.expect(False, str(error))
        tell.waiting("")
    console.print(f"\n[bold green]All as expected:[/] {tell.checks} checks in {tell.seconds:.0f} s.")


class Play:
    """The parts of the story."""

    def __init__(self, world: DemoWorld, tell: Narrator) -> None:
        self._world = world
        self._tell = tell
        self._story = world.backstage.story

    async def two_people(self) -> None:
        """Alice asks, those who may not approve are refused, Bob approves, one call is made."""
        tell, story = self._tell, self._story
        tell.chapter("1  One person asks, another one approves")
        await self._ask()
        tell.expect((await self._request()).state == State.PENDING, "the request waits for a second person")
        calls = self._world.cloud.calls
        tell.expect(not any(map(changes, calls)), f"the cloud was only read so far, in {len(calls)} calls")
        await self._refusals()
        await tell.does("Bob", "presses Approve, and reads what will be overwritten")
        await story.open_approval()
        await tell.does("Bob", f"types a wrong name: {SOURCE}")
        tell.expect(await story.approve(SOURCE), "the wrong name is refused at the field")
        await self._approve()
        await self._reach(State.RESTORING)
        tell.expect(len(self._calls) == 1, "exactly one recovery call was made")
        tell.expect(self._overwrites_target(), f"it overwrites {TARGET} with a backup of {SOURCE}")
        await self._restored()
        tell.expect(len(self._calls) == 1, "still exactly one recovery call")

    async def lost_answer_and_death(self) -> None:
        """The same, but the cloud forgets to answer, and the bot is killed while the job runs."""
        tell, world = self._tell, self._world
        tell.chapter("2  The same again, and everything goes wrong")
        stage = Stage(world.slack, world.cloud)
        await tell.does("Demo", "the cloud will carry out the recovery call, but its answer gets lost")
        BY_ID[LOSE_ANSWER].turn(stage, True)
        tell.waiting(f"Waiting until the cloud has done with {TARGET}")
        await self._story.target_is_free()
        tell.waiting("")
        await self._ask()
        await tell.does("Bob", "presses Approve")
        await self._story.open_approval()
        await self._approve()
        await self._reach(State.RESTORING)
        tell.expect(self._calls[-1].status == 0, "the answer to the recovery call was lost")
        tell.expect(len(self._calls) == 2, "the call was not sent again: its task was found in the cloud and adopted")
        await tell.does("Demo", "kills the bot with SIGKILL while the database is being restored")
        await world.bot.kill()
        tell.expect(not world.bot.running, "the bot is dead")
        await asyncio.sleep(DEAD_FOR)
        await tell.does("Demo", "starts the bot again")
        await world.bot.start()
        tell.waiting("The bot is coming up")
        await world.connected()
        await self._restored()
        BY_ID[LOSE_ANSWER].turn(stage, False)
        tell.expect(len(self._calls) == 2, "ONE recovery call for this request, in spite of the lost answer and the kill")
        tell.expect(len(self._story.cards) == 2, "one card for each request")

    async def record(self) -> None:
        """What the auditor and Slack say."""
        tell, world = self._tell, self._world
        tell.chapter("3  On record")
        await tell.does("Demo", "rds-restore-bot audit verify")
        code, words = await self._run("audit", "verify")
        tell.expect(code == 0, f"the bot says: {words}")
        kinds = [entry.kind async for entry in world.requests.database.audit.export()]
        tell.expect(kinds.count("refused") >= 2, f"{len(kinds)} entries, the refused clicks of Carol and Alice among them")
        tell.expect(not world.slack.problems, "Slack understood everything that the bot sent")

    @property
    def _calls(self) -> list[Call]:
        return self._world.backstage.calls.recoveries

    def _thread(self) -> list[str]:
        return [kind_of(message) for message in self._story.replies]

    def _overwrites_target(self) -> bool:
        body = self._calls[-1].body or {}
        wanted = {self._id(SOURCE): "source", self._id(TARGET): "target"}
        return all(body[part]["instance_id"] == instance for instance, part in wanted.items())

    def _id(self, name: str) -> str:
        return self._world.cloud.state.named(name).id

    async def _ask(self) -> None:
        tell, story = self._tell, self._story
        await tell.does("Alice", f"types {COMMAND}")
        await story.open_form()
        backup = await story.choose_backup()
        await tell.does("Alice", f"chooses {backup}, gives a reason, presses Check")
        await story.check_form()
        said = f"All data on {TARGET} is replaced"
        summary = story.person(ALICE).modal.all_text.replace("`", "").replace("*", "")
        tell.expect(said in summary, f"the summary says: {said}")
        await tell.does("Alice", "asks for approval")
        await story.confirm()

    async def _refusals(self) -> None:
        tell, story = self._tell, self._story
        await tell.does("Carol", "of customer support presses Approve")
        await story.press(CAROL, "approve")
        await story.told(CAROL, "")
        tell.expect(story.person(CAROL).view is None, "Carol is refused")
        await tell.does("Alice", "presses Approve on her own request")
        await story.press(ALICE, "approve")
        await story.told(ALICE, "somebody else must decide")
        tell.expect((await self._request()).state == State.PENDING, "Alice is refused; nothing has changed")

    async def _approve(self) -> None:
        await self._tell.does("Bob", f"types {TARGET} and approves")
        self._tell.expect(not await self._story.approve(), "Bob's approval counts")

    async def _restored(self) -> None:
        tell, story = self._tell, self._story
        await self._reach(State.SUCCEEDED)
        tell.waiting("The restore is done; Slack is told")
        await story.until(lambda: "Restored" in story.card.text, "The card does not say that the database is restored.")
        await story.until(lambda: "final:outcome" in self._thread(), "The thread does not say how the restore ended.")
        tell.waiting("")
        tell.expect("approve" not in story.card.buttons, "card and thread tell the outcome; the buttons are gone")
        origin = restored_from(self._world.cloud.state, self._id(TARGET), time.time())
        tell.expect(origin is not None and origin.source_id == self._id(SOURCE), f"{TARGET} holds the data of {SOURCE}")

    async def _reach(self, state: State) -> None:
        """Wait until the newest request has come to this state; a job may take its time."""
        deadline = time.monotonic() + SLOW + self._world.cloud.state.job_seconds
        while state.value not in (request := await self._request()).path:
            percent = f" {request.percent} %" if request.percent is not None else ""
            self._tell.waiting(f"{request.id} is {request.state}{percent}")
            if request.state in FINAL or time.monotonic() > deadline:
                self._tell.expect(False, f"{request.id} reaches {state.value}; it is {request.state}")
            await asyncio.sleep(LOOK_EVERY)
        await self._tell.catch_up()
        self._tell.waiting("")

    async def _request(self) -> RequestSeen:
        found = await self._world.requests.newest()
        if not found:
            raise Unavailable("demo.unexpected", "Not as expected: there is no request on record.")
        return found[-1]

    async def _run(self, *arguments: str) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            env=dict(self._world.environment),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return process.returncode or 0, said.decode().strip()
