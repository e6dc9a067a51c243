"""What can be made to go wrong, as switches."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.rds.server import RdsServer
from bot.sandbox.workspace.server import WorkspaceServer

ALWAYS = 1_000_000_000
"""A countdown that does not come to its end."""
FAILS_WITH = "The storage node is not available."
LOSE_ANSWER = "lose_recovery_answer"


@dataclass(frozen=True, slots=True)
class Stage:
    """The two servers that the switches belong to."""

    slack: WorkspaceServer
    cloud: RdsServer


@dataclass(frozen=True, slots=True)
class Switch:
    """One fault: whether it is on, and how it is turned."""

    id: str
    label: str
    help: str
    is_on: Callable[[Stage], bool]
    turn: Callable[[Stage, bool], None]


def _lose_answers(stage: Stage, on: bool) -> None:
    stage.cloud.faults.drop_answer_after_acting = ALWAYS if on else 0


def _throttle(stage: Stage, on: bool) -> None:
    stage.cloud.faults.status_429 = ALWAYS if on else 0


def _cloud_down(stage: Stage, on: bool) -> None:
    stage.cloud.faults.unavailable = on


def _slack_down(stage: Stage, on: bool) -> None:
    stage.slack.faults.down = on
    if on:
        stage.slack.break_sockets()


def _fail_job(stage: Stage, on: bool) -> None:
    stage.cloud.faults.job_fails_with = FAILS_WITH if on else None


def _hang_job(stage: Stage, on: bool) -> None:
    stage.cloud.faults.job_hangs = on
    if not on:
        for job in stage.cloud.state.jobs.values():
            job.hangs = False


def _hangs(stage: Stage) -> bool:
    return stage.cloud.faults.job_hangs or any(job.hangs for job in stage.cloud.state.jobs.values())


SWITCHES = (
    Switch(
        LOSE_ANSWER,
        "The cloud forgets to answer the recovery call",
        "It carries the call out, and the answer is lost. A second call would overwrite the target again.",
        lambda stage: stage.cloud.faults.drop_answer_after_acting > 0,
        _lose_answers,
    ),
    Switch(
        "throttled",
        "The cloud answers 429: too many calls",
        "Every call is turned away until you switch this off.",
        lambda stage: stage.cloud.faults.status_429 > 0,
        _throttle,
    ),
    Switch(
        "cloud_down",
        "The cloud is down",
        "Every call ends with 503.",
        lambda stage: stage.cloud.faults.unavailable,
        _cloud_down,
    ),
    Switch(
        "slack_down",
        "Slack is down for the bot",
        "Its connection breaks and its calls end with 503. People can still write.",
        lambda stage: stage.slack.faults.down,
        _slack_down,
    ),
    Switch(
        "job_fails",
        "The next restore fails",
        "The cloud gives up after a while. Then this switches itself off.",
        lambda stage: stage.cloud.faults.job_fails_with is not None,
        _fail_job,
    ),
    Switch(
        "job_hangs",
        "The next restore hangs",
        "It stays at 42 % until you switch this off.",
        _hangs,
        _hang_job,
    ),
)
BY_ID = {switch.id: switch for switch in SWITCHES}
