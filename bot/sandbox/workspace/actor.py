"""One person at their screen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from bot.sandbox.workspace.errors import NotThere
from bot.sandbox.workspace.interactions import Interactions, Outcome
from bot.sandbox.workspace.messages import Json, Message
from bot.sandbox.workspace.modals import Modals
from bot.sandbox.workspace.platform import Platform
from bot.sandbox.workspace.submissions import Submissions
from bot.sandbox.workspace.values import HOLDS, entry, options_of
from bot.sandbox.workspace.views import View


@dataclass(slots=True)
class Actor:
    """Does what a person does in Slack. NotThere is raised for what is not on their screen.

    What was filled in belongs to the view, so it lives as long as the view does.
    """

    user: str
    platform: Platform
    interactions: Interactions
    submissions: Submissions
    _offered: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    """View and block → the options that an external select has offered so far."""

    @property
    def views(self) -> tuple[View, ...]:
        """The stack of modals, bottom first."""
        return self.platform.workspace.views[self.user]

    @property
    def view(self) -> View | None:
        """The modal in front."""
        return self.views[-1] if self.views else None

    @property
    def modal(self) -> View:
        """The modal in front. Raises NotThere if there is none."""
        if self.view is None:
            raise NotThere(f"{self.user} has no modal open")
        return self.view

    @property
    def home(self) -> View | None:
        """The app's Home tab."""
        return self.platform.workspace.homes.get(self.user)

    @property
    def ephemerals(self) -> list[Message]:
        """What only this person sees, oldest first."""
        return self.platform.workspace.ephemerals_of(self.user)

    def say(self, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Write a message, or a reply to the message `thread_ts`."""
        self.interactions.place(self.user, channel, writing=True)
        root = self.interactions.message(self.user, channel, thread_ts).root if thread_ts else None
        words = escape(text, quote=False)
        return self.platform.workspace.say(channel, self.user, words, self.platform.now(), root)

    async def command(self, channel: str, text: str) -> Outcome:
        """Type a slash command; without a slash it is an argument for the app's first command."""
        typed = text if text.startswith("/") else f"{self.platform.app.commands[0].command} {text}"
        return await self.interactions.command(self.user, channel, typed)

    async def click(
        self, channel: str, ts: str, action_id: str, *, block_id: str | None = None, action: Json | None = None
    ) -> Outcome:
        """Click on a message's button, or choose in one of its menus (`action` says what)."""
        message = self.interactions.message(self.user, channel, ts)
        found = message.element(action_id, block_id)
        if found is None:
            raise NotThere(f"the message {ts} has no {action_id}; it has {', '.join(message.buttons) or 'no buttons'}")
        return await self.interactions.message_action(self.user, message, *found, action or {})

    async def view_action(self, view_id: str, block_id: str, action: Json) -> Outcome:
        """Use an element of a view. `action` holds what is chosen, in Slack's keys, and `action_id` if there are several."""
        view = self._view(view_id)
        element = self._element(view, block_id, action.get("action_id"))
        block = view.block(block_id)
        assert block is not None  # noqa: S101 - the element was found in it
        return await self.interactions.view_action(view, block, element, action)

    async def press(self, action_id: str, *, view_id: str | None = None) -> Outcome:
        """Click on a button of the modal in front, or of another view."""
        view = self._view(view_id) if view_id else self.modal
        found = view.element(action_id)
        if found is None:
            raise NotThere(f"{view.title or view.type} has no {action_id}")
        return await self.interactions.view_action(view, *found, {})

    async def suggest(self, view_id: str, block_id: str, query: str) -> list[Json]:
        """Type into an external select; the options that it then shows. Empty if they could not be loaded."""
        return list((await self.options(view_id, block_id, query)).options)

    async def options(self, view_id: str, block_id: str, query: str, action_id: str | None = None) -> Outcome:
        """The same, with Slack's words if the options could not be loaded."""
        view = self._view(view_id)
        element = self._element(view, block_id, action_id)
        outcome = await self.interactions.suggest(self.user, view, block_id, element["action_id"], query)
        self._offered.setdefault((view_id, block_id), []).extend(outcome.options)
        return outcome

    def fill(self, block_id: str, value: Any, *, view_id: str | None = None) -> None:
        """Enter something in the modal in front; the app is not told.

        Text is given as such, an option by its value, its words or as a whole, several as a list, None empties the field.
        Raises ValueError if there is no such option.
        """
        view = self._view(view_id) if view_id else self.modal
        element = self._element(view, block_id, None)
        Modals(self.platform).enter(view, self._with(view, block_id, element, value))

    async def choose(self, block_id: str, value: Any) -> Outcome:
        """Enter something in the modal in front as `fill` does, and dispatch the action if the block asks for it."""
        view = self.modal
        element = self._element(view, block_id, None)
        known = self._offered.get((view.id, block_id), ())
        return await self.view_action(view.id, block_id, entry(element, value, known))

    async def submit(self, view_id: str | None = None, values: Mapping[str, Any] | None = None) -> dict[str, str]:
        """Press the submit button. `values` are filled in first.

        What is then shown at the fields: block id → words; under the empty name what Slack says about the whole modal.
        """
        view = self._view(view_id) if view_id else self.modal
        for block_id, value in (values or {}).items():
            self.fill(block_id, value, view_id=view.id)
        outcome = await self.submissions.submit(self.user, view.id, {})
        return {**outcome.errors, **({"": outcome.error} if outcome.error else {})}

    async def close(self, view_id: str | None = None, *, everything: bool = False) -> Outcome:
        """Press the close button, or the cross that closes everything."""
        view = self._view(view_id) if view_id else self.modal
        return await self.submissions.close(self.user, view.id, everything=everything)

    async def shortcut(self, callback_id: str, channel: str | None = None, ts: str | None = None) -> Outcome:
        """Use a global shortcut, or one on a message."""
        return await self.interactions.shortcut(self.user, callback_id, channel, ts)

    async def open_home(self) -> Outcome:
        """Open the app's Home tab."""
        return await self.interactions.open_home(self.user)

    def _view(self, view_id: str) -> View:
        view = self.platform.workspace.view(view_id)
        if view is None or view.user != self.user:
            raise NotThere(f"{self.user} has no view {view_id}")
        return view

    def _element(self, view: View, block_id: str, action_id: str | None) -> Json:
        found = view.element(action_id, block_id) if action_id else None
        element = found[1] if found else view.input_element(block_id)
        if element is None or (action_id is not None and found is None):
            blocks = ", ".join(block["block_id"] for block in view.blocks)
            raise NotThere(f"{view.title or view.type} has no {action_id or 'element'} in {block_id}; blocks: {blocks}")
        return element

    def _with(self, view: View, block_id: str, element: Json, value: Any) -> dict[str, dict[str, Json]]:
        if element["type"] not in HOLDS:
            raise NotThere(f"nothing can be entered in {block_id}")
        known = [*options_of(element), *self._offered.get((view.id, block_id), ())]
        held = value if isinstance(value, dict) and "type" in value else entry(element, value, known)
        values = {name: dict(inner) for name, inner in view.values.items()}
        values[block_id][element["action_id"]] = held
        return values
