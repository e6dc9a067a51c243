"""The payloads that Slack sends to the app when a person does something.

Source: Slack's documentation of slash commands, interaction payloads and the app_home_opened event; keys as in the samples
that Slack publishes with its Java SDK.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from bot.sandbox.workspace import shapes
from bot.sandbox.workspace.functions import Execution, executed
from bot.sandbox.workspace.messages import Json, Message
from bot.sandbox.workspace.people import Channel, Kind
from bot.sandbox.workspace.platform import Platform
from bot.sandbox.workspace.values import HOLDS, initial_values
from bot.sandbox.workspace.views import View

TOKEN = "deprecated-verification-token"  # noqa: S105 - Slack still sends one; nobody should read it
NAMES = {Kind.PRIVATE: "privategroup", Kind.IM: "directmessage"}
"""What Slack calls the channels whose names it does not tell."""


@dataclass(frozen=True, slots=True)
class Payloads:
    """Builds payloads in the name of one workspace."""

    platform: Platform

    def command(self, user: str, channel: Channel, command: str, text: str) -> Json:
        """A slash command."""
        team = self.platform.workspace.team
        return {
            "token": TOKEN,
            "team_id": team.id,
            "team_domain": team.domain,
            "channel_id": channel.id,
            "channel_name": _name(channel),
            "user_id": user,
            "user_name": self.platform.workspace.people[user].name,
            "command": command,
            "text": text,
            "api_app_id": self.platform.app.app_id,
            "is_enterprise_install": "false",
            "response_url": self.platform.response_url(user, channel.id),
            "trigger_id": self.platform.trigger(user, channel=channel.id),
        }

    def message_action(self, user: str, message: Message, state: Mapping[str, object], action: Json) -> Json:
        """block_actions from a message."""
        return {
            "type": "block_actions",
            **self._who(user),
            "container": self._message_container(message),
            "trigger_id": self.platform.trigger(user, channel=message.channel),
            "channel": self._channel(message.channel),
            "message": shapes.message(self.platform, message, with_metadata=True),
            "state": {"values": state},
            "response_url": self.platform.response_url(user, message.channel, message),
            "actions": [{**action, "action_ts": self._moment()}],
        }

    def view_action(self, view: View, action: Json) -> Json:
        """block_actions from a modal or a Home tab."""
        return {
            "type": "block_actions",
            **self._who(view.user),
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self._modal_trigger(view),
            "view": shapes.view(self.platform, view),
            "actions": [{**action, "action_ts": self._moment()}],
        }

    def suggestion(self, user: str, block_id: str, action_id: str, value: str, where: View | Message) -> Json:
        """block_suggestion. The view's state is the one that it was opened with: Slack promises no more."""
        payload = {
            "type": "block_suggestion",
            **self._who(user),
            "block_id": block_id,
            "action_id": action_id,
            "value": value,
        }
        if isinstance(where, Message):
            return {
                **payload,
                "container": self._message_container(where),
                "channel": self._channel(where.channel),
                "message": shapes.message(self.platform, where),
            }
        opened_with = {"values": initial_values(where.blocks, where.channel)}
        view = {**shapes.view(self.platform, where), "state": opened_with}
        return {**payload, "container": {"type": "view", "view_id": where.id}, "view": view}

    def submission(self, view: View) -> Json:
        """view_submission."""
        return {
            "type": "view_submission",
            **self._who(view.user),
            "trigger_id": self._modal_trigger(view),
            "view": shapes.view(self.platform, view),
            "response_urls": self._response_urls(view),
        }

    def closed(self, view: View, *, cleared: bool) -> Json:
        """view_closed."""
        return {
            "type": "view_closed",
            **self._who(view.user),
            "view": shapes.view(self.platform, view),
            "is_cleared": cleared,
        }

    def shortcut(self, user: str, callback_id: str) -> Json:
        """A global shortcut."""
        payload = self._who(user)
        del payload["api_app_id"]
        return {
            "type": "shortcut",
            **payload,
            "action_ts": self._moment(),
            "callback_id": callback_id,
            "trigger_id": self.platform.trigger(user),
        }

    def message_shortcut(self, user: str, callback_id: str, message: Message) -> Json:
        """A shortcut on a message."""
        payload = self._who(user)
        del payload["api_app_id"]
        return {
            "type": "message_action",
            **payload,
            "action_ts": self._moment(),
            "callback_id": callback_id,
            "trigger_id": self.platform.trigger(user, channel=message.channel),
            "response_url": self.platform.response_url(user, message.channel, message),
            "message_ts": message.ts,
            "channel": self._channel(message.channel),
            "message": shapes.message(self.platform, message),
        }

    def home_opened(self, user: str, channel: Channel, view: View | None) -> Json:
        """The app_home_opened event in its envelope."""
        moment = self._moment()
        event: Json = {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": "home", "event_ts": moment}
        if view is not None:
            event["view"] = shapes.view(self.platform, view)
        return self._event(event)

    def function_executed(self, execution: Execution) -> Json:
        """The function_executed event in its envelope."""
        return self._event(executed(execution, self._moment(), self.platform.app.bot_token))

    def _event(self, event: Json) -> Json:
        team = self.platform.workspace.team
        authorization = {
            "enterprise_id": None,
            "team_id": team.id,
            "user_id": self.platform.workspace.bot_user,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": TOKEN,
            "team_id": team.id,
            "api_app_id": self.platform.app.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(self.platform.now()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
        }

    def _who(self, user: str) -> Json:
        person, team = self.platform.workspace.people[user], self.platform.workspace.team
        return {
            "team": {"id": team.id, "domain": team.domain},
            "user": {"id": user, "username": person.name, "name": person.name, "team_id": person.team_id or team.id},
            "api_app_id": self.platform.app.app_id,
            "token": TOKEN,
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _channel(self, channel: str) -> Json:
        return {"id": channel, "name": _name(self.platform.workspace.channels[channel])}

    def _message_container(self, message: Message) -> Json:
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": message.ephemeral_to is not None,
        }
        return {**container, "thread_ts": message.thread_ts} if message.thread_ts else container

    def _response_urls(self, view: View) -> list[Json]:
        urls = []
        for block in view.blocks:
            element = block.get("element") or {}
            held = view.values.get(block["block_id"], {}).get(element.get("action_id", ""), {})
            channel = held.get(HOLDS[held["type"]][0]) if held else None
            if element.get("response_url_enabled") and channel:
                url = self.platform.response_url(view.user, channel)
                urls.append(
                    {
                        "block_id": block["block_id"],
                        "action_id": element["action_id"],
                        "channel_id": channel,
                        "response_url": url,
                    }
                )
        return urls

    def _modal_trigger(self, view: View) -> str:
        return self.platform.trigger(view.user, channel=view.channel, in_modal=view.type == "modal")

    def _moment(self) -> str:
        return f"{self.platform.now():.6f}"


def _name(channel: Channel) -> str:
    return NAMES.get(channel.kind, channel.name)
