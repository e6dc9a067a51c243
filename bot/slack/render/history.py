"""What happened to a request, in lines that a person reads."""

from collections.abc import Callable, Mapping, Sequence

from bot.domain.events import Event, Kind
from bot.domain.people import SYSTEM
from bot.slack.render import text

SHOWN = 40
"""Entries; a modal has at most 100 blocks."""
Words = Callable[[Mapping[str, str]], str]


def history(happened: Sequence[Event]) -> list[str]:
    """One line an entry, oldest first, mrkdwn; the middle is left out where there are too many."""
    lines = [_line(event) for event in happened]
    if len(lines) <= SHOWN:
        return lines
    half = SHOWN // 2
    left_out = f"… {len(lines) - SHOWN} more entries: `rds-restore-bot audit export` has them all"
    return [*lines[:half], left_out, *lines[-half:]]


def _line(event: Event) -> str:
    who = "The bot" if event.actor == SYSTEM else text.person(event.actor.user)
    return f"{text.when(event.at)} {who} {_WORDS[event.kind](event.data)}"


def _state(data: Mapping[str, str]) -> str:
    why = f": {text.said(data['why'], 300)}" if data.get("why") else ""
    return f"moved it from {text.said(data.get('from', '?'))} to *{text.said(data.get('to', '?'))}*{why}"


def _fixed(line: str) -> Words:
    def words_for(data: Mapping[str, str]) -> str:
        return line.format(**{name: text.said(data.get(name, ""), 300) for name in _NAMES})

    return words_for


_NAMES = ("reason", "verb", "code", "why", "percent", "note", "as_expected", "counted")
_WORDS: Mapping[Kind, Words] = {
    Kind.REQUESTED: _fixed("asked: {reason}"),
    Kind.APPROVED_BY: _fixed("approved ({counted} so far)"),
    Kind.REFUSED: _fixed("was refused {verb} ({code})"),
    Kind.REMINDED: _fixed("reminded people"),
    Kind.ESCALATED: _fixed("escalated it"),
    Kind.BROKE_GLASS: _fixed("broke the glass: {reason}"),
    Kind.REVIEWED: _fixed("signed off the break-glass"),
    Kind.INSPECTED: _fixed("looked at the result; as expected: {as_expected}"),
    Kind.STATE: _state,
    Kind.TROUBLE: _fixed("met trouble: {why}"),
    Kind.PROGRESS: _fixed("saw {percent} %"),
    Kind.UNDELIVERABLE: _fixed("could not deliver a message ({note}): {why}"),
}
