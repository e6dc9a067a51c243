"""The card: one message for a request, rendered from its stored state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.domain.findings import Finding, Severity
from bot.domain.policy import Policy
from bot.domain.progress import estimate, remaining
from bot.domain.request import Request, lost
from bot.domain.states import FINAL, State
from bot.slack.render import blocks, text, words
from bot.slack.render.buttons import decision_buttons


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
    said = (words.outcome(request), words.glass(request), words.inspection(request))
    shown += [blocks.section(line) for line in said if line]
    shown += decision_buttons(request, policy)
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
        ("Approvals", words.approvals(request, policy)),
    ]
    expected = estimate(facts, wish.point)
    # While it runs, the progress tells what is left.
    if expected is not None and request.state not in FINAL | {State.RESTORING}:
        pairs.append(("May take", f"about {text.about(expected)} (estimate)"))
    if wish.safety_backup:
        pairs.append(("Safety backup", _safety_backup(request)))
    if wish.databases is not None:
        pairs.append(("Databases", text.cut_markup(words.databases(wish.databases), 500)))
    return pairs


def _instance(name: str, engine: str, version: str, size: int | None) -> str:
    return (
        f"{text.code(name)}\n{text.said(engine)} {text.said(version)}, {'size not known' if size is None else f'{size} GB'}"
    )


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


def _small_print(request: Request) -> str:
    parts = [
        f"*{request.id}*",
        f"project {text.said(request.wish.project, 60)}",
        f"asked {text.day_time(request.opened_at)}",
    ]
    if request.state is State.PENDING:
        parts.append(f"expires {text.day_time(request.expires_at)}")
    if request.job is not None:
        parts.append(f"job {text.code(request.job.id)}")
    parts.append(f"facts read {text.day_time(request.facts.read_at)}")
    return " · ".join(parts)
