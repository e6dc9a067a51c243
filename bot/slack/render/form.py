"""The form that asks for a restore."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    ConversationSelectElement,
    ExternalDataSelectElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    StaticSelectElement,
)
from slack_sdk.models.blocks.basic_components import DispatchActionConfig
from slack_sdk.models.blocks.block_elements import ConversationFilter
from slack_sdk.models.views import View

from bot.slack import ids
from bot.slack.render import blocks, limits, text

TITLE = "Restore a database"


@dataclass(frozen=True, slots=True)
class Choice:
    """An option that was chosen: the cloud's id and the words shown for it."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class FormState:
    """What the form must remember while it is open; kept in the view's private_metadata."""

    channel: str | None
    thread: str | None
    project: str
    execution: str | None = None
    """The step of a workflow that waits for the end, where one does."""
    mode: str = ids.MODE_BACKUP
    source: Choice | None = None
    source_engine: str = ""
    backup: Choice | None = None
    time: str = ""
    target: Choice | None = None
    ranges: tuple[str, ...] = field(default=())
    """What can be restored to, one range a line, mrkdwn."""
    echo: str = ""
    """What the typed time means, mrkdwn."""
    notices: tuple[str, ...] = field(default=())
    """What could not be filled in, in words."""


def skeleton(title: str = TITLE, line: str = "Asking the cloud…", external_id: str | None = None) -> View:
    """What is shown at once, while the rest is read."""
    return View(
        type="modal",
        title=PlainTextObject(text=title),
        close=PlainTextObject(text="Close"),
        external_id=external_id,
        blocks=[blocks.section(f"⏳ {line}")],
    )


def notice(title: str, line: str, *details: str) -> View:
    """A modal that only says something, already escaped."""
    return View(
        type="modal",
        title=PlainTextObject(text=title),
        close=PlainTextObject(text="Close"),
        blocks=[blocks.section(line), *(blocks.section(detail) for detail in details)],
    )


def restore_form(
    state: FormState, projects: Sequence[str], memory: str, *, offers_backup: bool, without: Collection[str] = ()
) -> View:
    """The form. `memory` is the state for private_metadata; `offers_backup`: some policy offers a safety backup; fields in
    `without` are left out."""
    shown: list[Block] = [blocks.section(f"⚠️ {text.said(line)}") for line in state.notices]
    if state.channel is None:
        shown.append(_input(ids.CHANNEL, "Channel", _channel(), hint="The request and its thread are posted here."))
    if len(projects) > 1:
        shown.append(_input(ids.PROJECT, "Project", _projects(projects, state.project), dispatch=True))
    shown.append(
        _input(ids.SOURCE, "Source: where the data comes from", _instances(ids.SOURCE, state.source), dispatch=True)
    )
    shown.append(_input(ids.MODE, "Restore", _modes(state.mode), dispatch=True))
    shown += _point(state)
    shown.append(
        _input(
            ids.TARGET,
            "Target: this instance is overwritten",
            _instances(ids.TARGET, state.target),
            hint="All its data is replaced. That cannot be undone.",
        )
    )
    if state.source_engine == "SQLServer":
        shown.append(_databases())
    if offers_backup:
        shown.append(_safety_backup())
    shown.append(_reason())
    return View(
        type="modal",
        callback_id=ids.RESTORE_FORM,
        title=PlainTextObject(text=TITLE),
        submit=PlainTextObject(text="Check"),
        close=PlainTextObject(text="Close"),
        private_metadata=memory,
        blocks=[block for block in shown if block.block_id not in without],
    )


def option(value: str, label: str, description: str | None = None) -> Option:
    """An option within Slack's limits; the value is never cut."""
    below = text.plain(description or "", limits.OPTION_DESCRIPTION)
    return Option(
        value=value,
        text=PlainTextObject(text=text.plain(label, limits.OPTION_TEXT) or "?", emoji=False),
        description=PlainTextObject(text=below, emoji=False) if below else None,
    )


def _input(
    name: str,
    label: str,
    element: InputInteractiveElement,
    *,
    hint: str | None = None,
    dispatch: bool = False,
    optional: bool = False,
) -> InputBlock:
    return InputBlock(
        block_id=name,
        label=PlainTextObject(text=label),
        element=element,
        hint=PlainTextObject(text=hint) if hint else None,
        dispatch_action=dispatch,
        optional=optional,
    )


def _channel() -> ConversationSelectElement:
    # What a restore cannot live in is not offered: direct messages, and channels shared with another company.
    offered = ConversationFilter(include=["public", "private"], exclude_external_shared_channels=True)
    return ConversationSelectElement(action_id=ids.CHANNEL, default_to_current_conversation=True, filter=offered)


def _projects(projects: Sequence[str], chosen: str) -> StaticSelectElement:
    options = [option(name, name) for name in projects[: limits.OPTIONS]]
    return StaticSelectElement(action_id=ids.PROJECT, options=options, initial_option=option(chosen, chosen))


def _instances(name: str, chosen: Choice | None) -> ExternalDataSelectElement:
    return ExternalDataSelectElement(
        action_id=name,
        placeholder="Type a part of the name",
        min_query_length=0,
        initial_option=option(chosen.id, chosen.label) if chosen else None,
    )


def _modes(chosen: str) -> RadioButtonsElement:
    options = {
        ids.MODE_BACKUP: option(ids.MODE_BACKUP, "A backup", "The state at the end of one backup"),
        ids.MODE_TIMESTAMP: option(ids.MODE_TIMESTAMP, "A point in time", "The state at an exact moment"),
    }
    return RadioButtonsElement(action_id=ids.MODE, options=list(options.values()), initial_option=options[chosen])


def _point(state: FormState) -> list[Block]:
    if state.mode == ids.MODE_BACKUP:
        element = ExternalDataSelectElement(
            action_id=ids.BACKUP,
            placeholder="Newest first" if state.source else "Choose the source first",
            min_query_length=0,
            initial_option=option(state.backup.id, state.backup.label) if state.backup else None,
        )
        return [_input(ids.BACKUP, "Backup", element)]
    moment = PlainTextInputElement(
        action_id=ids.RESTORE_TIME,
        placeholder="2026-11-23 10:00 or 10 minutes ago",
        initial_value=text.plain(state.time, limits.TYPED) or None,
        dispatch_action_config=DispatchActionConfig(trigger_actions_on=["on_enter_pressed"]),
    )
    hint = "In your own time zone, unless you write another one. Enter shows what it means."
    shown: list[Block] = [_input(ids.RESTORE_TIME, "Time", moment, hint=hint, dispatch=True)]
    if state.echo:
        shown.append(blocks.context(state.echo))
    if state.ranges:
        shown.append(blocks.context("*Can be restored:*\n" + "\n".join(state.ranges)))
    return shown


def _databases() -> InputBlock:
    element = PlainTextInputElement(action_id=ids.DATABASES, multiline=True, placeholder="orders = orders_old")
    hint = "One a line: name = new name(s). Empty restores all databases."
    return _input(ids.DATABASES, "Databases", element, hint=hint, optional=True)


def _safety_backup() -> InputBlock:
    wanted = option("yes", "Back up the target first", "Takes longer; it is the only way back")
    element = CheckboxesElement(action_id=ids.SAFETY_BACKUP, options=[wanted])
    return _input(ids.SAFETY_BACKUP, "Safety backup", element, optional=True)


def _reason() -> InputBlock:
    element = PlainTextInputElement(action_id=ids.REASON, multiline=True, max_length=limits.REASON, min_length=3)
    return _input(ids.REASON, "Reason", element, hint="The approver and the audit log see this.")
