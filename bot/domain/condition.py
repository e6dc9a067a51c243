"""How a part of the installation stands, and what the operator does now."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

CLOCK_DOUBTFUL = 30
"""Seconds of difference from which a clock is worth a look."""


class Status(StrEnum):
    """How a part of the installation stands, from best to worst."""

    OK = "OK"
    WARN = "WARN"
    """It works, but not all of it or not for ever; or it could not be asked."""
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Condition:
    """What one check found out. `next_step` is what the operator does now; empty where all is well. `because_of`: why it
    was not asked at all, else empty."""

    status: Status
    detail: str
    next_step: str = ""
    because_of: str = ""


def fine(detail: str) -> Condition:
    """All is well."""
    return Condition(Status.OK, detail)


def doubtful(detail: str, next_step: str) -> Condition:
    """Worth a look."""
    return Condition(Status.WARN, detail, next_step)


def wrong(detail: str, next_step: str) -> Condition:
    """Something does not work."""
    return Condition(Status.FAIL, detail, next_step)


def not_asked(because_of: str) -> Condition:
    """Another check failed on which this one stands."""
    step = f"Mend {because_of} first, then run `check` again."
    return Condition(Status.WARN, f"Not asked, because of {because_of}.", step, because_of)


def worst(statuses: Iterable[Status]) -> Status:
    """The worst of them; OK where there are none."""
    order = list(Status)
    return max(statuses, key=order.index, default=Status.OK)


def together(found: Iterable[Condition], otherwise: str) -> Condition:
    """One condition from several: what is not well in all of them, or the sentence `otherwise` where all are well."""
    bad = [each for each in found if each.status is not Status.OK]
    if not bad:
        return fine(otherwise)
    details = " ".join(dict.fromkeys(each.detail for each in bad))
    steps = " ".join(dict.fromkeys(each.next_step for each in bad))
    causes = {each.because_of for each in bad}
    return Condition(worst(each.status for each in bad), details, steps, causes.pop() if len(causes) == 1 else "")


def clock(skew: float | None, whose: str, limit: float) -> Condition:
    """Compare our clock with that of a service. `skew`: seconds by which ours is ahead, None where the service did not
    tell; `limit`: seconds from which the service refuses us."""
    if skew is None:
        return doubtful(f"{whose} did not tell the time.", "Compare the server's clock with another one.")
    off = f"This machine's clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} that of {whose}"
    step = "Set this machine's clock right: let it follow a time server (NTP)."
    if abs(skew) >= limit:
        return wrong(f"{off}; past {limit / 60:.0f} minutes calls are refused.", step)
    if abs(skew) >= CLOCK_DOUBTFUL:
        return doubtful(f"{off}.", step)
    return fine(f"Less than {CLOCK_DOUBTFUL} s between this machine's clock and that of {whose}.")
