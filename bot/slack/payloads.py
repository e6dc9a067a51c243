"""What Slack sends, as far as the listeners read it. Untrusted: each model checks shape and length.

Sources: Slack's documentation of interaction payloads (block_actions, view_submission, block_suggestion, shortcuts) and of
slash commands.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.domain.errors import Refused
from bot.domain.people import Person
from bot.slack import ids
from bot.slack.render import limits, text
from bot.slack.render.form import Choice, FormState


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Text(_Payload):
    text: str = ""


class _Option(_Payload):
    value: str = Field(max_length=200)
    text: _Text = _Text()


class _Element(_Payload):
    value: str | None = Field(default=None, max_length=13_000)
    selected_option: _Option | None = None
    selected_options: list[_Option] = []
    selected_conversation: str | None = None


class _State(_Payload):
    values: dict[str, dict[str, _Element]] = {}


class _Block(_Payload):
    block_id: str = ""
    type: str = ""


class View(_Payload):
    """A modal as Slack sends it back."""

    id: str
    hash: str = ""
    callback_id: str = ""
    private_metadata: str = Field(default="", max_length=3000)
    state: _State = _State()
    blocks: list[_Block] = []

    def inputs(self) -> list[str]:
        """The block ids that may carry a field error."""
        return [block.block_id for block in self.blocks if block.type == "input"]

    def text(self, name: str) -> str:
        """What was typed into a text field; empty if nothing. Without what no database keeps: NUL and half characters."""
        typed = (self._element(name).value or "").replace("\0", "")
        return typed.encode("utf-8", "replace").decode().strip()

    def has(self, name: str) -> bool:
        """Whether the form shows this field."""
        return name in self.state.values.get(name, {})

    def choice(self, name: str) -> Choice | None:
        """The option that was chosen; None if none, or if it only said that there is nothing to choose."""
        option = self._element(name).selected_option
        if option is None or option.value == ids.NOTHING:
            return None
        return Choice(option.value, option.text.text)

    def checked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self._element(name).selected_options)

    def conversation(self, name: str) -> str | None:
        """The channel that was chosen."""
        return self._element(name).selected_conversation

    def _element(self, name: str) -> _Element:
        return self.state.values.get(name, {}).get(name, _Element())


class ApprovalMemory(_Payload):
    """What the forms of a decision remember: the request, the facts that were shown, and whether they were opened from the
    Home tab, which must then be drawn anew."""

    request_id: str
    saw: dict[str, str] = {}
    at_home: bool = False


_FORM = TypeAdapter(FormState)
BUTTON_VALUE = 2000
"""Characters (source: Block Kit reference, button element)."""


def view_of(body: Mapping[str, Any]) -> View:
    """The modal of a payload. Raises Refused `bad_payload`."""
    return _view(body.get("view"))


def person_of(body: Mapping[str, Any]) -> Person:
    """Who did it: enterprise, team and user of the payload, of whichever kind it is. Raises Refused `bad_payload`."""
    user, team = body.get("user"), body.get("team")
    if isinstance(user, Mapping):
        home = team.get("id") if isinstance(team, Mapping) else None
        enterprise = body.get("enterprise")
        return _person(
            enterprise.get("id") if isinstance(enterprise, Mapping) else None,
            home or user.get("team_id"),
            user.get("id"),
        )
    event = body.get("event")
    if isinstance(event, Mapping):
        return _person(body.get("enterprise_id"), body.get("team_id"), event.get("user"))
    return _person(body.get("enterprise_id"), body.get("team_id"), body.get("user_id"))


def form_state(view: View) -> FormState:
    """What the restore form remembers. Raises Refused `bad_payload`."""
    try:
        return _FORM.validate_json(view.private_metadata)
    except ValidationError as error:
        raise Refused("bad_payload", "This form is too old. Please open it again.") from error


def entered(state: FormState, view: View) -> FormState:
    """What the form remembers, with what its fields say now: they may have been changed since it was drawn."""
    project, mode = view.choice(ids.PROJECT), view.choice(ids.MODE)
    return replace(
        state,
        project=project.id if project else state.project,
        mode=mode.id if mode and mode.id in (ids.MODE_BACKUP, ids.MODE_TIMESTAMP) else state.mode,
        source=view.choice(ids.SOURCE) if view.has(ids.SOURCE) else state.source,
        backup=view.choice(ids.BACKUP) if view.has(ids.BACKUP) else state.backup,
        target=view.choice(ids.TARGET) if view.has(ids.TARGET) else state.target,
        time=view.text(ids.RESTORE_TIME) if view.has(ids.RESTORE_TIME) else state.time,
    )


def dump_form(state: FormState) -> str:
    """For private_metadata, within its limit. Notices are shown once and not remembered."""
    kept = replace(
        state,
        source=_shortened(state.source),
        backup=_shortened(state.backup),
        target=_shortened(state.target),
        time=text.plain(state.time, limits.TYPED),
        notices=(),
    )
    return _FORM.dump_json(kept, exclude_defaults=True).decode()


def approval_memory(view: View) -> ApprovalMemory:
    """What the approval form remembers. Raises Refused `bad_payload`."""
    try:
        return ApprovalMemory.model_validate_json(view.private_metadata)
    except ValidationError as error:
        raise Refused("bad_payload", "This form is too old. Please open it again.") from error


def button_text(body: Mapping[str, Any]) -> str:
    """What a button carries that needs more than a request id. Raises Refused `bad_payload`."""
    actions = body.get("actions")
    value = actions[0].get("value") if isinstance(actions, list) and actions and isinstance(actions[0], Mapping) else None
    if not isinstance(value, str) or len(value) > BUTTON_VALUE:
        raise Refused("bad_payload", "This button is damaged.")
    return value


def is_at_home(body: Mapping[str, Any]) -> bool:
    """Whether the click was in the Home tab."""
    view = body.get("view")
    return isinstance(view, Mapping) and view.get("type") == "home"


def message_of(body: Mapping[str, Any]) -> tuple[str, str]:
    """Channel and timestamp of the message that was clicked. Raises Refused `bad_payload`."""
    container = body.get("container")
    found = (container.get("channel_id"), container.get("message_ts")) if isinstance(container, Mapping) else (None, None)
    channel, ts = found
    if not isinstance(channel, str) or not isinstance(ts, str):
        raise Refused("bad_payload", "This button is not in a message.")
    return channel, ts


def button_value(body: Mapping[str, Any]) -> str:
    """The request id that a button carries. Raises Refused `bad_payload`."""
    actions = body.get("actions")
    value = actions[0].get("value") if isinstance(actions, list) and actions and isinstance(actions[0], Mapping) else None
    if not isinstance(value, str) or not value or len(value) > 40:
        raise Refused("bad_payload", "This button is damaged.")
    return value


def _shortened(choice: Choice | None) -> Choice | None:
    return None if choice is None else replace(choice, label=text.plain(choice.label, limits.OPTION_TEXT))


def _person(enterprise: object, team: object, user: object) -> Person:
    if not isinstance(user, str) or not user:
        raise Refused("bad_payload", "Slack did not say who did this.")
    return Person(enterprise if isinstance(enterprise, str) else "", team if isinstance(team, str) else "", user)


def _view(data: object) -> View:
    try:
        return View.model_validate(data)
    except ValidationError as error:
        raise Refused("bad_payload", "Slack sent something that cannot be read.") from error
