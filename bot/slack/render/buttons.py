"""What can be done with a request as it stands: the buttons of its card."""

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ConfirmObject, MarkdownTextObject, PlainTextObject

from bot.domain.policy import Policy
from bot.domain.request import Request
from bot.domain.states import CANCELLABLE, State
from bot.slack import ids


def decision_buttons(request: Request, policy: Policy | None, block_id: str = "decision") -> list[Block]:
    """One row of buttons; each carries the request id."""
    row = [*_to_decide(request, policy), *_to_judge(request), *_to_look_back(request)]
    if request.state in CANCELLABLE:
        row.append(_button(request, ids.CANCEL, "Cancel", confirm=_cancel(request)))
    row.append(_button(request, ids.DETAILS, "Details"))
    return [ActionsBlock(block_id=block_id, elements=list(row))]


def _to_decide(request: Request, policy: Policy | None) -> list[ButtonElement]:
    if request.state is not State.PENDING:
        return []
    row = [
        _button(request, ids.APPROVE, "Approve…", style="primary"),
        _button(request, ids.DENY, "Deny…", style="danger"),
    ]
    if policy is not None and policy.break_glass:
        row.append(_button(request, ids.BREAK_GLASS, "🚨 Break glass…"))
    return row


def _to_judge(request: Request) -> list[ButtonElement]:
    """Where the cloud does not say, a person must."""
    if request.state is not State.UNKNOWN:
        return []
    never = "It never started" if request.job is None else "It did not work"
    return [
        _button(request, ids.ADOPT_JOB, "It is running: follow it" if request.job is None else "It is done"),
        _button(request, ids.DECLARE_FAILED, never, style="danger", confirm=_never_started(request, never)),
    ]


def _to_look_back(request: Request) -> list[ButtonElement]:
    """After the end: is it what was wanted, is there a way back, was the glass broken?"""
    row = []
    if request.state is State.SUCCEEDED and request.inspection is None:
        row.append(_button(request, ids.VERIFIED, "As expected"))
        row.append(_button(request, ids.NOT_AS_EXPECTED, "Not as expected"))
    if request.has_way_back:
        row.append(_button(request, ids.UNDO, "Undo…"))
    if request.awaits_review and request.closing is not None:
        row.append(_button(request, ids.SIGN_OFF, "Sign off the break-glass"))
    return row


def _button(
    request: Request, action: str, label: str, *, style: str | None = None, confirm: ConfirmObject | None = None
) -> ButtonElement:
    return ButtonElement(action_id=action, value=request.id, text=PlainTextObject(text=label), style=style, confirm=confirm)


def _cancel(request: Request) -> ConfirmObject:
    return _confirm(
        f"Cancel {request.id}?", "The requester can take the request back as long as nothing was sent.", "Cancel it"
    )


def _never_started(request: Request, words_said: str) -> ConfirmObject:
    return _confirm(
        f"End {request.id}?",
        "Say this only if the cloud's console shows it. The target becomes free for a new request.",
        words_said,
    )


def _confirm(title: str, question: str, yes: str) -> ConfirmObject:
    return ConfirmObject(
        title=PlainTextObject(text=title),
        text=MarkdownTextObject(text=question),
        confirm=PlainTextObject(text=yes),
        deny=PlainTextObject(text="Back"),
    )
