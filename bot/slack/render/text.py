"""What people or the cloud wrote is data: it is escaped, then cut, and has no effect as markup."""

import re
from datetime import UTC, datetime, timedelta

from bot.slack.render import limits

ELLIPSIS = "…"
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
"""Control characters, marks that change the direction of reading, characters that show nothing, halves of characters."""
_SPACE = re.compile(r"\s+")
_ENTITY_CUT = re.compile(r"&[a-z]{0,3}$")
_MARKUP_CUT = re.compile(r"<[^<>]*$")
_EMOJI_COLON = re.compile(r":(?=[a-z+][\w+'-]*:)")
_LOOSE_UNDERSCORE = re.compile(r"(?<!\w)_|_(?!\w)")


def one_line(text: str) -> str:
    """The text without control characters, direction marks and line breaks."""
    return _SPACE.sub(" ", _INVISIBLE.sub("", text)).strip()


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, marked where something is missing; never half an entity."""
    if len(text) <= limit:
        return text
    return _ENTITY_CUT.sub("", text[: max(0, limit - 1)]) + ELLIPSIS


def cut_markup(text: str, limit: int) -> str:
    """The same for mrkdwn that has our own markup in it: never half a mention, half a date or an open code span."""
    if len(text) <= limit:
        return text
    kept = _MARKUP_CUT.sub("", _ENTITY_CUT.sub("", text[: max(0, limit - 1)]))
    if kept.count("`") % 2:
        kept = kept[: kept.rindex("`")]
    return kept + ELLIPSIS


def plain(text: str, limit: int = limits.FIELD) -> str:
    """For plain_text objects, which know no markup: only hidden characters go."""
    return cut(_INVISIBLE.sub("", text).strip(), limit)


def escape(text: str) -> str:
    """For mrkdwn: entities for the three characters that Slack reads, look-alikes for those that format."""
    text = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = text.replace("`", "ˋ").replace("*", "∗").replace("~", "∼")  # noqa: RUF001 - the look-alikes are meant
    text = _EMOJI_COLON.sub("꞉", text)  # noqa: RUF001
    return _LOOSE_UNDERSCORE.sub("＿", text)  # noqa: RUF001


def said(text: str, limit: int = 1000) -> str:
    """Words of a person or of the cloud inside mrkdwn."""
    return cut(escape(text), limit)


def code(text: str, limit: int = 200) -> str:
    """A name in a code span, where nothing else is read as markup."""
    text = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("`", "ˋ")  # noqa: RUF001
    return f"`{cut(text, limit) or ' '}`"


def person(user: str) -> str:
    """A mention of a person, by id."""
    return f"<@{user}>"


def mention(name: str) -> str:
    """A mention of a person or a user group, by id."""
    return f"<!subteam^{name}>" if name.startswith("S") else person(name)


def channel(channel_id: str) -> str:
    """A link to a channel, by id."""
    return f"<#{channel_id}>"


def when(moment: datetime) -> str:
    """A moment in the reader's zone, and in UTC."""
    return _in_both(moment, f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")


def exactly(moment: datetime) -> str:
    """The same, with milliseconds where it has some: the cloud restores to the millisecond."""
    there = moment.astimezone(UTC)
    part = f".{there.microsecond // 1000:03}" if there.microsecond >= 1000 else ""
    return _in_both(moment, f"{there:%Y-%m-%d %H:%M:%S}{part} UTC")


def day_time(moment: datetime) -> str:
    """Day and time in the reader's zone: it may be read much later, and be about another day."""
    utc = f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{utc}>"


def _in_both(moment: datetime, utc: str) -> str:
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time_secs}}|{utc}> ({utc})"


def span(length: timedelta) -> str:
    """A length of time in words of at most two units."""
    seconds = int(length.total_seconds())
    if seconds < 1:
        return "less than a second"
    parts = []
    for name, size in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {name}{'s' if number > 1 else ''}")
    return " ".join(parts[:2])


def about(length: timedelta) -> str:
    """An estimate in whole minutes: more would pretend to know."""
    return span(timedelta(minutes=max(1, round(length.total_seconds() / 60))))


def bar(percent: int) -> str:
    """A progress bar of twenty places."""
    full = max(0, min(20, percent // 5))
    return "█" * full + "░" * (20 - full)
