"""What the people of the demo do, through the local Slack as they would do it themselves."""

import asyncio
import time
from collections.abc import Callable, Sequence

from bot.sandbox import scenario
from bot.sandbox.backstage.ports import CannotDo
from bot.sandbox.rds.evolution import instance_status
from bot.sandbox.rds.server import RdsServer
from bot.sandbox.workspace.actor import Actor
from bot.sandbox.workspace.messages import Message
from bot.sandbox.workspace.server import WorkspaceServer
from bot.sandbox.workspace.workspace import Workspace

ALICE, BOB, CAROL = "U0ALICE", "U0BOB", "U0CAROL"
SOURCE, TARGET = "orders-prod", "orders-staging"
COMMAND = f"/rds-restore {SOURCE} to {TARGET}"
REASON = "The clean-up job dropped the table orders."
FORM, SUMMARY, APPROVAL = "restore_form", "confirm_request", "approve_form"
SECONDS = 15.0
"""How long the bot may take for anything that a person waits for."""
BUSY = ("RESTORING", "BACKING UP")
LOOK_EVERY = 0.1


class Story:
    """Alice asks, Bob approves. Raises CannotDo where the bot did not do its part, or NotThere where something is not on
    the person's screen."""

    def __init__(self, slack: WorkspaceServer, cloud: RdsServer) -> None:
        self._slack = slack
        self._cloud = cloud

    @property
    def cards(self) -> Sequence[Message]:
        """The requests' messages in the incident's channel, oldest first."""
        said = self._slack.workspace.messages_in(scenario.INCIDENT)
        return [message for message in said if kind_of(message) == "card"]

    @property
    def card(self) -> Message:
        """The newest request's message. Raises CannotDo if there is none."""
        if not self.cards:
            raise CannotDo("There is no request yet.")
        return self.cards[-1]

    @property
    def replies(self) -> Sequence[Message]:
        """What the bot said under the newest card, oldest first."""
        card = self.card
        return [each for each in self._slack.workspace.thread(card.channel, card.root) if each.ts != card.ts and each.bot]

    def person(self, user: str) -> Actor:
        """Somebody at their screen."""
        return self._slack.actor(user)

    def is_looking_at(self, user: str, callback_id: str) -> bool:
        """Whether this modal is in front of the person."""
        view = self.person(user).view
        return view is not None and view.callback_id == callback_id

    async def open_form(self) -> None:
        """Alice types the command, and waits until the form is filled."""
        alice = self.person(ALICE)
        outcome = await alice.command(scenario.INCIDENT, COMMAND)
        if outcome.error:
            raise CannotDo(outcome.error)
        await self.until(lambda: self.is_looking_at(ALICE, FORM), "The form did not open.")

    async def choose_backup(self) -> str:
        """Alice takes the newest automatic backup; its words."""
        alice = self.person(ALICE)
        offered = await alice.suggest(alice.modal.id, "backup", "auto")
        if not offered:
            raise CannotDo("The form offers no backup.")
        await alice.choose("backup", offered[0])
        return str(offered[0]["text"]["text"])

    async def check_form(self) -> None:
        """Alice gives a reason and presses Check; the summary comes."""
        self._without_errors(await self.person(ALICE).submit(values={"reason": REASON}))
        await self.until(lambda: self.is_looking_at(ALICE, SUMMARY), "The summary did not come.")

    async def confirm(self) -> None:
        """Alice asks for approval; the card comes."""
        before = len(self.cards)
        self._without_errors(await self.person(ALICE).submit())
        await self.until(lambda: len(self.cards) > before, "The request was not posted.")

    async def press(self, user: str, button: str) -> None:
        """Press a button of the newest card. Raises CannotDo if the bot does not react."""
        outcome = await self.person(user).click(scenario.INCIDENT, self.card.ts, button)
        if outcome.error:
            raise CannotDo(outcome.error)

    async def open_approval(self) -> None:
        """Bob presses Approve, and sees what will happen."""
        await self.press(BOB, "approve")
        await self.until(lambda: self.is_looking_at(BOB, APPROVAL), "Bob was not asked.")

    async def approve(self, typed: str = TARGET) -> dict[str, str]:
        """Bob types the target's name and approves; what is then shown at the field."""
        return await self.person(BOB).submit(values={"confirm_target": typed})

    async def told(self, user: str, words: str) -> Message:
        """Wait until the person alone is told this."""
        found: list[Message] = []

        def look() -> bool:
            found[:] = [each for each in self.person(user).ephemerals if words in each.all_text]
            return bool(found)

        await self.until(look, f"{user} was not told: {words}")
        return found[-1]

    async def until(self, happened: Callable[[], bool], otherwise: str) -> None:
        """Wait for something that shows in the local Slack. Raises CannotDo with these words if it does not come."""

        def look(workspace: Workspace) -> bool:  # noqa: ARG001 - a predicate's signature
            return happened()

        try:
            await self._slack.wait_for(look, SECONDS)
        except TimeoutError as error:
            raise CannotDo(otherwise) from error

    async def target_is_free(self) -> None:
        """Wait until the cloud has done with the target."""
        state = self._cloud.state
        target = state.named(TARGET)
        deadline = time.monotonic() + SECONDS
        while instance_status(state, target, self._slack.platform.now()) in BUSY:
            if time.monotonic() > deadline:
                raise CannotDo(f"{TARGET} is still busy. Wait until it is free.")
            await asyncio.sleep(LOOK_EVERY)

    async def ask_again_and_approve(self) -> None:
        """The whole way to an approved request."""
        await self.target_is_free()
        await self.open_form()
        await self.choose_backup()
        await self.check_form()
        await self.confirm()
        await self.open_approval()
        self._without_errors(await self.approve())

    @staticmethod
    def _without_errors(errors: dict[str, str]) -> None:
        if errors:
            raise CannotDo(" ".join(errors.values()))


def kind_of(message: Message) -> str:
    """What the message's metadata says it is; empty for other messages."""
    return str((message.metadata or {}).get("event_payload", {}).get("kind", ""))
