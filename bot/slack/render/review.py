"""The modals that show what a restore means, and ask for a confirmation or a decision."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, InputBlock, PlainTextInputElement, PlainTextObject
from slack_sdk.models.views import View

from bot.domain.events import Event
from bot.domain.facts import FactChange, Facts
from bot.domain.findings import Finding, Severity, blockers
from bot.domain.policy import Policy
from bot.domain.request import Request
from bot.slack import ids
from bot.slack.render import blocks, limits, text, words
from bot.slack.render.history import history

_SIGN = {Severity.OK: "✓", Severity.WARNING: "⚠️", Severity.BLOCKER: "⛔"}


def summary(request: Request, consequences: Sequence[str]) -> View:
    """What will be overwritten, in plain words, before the request is made."""
    shown: list[Block] = [
        blocks.section(f"You ask to {words.what(request)}."),
        *_databases(request),
        blocks.section("*What this means*\n" + _list(consequences)),
        *_warnings(request.findings),
        blocks.context("*Reason*"),
        blocks.quoted(request.wish.reason),
        blocks.context("Somebody else must approve. Nothing happens before that."),
    ]
    return View(
        type="modal",
        callback_id=ids.CONFIRM_REQUEST,
        title=PlainTextObject(text="Overwrite this?"),
        submit=PlainTextObject(text="Ask for approval"),
        close=PlainTextObject(text="Back"),
        private_metadata=request.id,
        blocks=shown,
    )


def problems(findings: Sequence[Finding]) -> View:
    """Why it cannot be, where the form could not be told in time."""
    shown: list[Block] = [blocks.section("This restore is not possible. Go back and change the form.")]
    shown.append(blocks.section(_findings(blockers(findings))))
    return View(
        type="modal",
        title=PlainTextObject(text="Not possible"),
        close=PlainTextObject(text="Back"),
        blocks=shown,
    )


def approve_form(
    request: Request,
    facts: Facts,
    findings: Sequence[Finding],
    changed: Sequence[FactChange],
    consequences: Sequence[str],
    memory: str,
    *,
    type_name: bool,
) -> View:
    """Fresh facts for the approver, and the field that confirms the overwriting. No submit where a rule forbids it."""
    forbidden = bool(blockers(findings))
    shown: list[Block] = [
        blocks.section(f"{text.person(request.requester.user)} asks to {words.what(request)}."),
        *_databases(request),
        blocks.quoted(request.wish.reason),
        *_changes(changed),
        blocks.section("*What this means*\n" + _list(consequences)),
        blocks.section(_in_short(findings)),
        blocks.context(f"Facts read {text.when(facts.read_at)}. They are read again before the call is made."),
    ]
    if forbidden:
        shown.append(blocks.section("⛔ As things are, this restore would be refused. You can deny it, or wait."))
    elif type_name:
        shown.append(_confirm_target(request))
    return View(
        type="modal",
        callback_id=ids.APPROVE_FORM,
        title=PlainTextObject(text="Approve?"),
        submit=None if forbidden else PlainTextObject(text="Approve"),
        close=PlainTextObject(text="Close"),
        private_metadata=memory,
        blocks=shown,
    )


def break_glass_form(
    request: Request,
    policy: Policy | None,
    findings: Sequence[Finding],
    consequences: Sequence[str],
    memory: str,
    *,
    type_name: bool,
) -> View:
    """Says what is bypassed, and asks why. No submit where a rule of the cloud forbids the restore."""
    forbidden = bool(blockers(findings))
    bypassed = f"the approval of {words.seats(policy.panel)}" if policy is not None else "every approval"
    shown: list[Block] = [
        blocks.section(f"🚨 You start this restore *alone*. What is bypassed: {bypassed}, and any freeze that is on."),
        blocks.section(f"It will {words.what(request)}."),
        *_databases(request),
        blocks.section("*What this means*\n" + _list(consequences)),
        blocks.section(_in_short(findings)),
        blocks.context("It is announced at once. Somebody else must sign it off afterwards. The checks are not bypassed."),
    ]
    if forbidden:
        shown.append(blocks.section("⛔ As things are, the cloud would refuse this restore."))
    else:
        shown += [_confirm_target(request)] if type_name else []
        shown.append(_reason("Why can it not wait?", "Everybody in the channel sees this."))
    return View(
        type="modal",
        callback_id=ids.BREAK_GLASS_FORM,
        title=PlainTextObject(text="Break glass?"),
        submit=None if forbidden else PlainTextObject(text="Start it now"),
        close=PlainTextObject(text="Close"),
        private_metadata=memory,
        blocks=shown,
    )


def deny_form(request: Request, memory: str) -> View:
    """Asks for the reason of a denial."""
    return View(
        type="modal",
        callback_id=ids.DENY_FORM,
        title=PlainTextObject(text="Deny?"),
        submit=PlainTextObject(text="Deny"),
        close=PlainTextObject(text="Close"),
        private_metadata=memory,
        blocks=[
            blocks.section(f"{text.person(request.requester.user)} asks to {words.what(request)}."),
            _reason("Reason", "The requester and the channel see this."),
        ],
    )


def details(request: Request, policy: Policy | None, happened: Sequence[Event]) -> View:
    """Everything on record: the facts, the checks, and what happened."""
    shown: list[Block] = [
        blocks.section(f"{words.STATE[request.state][0]} *{words.STATE[request.state][1]}*"),
        blocks.section(f"{text.person(request.requester.user)} asks to {words.what(request)}."),
        *_databases(request),
        blocks.section(f"*Approvals*\n{words.approvals(request, policy, in_window=True)}"),
        blocks.section("*Checks*\n" + _findings(request.findings)),
        blocks.section("*History*"),
        *(blocks.context(line) for line in history(happened)),
        blocks.context(f"Fingerprint of what is approved: {text.code(request.wish.digest(request.facts))}"),
    ]
    return View(
        type="modal",
        title=PlainTextObject(text=text.cut(f"Request {request.id}", limits.TITLE)),
        close=PlainTextObject(text="Close"),
        blocks=shown,
    )


def _databases(request: Request) -> list[Block]:
    """Which databases under which names, where not all are restored as they are."""
    names = request.wish.databases
    return [] if names is None else [blocks.section(f"*Databases*\n{words.databases(names)}")]


def _confirm_target(request: Request) -> InputBlock:
    name = text.plain(request.wish.target.name, 100)
    return InputBlock(
        block_id=ids.CONFIRM_TARGET,
        label=PlainTextObject(text=f"Type the target's name: {name}", emoji=False),
        element=PlainTextInputElement(
            action_id=ids.CONFIRM_TARGET, placeholder=PlainTextObject(text=name or "?", emoji=False)
        ),
        hint=PlainTextObject(text="All data on this instance is replaced."),
    )


def _reason(label: str, hint: str) -> InputBlock:
    return InputBlock(
        block_id=ids.REASON,
        label=PlainTextObject(text=label),
        element=PlainTextInputElement(action_id=ids.REASON, multiline=True, max_length=limits.REASON, min_length=3),
        hint=PlainTextObject(text=hint),
    )


def _changes(changed: Sequence[FactChange]) -> list[Block]:
    if not changed:
        return []
    lines = [
        f"• {text.said(change.name)}: was {text.said(change.before)}, is now {text.said(change.now)}" for change in changed
    ]
    return [blocks.section("⚠️ *Changed since the request was made*\n" + "\n".join(lines))]


def _warnings(findings: Sequence[Finding]) -> list[Block]:
    warned = [finding for finding in findings if finding.severity is Severity.WARNING]
    return [blocks.section("*Please note*\n" + _findings(warned))] if warned else []


def _findings(findings: Sequence[Finding]) -> str:
    weight = {Severity.BLOCKER: 0, Severity.WARNING: 1, Severity.OK: 2}
    ordered = sorted(findings, key=lambda finding: weight[finding.severity])
    return "\n".join(f"{_SIGN[finding.severity]} {text.said(finding.text, 250)}" for finding in ordered) or "none"


def _in_short(findings: Sequence[Finding]) -> str:
    """What stands against it, and how much does not: an approver on a phone must not have to scroll past it."""
    against = [finding for finding in findings if finding.severity is not Severity.OK]
    passed = len(findings) - len(against)
    return "\n".join([*([_findings(against)] if against else []), f"✓ {passed} checks passed (the card's Details has them)"])


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"• {text.said(line, 400)}" for line in lines)
