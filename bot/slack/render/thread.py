"""The messages under the card: milestones, not ticks."""

from collections.abc import Callable, Mapping

from bot.domain.errors import Misconfigured
from bot.domain.events import Milestone, Owed
from bot.domain.policy import Policy
from bot.domain.request import Request
from bot.domain.states import FINAL, State
from bot.slack.render import blocks, limits, text, words
from bot.slack.render.card import Message

Words = Callable[[Request, Policy | None, Mapping[str, str]], str]


def reply(request: Request, policy: Policy | None, owed: Owed) -> Message:
    """One milestone. Raises Misconfigured for a milestone of a newer program."""
    if owed.milestone is None:
        raise Misconfigured("unknown_milestone", f"{request.id} owes a message without a milestone.")
    line = _WORDS[owed.milestone](request, policy, owed.data)
    return Message(text=text.cut_markup(line, limits.SECTION), blocks=blocks.dumped([blocks.section(line)]))


def to_requester(request: Request, policy: Policy | None, owed: Owed, link: str | None) -> Message:
    """The outcome for the requester in private, with a link to the card."""
    way = f"\n<{link}|Open the request>" if link else ""
    said = reply(request, policy, owed).text
    mine = "Your request" if request.id in said else f"Your request *{request.id}*"
    line = text.cut_markup(f"{mine}: {said}", limits.SECTION - len(way)) + way
    return Message(text=line, blocks=blocks.dumped([blocks.section(line)]))


def plain_outcome(request: Request) -> str:
    """How it ended in one plain sentence, for other programs: no markup, no mentions."""
    why = request.closing.why if request.closing else ""
    said = f"{request.id}: {words.STATE[request.state][1]}."
    return text.plain(f"{said} {why}".strip(), limits.FIELD)


def _requested(request: Request, policy: Policy | None, data: Mapping[str, str]) -> str:
    del data
    wanted = words.seats(policy.panel, policy.notify) if policy is not None else "somebody"
    # Who is named as an approver is called by that already.
    called = [name for name in policy.notify if name not in policy.everybody_who_approves] if policy is not None else []
    return (
        f"{words.mentions(called)} The approval of {wanted} is needed until {text.day_time(request.expires_at)}. "
        f"{text.person(request.requester.user)} asked and cannot approve."
    ).strip()


def _approved_by(request: Request, policy: Policy | None, data: Mapping[str, str]) -> str:
    del request
    return f"✓ {text.person(data['user'])} approved ({data['counted']} of {words.needed(policy)})."


def _reminder(request: Request, policy: Policy | None, data: Mapping[str, str]) -> str:
    return (
        f"🔔 {words.approvers(policy)} {request.id} still waits for a decision and expires in "
        f"{data.get('minutes_left', '?')} minutes."
    )


def _escalated(request: Request, policy: Policy | None, data: Mapping[str, str]) -> str:
    called = words.mentions(policy.escalate_to) if policy is not None else ""
    return (
        f"📣 {called} nobody has decided on {request.id}; it expires in {data.get('minutes_left', '?')} minutes. "
        f"Who may approve: {words.seats(policy.panel) if policy is not None else 'nobody'}."
    )


def _broke_glass(request: Request, policy: Policy | None, data: Mapping[str, str]) -> str:
    return (
        f"🚨 {words.approvers(policy)} {text.person(data['user'])} *broke the glass*: {request.id} starts without the "
        f"approvals. Reason: {text.said(data['reason'])}"
    )


def _review_due(request: Request, policy: Policy | None, data: Mapping[str, str]) -> str:
    del data
    return f"🚨 {words.approvers(policy)} the break-glass of {request.id} must still be signed off: a button on the card."


def _reviewed(request: Request, policy: Policy | None, data: Mapping[str, str]) -> str:
    del policy
    return f"✓ {text.person(data['user'])} signed off the break-glass of {request.id}."


def _inspected(request: Request, policy: Policy | None, data: Mapping[str, str]) -> str:
    who = text.person(data["user"])
    if data["as_expected"] == "yes":
        return f"👍 {who} has looked at {text.code(request.wish.target.name)}: as expected."
    way = " The card has a button to undo it." if request.has_way_back else ""
    return f"👎 {words.approvers(policy)} {who} has looked at {text.code(request.wish.target.name)}: *not as expected*.{way}"


def _submitted(request: Request, policy: Policy | None, data: Mapping[str, str]) -> str:
    del policy, data
    return f"📨 The facts were read again and still hold. Now {text.code(request.wish.target.name)} is being overwritten."


def _unknown(request: Request, policy: Policy | None, data: Mapping[str, str]) -> str:
    del data
    return (
        f"❓ {words.approvers(policy)} nobody can say whether the cloud took the recovery call for "
        f"{text.code(request.wish.target.name)}. It is not sent again. Please look, and press a button on the card."
    )


def _stuck(request: Request, policy: Policy | None, data: Mapping[str, str]) -> str:
    line = f"⚠️ {words.approvers(policy)} {text.said(data['why'])}"
    if request.state in FINAL:
        return line
    return f"{line} The job is still followed." if request.state is State.RESTORING else f"{line} The card has the buttons."


def _no_card(request: Request, policy: Policy | None, data: Mapping[str, str]) -> str:
    del policy
    return (
        f"⚠️ its card could not be posted in {text.channel(request.place.channel)}. {text.said(data['why'])} "
        f"Approvers find it in the Home tab of this app. Or type `/rds-restore cancel {request.id}`, and ask again in a "
        "channel that I am in."
    )


def _outcome(request: Request, policy: Policy | None, data: Mapping[str, str]) -> str:
    del policy, data
    sign, word = words.STATE[request.state]
    return f"{sign} *{word}* ({request.id}). {words.outcome(request)}"


def _fixed(line: str) -> Words:
    def words_for(request: Request, policy: Policy | None, data: Mapping[str, str]) -> str:
        del policy
        return line.format(
            target=text.code(request.wish.target.name),
            percent=data.get("percent", "?"),
            why=text.said(data.get("why", "")),
            backup=text.code(request.backup.name) if request.backup else "",
        )

    return words_for


_WORDS: Mapping[Milestone, Words] = {
    Milestone.REQUESTED: _requested,
    Milestone.APPROVED_BY: _approved_by,
    Milestone.REMINDER: _reminder,
    Milestone.BACKUP_STARTED: _fixed("🛟 A backup of {target} is made first: {backup}."),
    Milestone.BACKUP_DONE: _fixed("🛟 The backup {backup} is complete."),
    Milestone.SUBMITTED: _submitted,
    Milestone.PROGRESS: _fixed("🔄 {percent} % done."),
    Milestone.STUCK: _stuck,
    Milestone.TROUBLE: _fixed("⚠️ {why} It will be looked at again."),
    Milestone.UNKNOWN: _unknown,
    Milestone.ADOPTED: _fixed("🔎 The cloud's restore task for {target} was found; it is followed from now on."),
    Milestone.ESCALATED: _escalated,
    Milestone.BROKE_GLASS: _broke_glass,
    Milestone.REVIEW_DUE: _review_due,
    Milestone.REVIEWED: _reviewed,
    Milestone.INSPECTED: _inspected,
    Milestone.NO_CARD: _no_card,
    Milestone.OUTCOME: _outcome,
}
