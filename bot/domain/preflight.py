"""Everything that is checked before a restore is asked for, shown on the card, and checked again before the call."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain import rules_instances as instances
from bot.domain import rules_point as point
from bot.domain.facts import Facts, Instance
from bot.domain.findings import Finding, blockers
from bot.domain.progress import estimate
from bot.domain.request import Wish, lost

Rule = Callable[[Facts], Finding | None]
INSTANCE_RULES: tuple[Rule, ...] = (
    instances.same_engine,
    instances.version,
    instances.storage,
    instances.table_name_case,
    instances.time_zone,
    instances.source_status,
    instances.target_status,
    instances.not_a_replica,
    instances.not_busy,
    instances.onto_itself,
    instances.same_network,
    instances.encryption,
    instances.middleware,
    instances.disaster_recovery,
)


def preflight(wish: Wish, facts: Facts, now: datetime) -> tuple[Finding, ...]:
    """What every rule that applies has found. A fact that is not known is a warning, never silently fine."""
    found = [
        point.backup_usable(wish, facts),
        point.not_in_the_future(wish, now),
        point.inside_a_window(wish, facts),
        point.databases(wish, facts),
        *(rule(facts) for rule in INSTANCE_RULES),
    ]
    return tuple(finding for finding in found if finding is not None)


def unfit_target(source: Instance, target: Instance, now: datetime) -> str | None:
    """Why the cloud would refuse to restore the one onto the other, as far as a list of instances tells; None if it would
    not."""
    facts = Facts(now, source, target)
    stops = blockers([finding for rule in INSTANCE_RULES if (finding := rule(facts)) is not None])
    return stops[0].text if stops else None


def consequences(wish: Wish, facts: Facts, now: datetime) -> tuple[str, ...]:
    """What the restore costs, in plain sentences."""
    target = facts.target.name
    said = [
        f"All data on {target} is replaced. That cannot be undone.",
        f"What {facts.source.name} has written in the last {_span(lost(wish.point, now))} is not part of it.",
        f"{target} cannot be used while the restore runs.",
        f"The admin password of {target} becomes the one of the restored data.",
    ]
    expected = estimate(facts, wish.point)
    if expected is not None:
        said.append(f"It may take about {_span(expected)} (an estimate from the size).")
    if wish.safety_backup:
        said.append(f"Before that, a backup of {target} is made.")
    said.append("The cloud makes a full backup afterwards by itself.")
    return tuple(said)


def _span(length: timedelta) -> str:
    minutes = max(1, round(length.total_seconds() / 60))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [
        f"{number} {word}{'s' if number > 1 else ''}"
        for number, word in ((days, "day"), (hours, "hour"), (rest, "minute"))
        if number
    ]
    return " ".join(parts[:2])
