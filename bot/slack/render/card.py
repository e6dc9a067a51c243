"""The card: one message for a request, rendered from its stored state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ConfirmObject, MarkdownTextObject, PlainTextObject

from bot.domain.findings import Finding, Severity
from bot.domain.policy import Policy
from bot.domain.progress import estimate, remaining
from bot.domain.request import Request, lost
from bot.domain.states import CANCELLABLE, FINAL, State
from bot.slack import ids
from bot.slack.render import blocks, text, words


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: blocks, and the text for notifications and screen readers."""

    text: str
    blocks: list[dict[str, object]]


def card(request: Request, policy: Policy | None, now: datetime) -> Message:
    """The request's message as it should look at `now`."""
    wish = request.wish
    shown: list[Block] = [
        blocks.header(words.title(request)),
        blocks.section(f"{text.person(request.requester.user)} asks to {words.what(request)}."),
        blocks.fields(_facts(request, policy)),
        blocks.context("*Reason*"),
        blocks.quoted(wish.reason),
    ]
    shown += _progress(request, now)
    shown += _findings(request.findings) if request.state not in FINAL else []
    if request.trouble and request.state not in FINAL:
        shown.append(blocks.section(f"⚠️ {text.said(request.trouble)}"))
    if request.state is State.UNKNOWN:
        shown.append(blocks.section(_unknown(request)))
    if request.closing is not None:
        shown.append(blocks.section(words.outcome(request)))
    shown += decision_buttons(request)
    shown.append(blocks.context(_small_print(request)))
    sign, state = words.STATE[request.state]
    summary = f"{sign} {state}: {request.id}, {text.said(wish.source.name, 200)} onto {text.said(wish.target.name, 200)}"
    return Message(text=summary, blocks=blocks.dumped(shown))


def _facts(request: Request, policy: Policy | None) -> list[tuple[str, str]]:
    facts, wish = request.facts, request.wish
    left_out = text.span(lost(wish.point, request.opened_at))
    pairs = [
        (
            "Will be overwritten",
            _instance(facts.target.name, facts.target.engine, facts.target.version, facts.target.storage_gb),
        ),
        ("Source", _instance(facts.source.name, facts.source.engine, facts.source.version, facts.source.storage_gb)),
        ("Restore point", words.point(request)),
        ("Newer data left out", f"{left_out} before the request"),
        ("Approvals", _approvals(request, policy)),
    ]
    expected = estimate(facts, wish.point)
    if expected is not None:
        pairs.append(("May take", f"about {text.about(expected)} (estimate)"))
    if wish.safety_backup:
        pairs.append(("Safety backup", _safety_backup(request)))
    if wish.databases is not None:
        pairs.append(("Databases", text.said(", ".join(sorted(wish.databases)), 300)))
    return pairs


def _instance(name: str, engine: str, version: str, size: int | None) -> str:
    return (
        f"{text.code(name)}\n{text.said(engine)} {text.said(version)}, {'size not known' if size is None else f'{size} GB'}"
    )


def _approvals(request: Request, policy: Policy | None) -> str:
    given = ", ".join(f"{text.person(approval.person.user)} ✓" for approval in request.approvals)
    count = f"{len(request.approvals)} of {words.needed(policy)}"
    if request.state is not State.PENDING:
        return f"{count}{': ' + given if given else ''}"
    waiting = f"waiting for {words.approvers(policy)}" if policy is not None else "nobody may approve"
    return f"{count}{': ' + given if given else ''}, {waiting}"


def _safety_backup(request: Request) -> str:
    if request.backup is None:
        return "of the target, before it is overwritten"
    return f"{text.code(request.backup.name)} {'done' if request.backup.done else 'is being made'}"


def _progress(request: Request, now: datetime) -> list[Block]:
    if request.state is not State.RESTORING or request.submitted_at is None:
        return []
    percent = (request.job.percent if request.job else None) or 0
    line = f"{text.bar(percent)} *{percent} %*, running for {text.span(now - request.submitted_at)}"
    left = remaining(request, now)
    if left is not None:
        line += f", about {text.span(left)} to go (estimate)"
    return [blocks.section(line)]


def _findings(findings: Sequence[Finding]) -> list[Block]:
    warnings = [f"⚠️ {text.said(finding.text)}" for finding in findings if finding.severity is Severity.WARNING]
    stops = [f"⛔ {text.said(finding.text)}" for finding in findings if finding.severity is Severity.BLOCKER]
    passed = sum(finding.severity is Severity.OK for finding in findings)
    lines = [*stops, *warnings, f"✓ {passed} checks passed"]
    return [blocks.section("\n".join(lines))]


def _unknown(request: Request) -> str:
    if request.job is not None:
        return "Look at the instance in the cloud's console, then say what you see."
    return (
        "The answer to the recovery call was lost, and the cloud shows no restore task. It is never sent again by itself. "
        "Look at the instance in the cloud's console, then say what you see."
    )


def decision_buttons(request: Request, block_id: str = "decision") -> list[Block]:
    """What can be done with the request as it stands; nothing where it is finished."""
    buttons: list[ButtonElement] = []
    if request.state is State.PENDING:
        buttons += [
            _button(request, ids.APPROVE, "Approve…", style="primary"),
            _button(request, ids.DENY, "Deny…", style="danger"),
        ]
    if request.state is State.UNKNOWN:
        never = "It never started" if request.job is None else "It did not work"
        buttons += [
            _button(request, ids.ADOPT_JOB, "It is running: follow it" if request.job is None else "It is done"),
            _button(request, ids.DECLARE_FAILED, never, style="danger", confirm=_never_started(request, never)),
        ]
    if request.state in CANCELLABLE:
        buttons.append(_button(request, ids.CANCEL, "Cancel", confirm=_cancel(request)))
    if request.state not in FINAL:
        buttons.append(_button(request, ids.DETAILS, "Details"))
    return [ActionsBlock(block_id=block_id, elements=list(buttons))] if buttons else []


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


def _small_print(request: Request) -> str:
    parts = [
        f"*{request.id}*",
        f"project {text.said(request.wish.project, 60)}",
        f"asked {text.clock_time(request.opened_at)}",
    ]
    if request.state is State.PENDING:
        parts.append(f"expires {text.clock_time(request.expires_at)}")
    if request.job is not None:
        parts.append(f"job {text.code(request.job.id)}")
    parts.append(f"facts read {text.clock_time(request.facts.read_at)}")
    return " · ".join(parts)
