"""Reads the moment that a person typed, in the person's own time zone."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dateparser

from bot.domain.errors import Refused
from bot.slack import ids

_EPOCH_MS = re.compile(r"^\d{13}$")
_LOCAL = re.compile(r"^\d{4}-\d{2}-\d{2}[ T]\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?$")
EXAMPLES = "2026-11-23 10:00, 2026-11-23T10:00:00+01:00, 1763888400000 or “10 minutes ago”"


def read_time(typed: str, zone_name: str, now: datetime) -> datetime:
    """The moment in UTC, to the millisecond (the cloud's unit).

    Understood: ISO 8601 with a zone; local `YYYY-MM-DD HH:MM[:SS[.mmm]]` in the zone; epoch milliseconds; words such as
    "10 minutes ago". Raises Refused with field `restore_time`.
    """
    typed = " ".join(typed.split())
    if not typed:
        raise _refused("time.missing", "Say when to go back to.")
    moment = _read(typed, _zone(zone_name), now)
    if moment > now:
        raise _refused("time.future", f"{moment:%Y-%m-%d %H:%M:%S} UTC lies in the future.")
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _read(typed: str, zone: ZoneInfo, now: datetime) -> datetime:
    if _EPOCH_MS.match(typed):
        return datetime.fromtimestamp(int(typed) // 1000, UTC) + timedelta(milliseconds=int(typed) % 1000)
    if _LOCAL.match(typed):
        return _local(typed, zone)
    try:
        exact = datetime.fromisoformat(typed)
    except ValueError:
        return _words(typed, zone, now)
    return exact.astimezone(UTC) if exact.tzinfo is not None else _unambiguous(exact, zone)


def _local(typed: str, zone: ZoneInfo) -> datetime:
    date, clock = typed.replace("T", " ").split(" ")
    if clock.index(":") == 1:
        clock = f"0{clock}"
    try:
        naive = datetime.fromisoformat(f"{date} {clock}")
    except ValueError as error:
        raise _refused("time.impossible", f"There is no such time as {typed}.") from error
    return _unambiguous(naive, zone)


def _unambiguous(naive: datetime, zone: ZoneInfo) -> datetime:
    """The moment of a local time, if there is exactly one: clocks are put forward and back."""
    first, second = (naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    if first.astimezone(zone).replace(tzinfo=None) != naive:
        raise _refused("time.skipped", f"{naive} does not exist in {zone.key}: the clocks were put forward.")
    raise _refused(
        "time.twice",
        f"{naive} happened twice in {zone.key}. Say which: {first:%Y-%m-%dT%H:%M:%S}Z or {second:%Y-%m-%dT%H:%M:%S}Z.",
    )


def _words(typed: str, zone: ZoneInfo, now: datetime) -> datetime:
    found = dateparser.parse(
        typed,
        languages=["en"],
        settings={
            "TIMEZONE": zone.key,
            "TO_TIMEZONE": "UTC",
            "RETURN_AS_TIMEZONE_AWARE": True,
            "PREFER_DATES_FROM": "past",
            "RELATIVE_BASE": now.astimezone(zone).replace(tzinfo=None),
        },
    )
    if found is None:
        raise _refused("time.unreadable", f"This time cannot be read. Type for example {EXAMPLES}.")
    return found.astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _refused(code: str, message: str) -> Refused:
    return Refused(code, message, field=ids.RESTORE_TIME)
