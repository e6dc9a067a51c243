"""The message with which a workflow invites somebody to ask for a restore."""

from slack_sdk.models.blocks import ActionsBlock, ButtonElement, PlainTextObject

from bot.slack import ids
from bot.slack.render import blocks, text
from bot.slack.render.card import Message
from bot.slack.step import Invitation, StepInputs


def invitation(inputs: StepInputs, invited: Invitation) -> Message:
    """Says what the workflow would have, with a button that opens the form filled in."""
    when = f" as of {text.said(inputs.restore_time, 100)}" if inputs.restore_time else ""
    when = when or (f" from backup {text.code(inputs.backup)}" if inputs.backup else "")
    onto = f" onto {text.code(inputs.target)}" if inputs.target else ""
    line = f"A workflow would have {text.code(inputs.source)} restored{onto}{when}. Whoever opens the form asks for it."
    button = ButtonElement(
        action_id=ids.ACCEPT_STEP,
        value=invited.model_dump_json(),
        text=PlainTextObject(text="Open the form"),
        style="primary",
    )
    shown = [blocks.section(line), ActionsBlock(block_id=ids.ACCEPT_STEP, elements=[button])]
    if inputs.reason:
        shown.insert(1, blocks.quoted(inputs.reason))
    return Message(text=line, blocks=blocks.dumped(shown))
