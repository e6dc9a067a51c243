"""What a person can do with the app: the payload goes out, the acknowledgement takes effect on their screen.

Source: Slack's documentation of slash commands, shortcuts, block_actions, block_suggestion and App Home.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.workspace.courier import Courier
from bot.sandbox.workspace.delivery import Ack
from bot.sandbox.workspace.errors import ApiError, NotThere
from bot.sandbox.workspace.functions import Execution
from bot.sandbox.workspace.messages import Json, Message
from bot.sandbox.workspace.modals import Modals
from bot.sandbox.workspace.passes import ResponsePass
from bot.sandbox.workspace.payloads import Payloads
from bot.sandbox.workspace.people import Channel
from bot.sandbox.workspace.platform import Platform
from bot.sandbox.workspace.response_urls import respond
from bot.sandbox.workspace.validation import option_faults
from bot.sandbox.workspace.values import HOLDS, initial_values
from bot.sandbox.workspace.views import View
from bot.sandbox.workspace.workspace import SLACKBOT

MIN_QUERY = 3
"""Characters that an external select waits for where the app gives no min_query_length."""
COPIED = ("text", "value", "style", "url", "confirm", "placeholder")
"""What an action repeats from its element."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a person sees after doing something."""

    error: str | None = None
    """Slack's words if the app failed to answer properly."""
    errors: Mapping[str, str] = field(default_factory=dict)
    """What is shown at fields: block id → words."""
    options: tuple[Json, ...] = ()
    """What can be chosen, groups flattened."""

    @property
    def ok(self) -> bool:
        """Whether it went through."""
        return self.error is None and not self.errors


