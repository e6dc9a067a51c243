"""The checks that ask the cloud, for each project."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.cli.checks.report import CORRECT_IT, PATIENCE, Result, run, skipped, told
from bot.cloud.inspection import ACTIONS, Inspection
from bot.cloud.rds import HuaweiCloud
from bot.domain.condition import Condition, Status, doubtful, wrong
from bot.domain.errors import BotError

REACHABLE, CREDENTIALS, API_VERSION, CLOCK, BUDGET = "reachable", "credentials", "api_version", "clock", "budget"
NAMES = (REACHABLE, CREDENTIALS, CLOCK, BUDGET, API_VERSION, *ACTIONS)
"""Of each project; each stands after `cloud PROJECT`."""
BACK_UP = "rds:backup:create"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a project's checks found, and its instances' names; None where the cloud did not tell them."""

    project: str
    results: Sequence[Result]
    instances: Sequence[str] | None


async def ask_cloud(cloud: HuaweiCloud, project: str, *, backs_up: bool) -> Asked:
    """All of them, in the order of `NAMES`. `backs_up`: whether a policy wants or offers a backup before a restore."""
    inspection = cloud.inspection(project)

    def named(name: str) -> str:
        return f"cloud {project} {name}"

    first = await run(named(REACHABLE), inspection.reachable)
    results = [
        first,
        _told_after(first.name, told(named(CREDENTIALS), inspection.credentials)),
        _told_after(first.name, told(named(CLOCK), inspection.clock)),
        told(named(BUDGET), inspection.budget),
    ]
    rest = [named(name) for name in NAMES if named(name) not in {result.name for result in results}]
    if inspection.is_shut_out or first.condition.status is Status.FAIL:
        blocking = REACHABLE if first.condition.status is Status.FAIL else CREDENTIALS
        return Asked(project, results + skipped(rest, f"`{named(blocking)}`"), None)
    asked = [run(named(API_VERSION), inspection.api_version)]
    asked += [run(named(name), partial(_action, inspection, name, backs_up=backs_up)) for name in ACTIONS]
    found, instances = await asyncio.gather(asyncio.gather(*asked), _instances(cloud, project))
    return Asked(project, [*results, *found], instances)


def unable(project: str, error: BotError) -> Asked:
    """No client could be made, so nothing was asked."""
    blocking, *rest = (f"cloud {project} {name}" for name in NAMES)
    return Asked(project, [Result(blocking, wrong(error.message, CORRECT_IT)), *skipped(rest, f"`{blocking}`")], None)


def _told_after(reachable: str, result: Result) -> Result:
    """What is not asked because the cloud is unreachable stands under the check that says so."""
    if not result.condition.because_of:
        return result
    return replace(result, condition=replace(result.condition, because_of=f"`{reachable}`"))


async def _action(inspection: Inspection, name: str, *, backs_up: bool) -> Condition:
    found = await inspection.action(name)
    if name == BACK_UP and not backs_up and found.status is Status.FAIL:
        return doubtful(f"{found.detail} No policy needs it.", found.next_step)
    return found


async def _instances(cloud: HuaweiCloud, project: str) -> Sequence[str] | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return [instance.name for instance in await cloud.instances(project)]
    except (BotError, TimeoutError):
        return None  # the project's own lines say why
