"""What `check` asks about a project, all of it harmless: reads, and two calls with an empty body that name no instance.

An empty body can restore nothing and back up nothing: both calls need the id of an instance. The cloud refuses it as a wrong
parameter; it answers 403 where the account may not make the call, and 404 where the region does not have it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from pydantic import BaseModel

from bot.cloud.budget import NO_PLACE
from bot.cloud.client import Params, ProjectClient
from bot.cloud.codes import CREDENTIALS, DOWN, NOT_PUBLISHED, PERMISSION
from bot.cloud.models import (
    BackUpAnswer,
    BackupsAnswer,
    ConfigurationsAnswer,
    DatabasesAnswer,
    InstancesAnswer,
    RecoveryAnswer,
    TasksAnswer,
)
from bot.domain.condition import Condition, clock, doubtful, fine, not_asked, wrong
from bot.domain.errors import BotError, Misconfigured, Refused, Unavailable
from bot.domain.facts import Engine
from bot.workflow.outcome import Accepted, NotSent, Outcome, Rejected

CLOCK_LIMIT = 15 * 60
"""Seconds past which the gateway refuses a signature."""
PATIENCE = 15.0
"""Seconds for each question after the first."""
STANDARD_RATE = 60
"""Calls a minute that the cloud grants each user by default (source: RDS, "Notes and Constraints")."""
ALL_QUESTIONS = 12
"""Calls that a whole inspection makes at most."""
_UNREACHABLE = ("cloud.unreachable", "cloud.unreadable", "cloud.endpoint", DOWN.code, NOT_PUBLISHED.code)
_STRANGERS = (CREDENTIALS.code, "cloud.project_id")


class Inspection:
    """The questions about one project. `reachable` comes first; the others build on its answer."""

    def __init__(self, client: ProjectClient) -> None:
        self._client = client
        self._refusal: BotError | None = None
        self._answered = False
        """Whether `reachable` came to its end, with an answer or a refusal."""
        self._recovery: Outcome | None = None
        self._asking = asyncio.Lock()
        self._actions: Mapping[str, Callable[[], Awaitable[Condition]]] = {
            "rds:instance:list": self._instances,
            "rds:backup:list": self._backups,
            "rds:param:list": self._parameters,
            "rds:task:list": self._tasks,
            "rds:database:list": self._databases,
            "rds:instance:restoreInPlace": self._restore_in_place,
            "rds:backup:create": self._back_up,
        }

    async def reachable(self) -> Condition:
        """Whether the endpoints (RDS, and IAM where the project needs it) answer as such."""
        try:
            await self._client.read("check", "instances", InstancesAnswer, [("limit", "1")], persistent=False)
        except BotError as error:
            self._refusal = error
        self._answered = True
        project = self._client.project
        if self._refusal is not None and self._refusal.code in _UNREACHABLE:
            return wrong(
                f"{project.endpoint}: {self._refusal.message}",
                f"Check endpoint, iam_endpoint and region of {project.name}, and that this machine may reach them "
                "(firewall, name service; where a proxy leads out, HTTPS_PROXY names it); else wait for the cloud.",
            )
        if self._refusal is not None and self._refusal.code == CREDENTIALS.code and self._client.skew is None:
            # Another project's call has shown already that the credentials are refused, so this one was not made.
            return not_asked("the refused credentials")
        return fine(f"{project.endpoint} answers.")

    def credentials(self) -> Condition:
        """Whether the cloud knows us: by signature or, with auth = "token", by the log-in."""
        if self.is_out_of_reach:
            return not_asked("the unreachable cloud")
        if self._refusal is not None and self._refusal.code in _STRANGERS:
            return wrong(
                self._refusal.message,
                "Set the project's keys anew (or user, password and domain), and look at the clock. Five refusals in a row "
                "lock a key for five minutes.",
            )
        if isinstance(self._refusal, Unavailable):
            # Turned away before anybody looked at the credentials.
            return doubtful(self._refusal.message, "Run `check` again in a minute.")
        return fine("The cloud takes the credentials.")

    @property
    def is_out_of_reach(self) -> bool:
        """The cloud does not answer."""
        return not self._answered or (self._refusal is not None and self._refusal.code in _UNREACHABLE)

    @property
    def is_shut_out(self) -> bool:
        """The cloud does not answer us, so that nothing more can be asked."""
        return self.is_out_of_reach or (self._refusal is not None and self._refusal.code in _STRANGERS)

    def clock(self) -> Condition:
        """Our clock against the Date header of the cloud's answers."""
        if self.is_out_of_reach and self._client.skew is None:
            return not_asked("the unreachable cloud")
        return clock(self._client.skew, "the cloud", CLOCK_LIMIT)

    def budget(self) -> Condition:
        """The calls a minute that are configured."""
        rate = self._client.project.calls_per_minute
        if rate > STANDARD_RATE:
            return doubtful(
                f"calls_per_minute is {rate}; the cloud grants {STANDARD_RATE} to a user by default.",
                "Lower calls_per_minute, unless the cloud has raised the limit for you.",
            )
        if rate < ALL_QUESTIONS:
            return doubtful(
                f"calls_per_minute is {rate}: forms will answer slowly.", f"Allow {ALL_QUESTIONS} or more if you can."
            )
        return fine(f"At most {rate} calls a minute.")

    async def api_version(self) -> Condition:
        """Whether the region offers the recovery call in the configured version."""
        return await _in_time(self._api_version)

    async def _api_version(self) -> Condition:
        version = self._client.project.api_version
        outcome = await self._recover_nothing()
        if isinstance(outcome, Rejected) and outcome.error.code == NOT_PUBLISHED.code:
            other = "v3" if version == "v3.1" else "v3.1"
            return wrong(
                f"The region does not offer the recovery call in {version}.",
                f'Set api_version = "{other}" for the project {self._client.project.name}.',
            )
        if isinstance(outcome, Rejected):
            return fine(f"The region has the recovery call in {version}.")
        return _unclear(outcome)

    async def action(self, name: str) -> Condition:
        """Whether the account may do this IAM action, one of `ACTIONS`."""
        return await _in_time(self._actions[name])

    async def _instances(self) -> Condition:
        return await self._may("rds:instance:list", "list_instances", "instances", InstancesAnswer, [("limit", "1")])

    async def _backups(self) -> Condition:
        return await self._may("rds:backup:list", "list_backups", "backups", BackupsAnswer, [("limit", "1")])

    async def _tasks(self) -> Condition:
        try:
            return await self._may("rds:task:list", "list_tasks", "tasklist", TasksAnswer, [("limit", "1")])
        except Misconfigured as error:
            if error.code != NOT_PUBLISHED.code:
                raise
            return doubtful(
                "The region has no task list: after a lost answer the bot cannot find the restore there.",
                "Nothing can be done here. Expect to look into the console when a request is `unknown`.",
            )

    async def _parameters(self) -> Condition:
        path = "instances/{id}/configurations"
        return await self._of_an_instance(Engine.MYSQL, "rds:param:list", "list_configurations", path, ConfigurationsAnswer)

    async def _databases(self) -> Condition:
        path = "instances/{id}/database/detail"
        return await self._of_an_instance(Engine.SQLSERVER, "rds:database:list", "list_databases", path, DatabasesAnswer)

    async def _of_an_instance(
        self, engine: Engine, action: str, operation: str, path: str, model: type[BaseModel]
    ) -> Condition:
        """A read that needs an instance of the engine; the bot works without, but knows less before a restore."""
        asked = [("limit", "1"), ("datastore_type", engine.value)]
        try:
            found = (await self._client.read("list_instances", "instances", InstancesAnswer, asked)).instances
        except Misconfigured:
            return not_asked("rds:instance:list")
        if not found:
            return fine(f"Not needed: the project has no instance of {engine.value}.")
        paging = [("page", "1"), ("limit", "1")] if model is DatabasesAnswer else []
        condition = await self._may(action, operation, path.format(id=found[0].id), model, paging)
        if condition.next_step:
            less = f"{condition.detail} Restores of {engine.value} are checked less before they start."
            return doubtful(less, condition.next_step)
        return condition

    async def _restore_in_place(self) -> Condition:
        return self._may_change("rds:instance:restoreInPlace", await self._recover_nothing())

    async def _back_up(self) -> Condition:
        outcome = await self._client.change("check_back_up", "v3", "backups", {}, _backup_id)
        return self._may_change("rds:backup:create", outcome)

    async def _recover_nothing(self) -> Outcome:
        """The recovery call with an empty body, made once."""
        async with self._asking:
            if self._recovery is None:
                version = self._client.project.api_version
                self._recovery = await self._client.change("check_version", version, "instances/recovery", {}, _job_id)
            return self._recovery

    async def _may(self, action: str, operation: str, path: str, model: type[BaseModel], params: Params) -> Condition:
        try:
            await self._client.read(operation, path, model, params)
        except Refused:
            return fine("Allowed.")  # a refusal for another reason than permission
        except BotError as error:
            return self._said(action, error)
        return fine("Allowed.")

    def _may_change(self, action: str, outcome: Outcome) -> Condition:
        if not isinstance(outcome, Rejected):
            return _unclear(outcome)
        if isinstance(outcome.error, Refused):
            return fine("Allowed: an empty call was refused for its parameters only.")
        if outcome.error.code == NOT_PUBLISHED.code:
            return not_asked("the version of the recovery call")
        return self._said(action, outcome.error)

    def _said(self, action: str, error: BotError) -> Condition:
        if error.code == PERMISSION.code:
            return wrong(
                f"{error.message.partition('. ')[0]}: {action} is missing.",
                f"Grant {action} to the IAM user of the project {self._client.project.name}.",
            )
        if error.code == NO_PLACE:
            return doubtful("Not asked: calls_per_minute is used up.", "Run `check` again in a minute.")
        if isinstance(error, Misconfigured):
            raise error
        return doubtful(error.message, "Run `check` again in a minute.")


ACTIONS = (
    "rds:instance:list",
    "rds:backup:list",
    "rds:param:list",
    "rds:task:list",
    "rds:database:list",
    "rds:instance:restoreInPlace",
    "rds:backup:create",
)
"""What the cloud account must be allowed, in the words of its IAM."""


async def _in_time(ask: Callable[[], Awaitable[Condition]]) -> Condition:
    try:
        async with asyncio.timeout(PATIENCE):
            return await ask()
    except TimeoutError:
        return doubtful(
            f"No answer within {PATIENCE:.0f} s: the cloud is slow, or the call stands in line for calls_per_minute.",
            "Run `check` again in a minute.",
        )


def _unclear(outcome: Outcome) -> Condition:
    why = "the cloud took an empty call" if isinstance(outcome, Accepted) else outcome.error.message
    sent = "" if isinstance(outcome, NotSent) else " It named no instance, so nothing was changed."
    return doubtful(f"No clear answer: {why}{sent}", "Run `check` again in a minute.")


def _job_id(body: bytes) -> str:
    return RecoveryAnswer.model_validate_json(body).job_id


def _backup_id(body: bytes) -> str:
    return BackUpAnswer.model_validate_json(body).backup.id