@dataclass(frozen=True, slots=True)
class Interactions:
    """Everything but submissions. NotThere is raised for what is not on the person's screen."""

    platform: Platform
    courier: Courier

    async def command(self, user: str, channel_id: str, typed: str) -> Outcome:
        """A slash command, as typed."""
        channel = self.place(user, channel_id, writing=True)
        name, _, text = typed.strip().partition(" ")
        if name not in [command.command for command in self.platform.app.commands]:
            return Outcome(f"{name} is not a valid command.")
        payload = self._payloads.command(user, channel, name, text.strip())
        ack = await self.courier.command(payload)
        if ack.problem is not None:
            words = f'{name} failed with the error "{ack.problem}"'
            self._slackbot(user, channel.id, words)
            return Outcome(words)
        if ack.body and (ack.body.get("text") or ack.body.get("blocks")):
            return self._answered(user, channel.id, ack.body)
        return Outcome()

    async def message_action(self, user: str, message: Message, block: Json, element: Json, action: Json) -> Outcome:
        """A click on a message."""
        state = initial_values(message.blocks)
        if element["action_id"] in state.get(block["block_id"], {}):
            key = HOLDS[element["type"]][0]
            state[block["block_id"]][element["action_id"]] = {"type": element["type"], key: action.get(key)}
        payload = self._payloads.message_action(user, message, state, _action(block, element, action))
        return self._clicked(await self.courier.interaction(payload))

    async def view_action(self, view: View, block: Json, element: Json, action: Mapping[str, Any]) -> Outcome:
        """A click or a choice in a view. The app hears of it only if the block dispatches actions."""
        if element["type"] in HOLDS:
            key, _, nothing = HOLDS[element["type"]]
            values = {name: dict(inner) for name, inner in view.values.items()}
            held = {"type": element["type"], key: action.get(key) or nothing}
            values.setdefault(block["block_id"], {})[element["action_id"]] = held
            view = Modals(self.platform).enter(view, values)
        if block["type"] == "input" and not block.get("dispatch_action", False):
            return Outcome()
        payload = self._payloads.view_action(view, _action(block, element, action))
        return self._clicked(await self.courier.interaction(payload))

    async def suggest(self, user: str, where: View | Message, block_id: str, action_id: str, query: str) -> Outcome:
        """What an external select offers for some typed characters."""
        found = where.element(action_id, block_id)
        if found is None or found[1]["type"] not in ("external_select", "multi_external_select"):
            raise NotThere(f"there is no external select {action_id} in {block_id}")
        if len(query) < found[1].get("min_query_length", MIN_QUERY):
            return Outcome()
        ack = await self.courier.interaction(self._payloads.suggestion(user, block_id, action_id, query, where))
        if ack.problem is not None:
            return Outcome(f"The options could not be loaded ({ack.problem}).")
        faults = option_faults(ack.body)
        if faults or ack.body is None:
            self.platform.problems.append(f"options for {action_id}: {'; '.join(faults)}")
            return Outcome("The options could not be loaded.")
        groups = ack.body.get("option_groups") or ()
        flat = [*(ack.body.get("options") or ()), *(option for group in groups for option in group["options"])]
        return Outcome(options=tuple(flat))

    async def shortcut(self, user: str, callback_id: str, channel_id: str | None, ts: str | None) -> Outcome:
        """A shortcut from anywhere, or on a message."""
        kind = "message" if ts else "global"
        if not any(each.callback_id == callback_id and each.type == kind for each in self.platform.app.shortcuts):
            raise NotThere(f"there is no {kind} shortcut {callback_id}")
        if ts:
            payload = self._payloads.message_shortcut(user, callback_id, self.message(user, channel_id or "", ts))
        else:
            payload = self._payloads.shortcut(user, callback_id)
        return self._clicked(await self.courier.interaction(payload))

    async def open_home(self, user: str) -> Outcome:
        """The app's Home tab comes to the front. The app hears of it only where it subscribed to the event."""
        if "app_home_opened" not in self.platform.app.events:
            return Outcome()
        channel = self.platform.workspace.direct(user, self.platform.workspace.bot_user)
        home = self.platform.workspace.homes.get(user)
        return self._clicked(await self.courier.event(self._payloads.home_opened(user, channel, home)))

    async def run_step(self, callback_id: str, inputs: Mapping[str, Any]) -> Execution:
        """A workflow comes to the app's step."""
        execution = self.platform.functions.begin(callback_id, inputs)
        await self.courier.event(self._payloads.function_executed(execution))
        return execution

    def place(self, user: str, channel_id: str, *, writing: bool = False) -> Channel:
        """A conversation that the person sees, or may write in."""
        person = self.platform.workspace.people.get(user)
        channel = self.platform.workspace.channels.get(channel_id)
        if person is None or channel is None or not channel.visible_to(person):
            raise NotThere(f"{user} sees no conversation {channel_id}")
        if writing and (channel.is_archived or user not in channel.members):
            raise NotThere(f"{user} cannot write in {channel_id}")
        if writing and self.platform.is_read_only(channel):
            raise NotThere("Sending messages to this app has been turned off.")
        return channel

    def message(self, user: str, channel_id: str, ts: str) -> Message:
        """A message that the person sees."""
        self.place(user, channel_id)
        message = self.platform.workspace.message(channel_id, ts, user)
        if message is None:
            raise NotThere(f"{user} sees no message {ts} in {channel_id}")
        return message

    @property
    def _payloads(self) -> Payloads:
        return Payloads(self.platform)

    def _clicked(self, ack: Ack) -> Outcome:
        if ack.problem is None:
            return Outcome()
        return Outcome(f"{self.platform.app.name} is not responding ({ack.problem}).")

    def _answered(self, user: str, channel: str, body: Json) -> Outcome:
        try:
            respond(self.platform, ResponsePass(user, channel, self.platform.now(), None), body)
        except ApiError as error:
            self.platform.problems.append(f"answer to a command: {error.code} {'; '.join(error.messages)}")
            return Outcome(f"The app's answer could not be shown ({error.code}).")
        return Outcome()

    def _slackbot(self, user: str, channel: str, words: str) -> None:
        workspace = self.platform.workspace
        ts = workspace.next_ts(self.platform.now())
        workspace.post(Message(channel, ts, SLACKBOT, words, ephemeral_to=user))


def _action(block: Json, element: Json, given: Mapping[str, Any]) -> Json:
    action: Json = {"type": element["type"], "block_id": block["block_id"], "action_id": element["action_id"]}
    action |= {name: element[name] for name in COPIED if name in element}
    if element["type"] in HOLDS:
        key, _, nothing = HOLDS[element["type"]]
        action[key] = given.get(key) or nothing
    if element["type"] == "overflow":
        action["selected_option"] = given.get("selected_option")
    return action
