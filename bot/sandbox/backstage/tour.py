"""The tour: what a stranger does step by step, found done by what really happened, or done for them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.backstage.ports import Bot, CannotDo, RequestSeen
from bot.sandbox.backstage.story import ALICE, APPROVAL, BOB, COMMAND, FORM, SUMMARY, TARGET, Story
from bot.sandbox.backstage.switches import BY_ID, LOSE_ANSWER, Stage
from bot.sandbox.workspace.changes import Change, MessageChanged, ViewsChanged

DEAD_FOR = 1.5
"""Seconds that the bot stays away after the tour killed it, so that one can see it."""
APPROVERS = "S0DBA"


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `look` is the part of the page that it speaks of; `act` does it, None where only the person can."""

    id: str
    title: str
    text: str
    look: str
    act: str | None = "Do it for me"


STEPS = (
    Step("ask", "Alice asks", f"You are Alice, in the channel of the incident. Type {COMMAND} and send it.", "composer"),
    Step("fill", "The form", "It offers only what can be restored. Choose a backup, give a reason, press Check.", "modal"),
    Step("confirm", "What it means", "The facts are checked: what is overwritten, what is lost. Ask for approval.", "modal"),
    Step("refused", "Not by herself", "Press Approve as Alice: the bot refuses. A second person must say yes.", "card"),
    Step("become", "Become Bob", "Bob is a database administrator. Choose him at the top right.", "people", act=None),
    Step("read", "Bob reads", "Press Approve on the card. The facts are read again and shown to Bob.", "card"),
    Step("approve", "Bob approves", f"He types the name of what is overwritten, {TARGET}, and approves.", "modal"),
    Step(
        "restoring",
        "One call",
        "The facts are read a third time, then the one call is made: see it in the list of calls. Nothing to do.",
        "calls",
        act=None,
    ),
    Step(
        "restored",
        "The database is back",
        "The card and its thread follow the job to its end. Just watch.",
        "card",
        act=None,
    ),
    Step(
        "lose",
        "Now make it go wrong",
        "Let the cloud forget to answer: it overwrites the database, but the bot does not hear of it.",
        "control",
    ),
    Step("again", "Once more", "Ask for the same restore again as Alice, and approve it as Bob.", "composer"),
    Step(
        "lost",
        "The answer is lost",
        "The call is on the list with no answer. Did the cloud take it? The bot must not send it a second time.",
        "calls",
        act=None,
    ),
    Step(
        "adopted",
        "Found by evidence",
        "Instead the bot looks at the cloud's own tasks, finds its restore, and follows it.",
        "requests",
        act=None,
    ),
    Step("kill", "Kill the bot", "While it restores: kill the bot without warning, then start it again.", "control"),
    Step(
        "same",
        "Still one call",
        "It goes on where it was. One request, one recovery call, one outcome.",
        "requests",
        act=None,
    ),
)
"""In their order. A step counts as done as soon as one after it is."""


class Tour:
    """Watches the stage, and knows which steps are done."""

    def __init__(self, stage: Stage, story: Story, bot: Bot) -> None:
        self._stage = stage
        self._story = story
        self._bot = bot
        self._done: set[str] = set()
        self._before: frozenset[str] | None = None
        """Requests that were there before the tour, or before its second part."""
        self._lost_before = 0
        self._restarts_before = 0
        self._acts: dict[str, Callable[[], Awaitable[None]]] = {
            "ask": story.open_form,
            "fill": self._fill,
            "confirm": self._confirm,
            "refused": self._refused,
            "read": story.open_approval,
            "approve": self._approve,
            "lose": self._lose,
            "again": story.ask_again_and_approve,
            "kill": self._kill,
        }
        stage.slack.workspace.watch(self._seen)

    def look(self, requests: Sequence[RequestSeen], lost: int) -> None:
        """Note how far it has come. `lost`: how many recovery calls were not answered so far."""
        if self._before is None:
            self._before = frozenset(request.id for request in requests)
        new = [request for request in requests if request.id not in self._before]
        paths = {state for request in new for state in request.path}
        if "restored" not in self._done:
            self._first_part(paths)
        if "restored" in self._done and "lose" not in self._done:
            self._second_part_begins(requests, lost)
        elif "lose" in self._done:
            self._second_part(paths, lost)

    def steps(self) -> list[dict[str, Any]]:
        """All steps for the page."""
        last = max((number for number, step in enumerate(STEPS) if step.id in self._done), default=-1)
        return [
            {
                "id": step.id,
                "title": step.title,
                "text": step.text,
                "done": number <= last,
                "act": {"label": step.act} if step.act else None,
                "look": step.look,
            }
            for number, step in enumerate(STEPS)
        ]

    async def act(self, step_id: str) -> None:
        """Do a step as the person would. Raises CannotDo or NotThere."""
        if step_id not in self._acts:
            raise CannotDo("This step cannot be done for you.")
        await self._acts[step_id]()

    def _first_part(self, paths: set[str]) -> None:
        approvers = self._stage.slack.workspace.groups[APPROVERS].users
        for happened, step in (
            (paths, "confirm"),
            (paths and self._stage.slack.present.intersection(approvers), "become"),
            ("approved" in paths, "approve"),
            ("restoring" in paths, "restoring"),
            ("succeeded" in paths, "restored"),
        ):
            if happened:
                self._done.add(step)

    def _second_part_begins(self, requests: Sequence[RequestSeen], lost: int) -> None:
        if BY_ID[LOSE_ANSWER].is_on(self._stage):
            self._done.add("lose")
            self._before = frozenset(request.id for request in requests)
            self._lost_before = lost

    def _second_part(self, paths: set[str], lost: int) -> None:
        if "again" not in self._done:
            self._restarts_before = self._bot.restarts
        is_lost = lost > self._lost_before
        for happened, step in (
            ("approved" in paths, "again"),
            (is_lost, "lost"),
            (is_lost and "restoring" in paths, "adopted"),
            ("again" in self._done and self._bot.restarts > self._restarts_before, "kill"),
            (is_lost and "succeeded" in paths, "same"),
        ):
            if happened:
                self._done.add(step)

    def _seen(self, change: Change) -> None:
        """What is on a screen for a moment only."""
        match change:
            case ViewsChanged(_, (*_, view)):
                step = {FORM: "ask", SUMMARY: "fill", APPROVAL: "read"}.get(view.callback_id)
                if step is not None:
                    self._done.add(step)
            case MessageChanged(message) if message.ephemeral_to == ALICE and "confirm" in self._done:
                self._done.add("refused")

    async def _fill(self) -> None:
        if not self._story.is_looking_at(ALICE, FORM):
            await self._story.open_form()
        await self._story.choose_backup()
        await self._story.check_form()

    async def _confirm(self) -> None:
        if not self._story.is_looking_at(ALICE, SUMMARY):
            await self._fill()
        await self._story.confirm()

    async def _refused(self) -> None:
        await self._story.press(ALICE, "approve")
        await self._story.told(ALICE, "somebody else must decide")

    async def _approve(self) -> None:
        if not self._story.is_looking_at(BOB, APPROVAL):
            await self._story.open_approval()
        errors = await self._story.approve()
        if errors:
            raise CannotDo(" ".join(errors.values()))

    async def _lose(self) -> None:
        BY_ID[LOSE_ANSWER].turn(self._stage, True)

    async def _kill(self) -> None:
        if self._bot.running:
            await self._bot.kill()
            await asyncio.sleep(DEAD_FOR)
        await self._bot.start()
