"""Makes the calls of one project: address, budget, headers, retries of reads, and never a second try of anything else."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import httpx
import stamina
from pydantic import BaseModel, ValidationError

from bot.cloud.auth import READ_TIMEOUT, ChainAuth, auth_for
from bot.cloud.budget import Budget, Priority
from bot.cloud.codes import CREDENTIALS
from bot.cloud.errors import error_of, unreachable, unreadable
from bot.cloud.faults import Fault, fault_of, skew_of
from bot.cloud.guard import KeyGuard
from bot.cloud.models import ProjectsAnswer
from bot.cloud.outcome import of_answer, of_exception
from bot.cloud.project import Project
from bot.domain.errors import BotError, Conflict, Misconfigured, Unavailable
from bot.workflow.outcome import Accepted, NotSent, Outcome
from bot.workflow.ports import Clock

CHANGE_TIMEOUT = httpx.Timeout(60.0, connect=5.0, pool=5.0)
"""Seconds for calls that change something: the longer we listen, the fewer outcomes are unclear."""
DEADLINE = 10.0
"""Seconds after which a read is not tried again."""

Observe = Callable[[str, str, str, float], None]
"""Told of every call made: project, operation, "ok" or the error's code, seconds."""
Params = Sequence[tuple[str, str]]
_PATIENCE = stamina.AsyncRetryingCaller(attempts=6, timeout=DEADLINE, wait_initial=0.2, wait_max=3.0, wait_jitter=0.3)
M = TypeVar("M", bound=BaseModel)


class _Again(Exception):
    """A read failed in a way that may pass. `after` is how long the cloud asks to wait, in seconds."""

    def __init__(self, error: BotError, after: float | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.after = after


class ProjectClient:
    """The calls of one project. `http` is shared by all projects and belongs to whoever made it; `guard` is shared by the
    projects that have the same credentials."""

    def __init__(
        self, project: Project, clock: Clock, http: httpx.AsyncClient, observe: Observe | None, guard: KeyGuard
    ) -> None:
        self.project = project
        self.last_seen: datetime | None = None
        self.skew: float | None = None
        """Seconds by which our clock is ahead of the cloud's, as its last answer told; None where it told nothing."""
        self._clock = clock
        self._http = http
        self._observe = observe
        self._auth = auth_for(project, clock)
        self._budget = Budget(project.calls_per_minute)
        self.guard = guard
        self._project_id = project.project_id
        self._looking_up = asyncio.Lock()

    async def read(
        self,
        operation: str,
        path: str,
        model: type[M],
        params: Params = (),
        *,
        priority: Priority = Priority.FORM,
        persistent: bool = True,
    ) -> M:
        """GET /v3/{project_id}/`path`. Tried again for a while where that may help, if `persistent`. Raises BotError.

        Both hold for the project's id too, where it has to be looked up first."""
        url = await self._address("v3", path, priority, persistent)
        return await self._read(operation, url, model, params, priority, persistent)

    async def change(
        self,
        operation: str,
        version: str,
        path: str,
        body: Mapping[str, Any],
        id_of: Callable[[bytes], str],
        *,
        may_send: Callable[[], bool] | None = None,
    ) -> Outcome:
        """POST /`version`/{project_id}/`path`, once, and not at all where `may_send`, asked at the last
        moment, says no. Does not raise."""
        try:
            url = await self._address(version, path, Priority.SUBMIT, persistent=True)
            request = self._request("POST", url, (), CHANGE_TIMEOUT, body)
            await self._budget.take(Priority.SUBMIT)
        except BotError as error:
            return NotSent(error)
        began = self._time()
        try:
            response = await self._send(request, may_send)
        except BotError as error:  # by the credentials or by `may_send`, before the request was sent
            outcome: Outcome = NotSent(error)
        except Exception as error:  # noqa: BLE001 - whatever it was, the call may have left: it ends as Unclear
            outcome = of_exception(error, request)
        else:
            outcome = of_answer(response, id_of, self._clock.now())
        self._tell(operation, "ok" if isinstance(outcome, Accepted) else outcome.error.code, began)
        return outcome

    def budget_left(self) -> int:
        """How many calls could be made at this moment without waiting."""
        return self._budget.left()

    async def close(self) -> None:
        """Send away all that wait for the budget."""
        await self._budget.close()

    async def _read(
        self, operation: str, url: str, model: type[M], params: Params, priority: Priority, persistent: bool
    ) -> M:
        until = self._time() + DEADLINE

        def worth_it(error: Exception) -> bool | float:
            if not isinstance(error, _Again) or not persistent:
                return False
            if error.after is None:
                return True
            return error.after if self._time() + error.after < until else False

        async def once() -> M:
            await self._budget.take(priority)
            return await self._read_once(operation, url, model, params)

        try:
            return await _PATIENCE(worth_it, once)
        except _Again as last:
            raise last.error from last.__cause__

    async def _read_once(self, operation: str, url: str, model: type[M], params: Params) -> M:
        began = self._time()
        code = "ok"
        try:
            return self._understood(operation, model, await self._send(self._get(url, params)))
        except httpx.RequestError as error:
            code = unreachable().code
            raise _Again(unreachable()) from error
        except _Again as again:
            code = again.error.code
            raise
        except BotError as error:
            code = error.code
            raise
        finally:
            self._tell(operation, code, began)

    def _understood(self, operation: str, model: type[M], response: httpx.Response) -> M:
        if response.is_success:
            try:
                return model.model_validate_json(response.content)
            except ValidationError:
                raise unreadable(operation) from None
        fault = self._fault(response)
        if fault.status == httpx.codes.TOO_MANY_REQUESTS or fault.status >= 500:
            again = error_of(fault)
            if isinstance(again, Unavailable):
                again.retry_after = fault.retry_after or 0.0
            raise _Again(again, fault.retry_after)
        error = error_of(fault)
        if isinstance(error, Conflict):  # nobody was first at a read: the instance is busy, later it may answer
            raise Unavailable(error.code, error.message)
        raise error

    async def _send(self, request: httpx.Request, may_send: Callable[[], bool] | None = None) -> httpx.Response:
        """Send, and learn from the answer whether the key is good. Raises httpx's errors, and BotError where the call was
        not made for want of credentials, or because `may_send` says no."""
        async with self.guard.turn():
            # Asked here, because the turn may have to be waited for.
            if may_send is not None and not may_send():
                raise Unavailable("cloud.too_late", "The call could not be sent in time, so it was not sent.")
            sent_at = self._clock.now()
            try:
                response = await self._http.send(request, auth=self._auth)
            except BotError as error:
                if error.code == CREDENTIALS.code:
                    self.guard.refused(error)
                raise
            self.skew = skew_of(response, sent_at, self._clock.now())
            if response.status_code == httpx.codes.UNAUTHORIZED:
                self.guard.refused(error_of(self._fault(response)))
            elif response.status_code != httpx.codes.TOO_MANY_REQUESTS and response.status_code < 500:
                self.guard.taken()
        if response.is_success:
            self.last_seen = self._clock.now()
        return response

    async def _address(self, version: str, path: str, priority: Priority, persistent: bool) -> str:
        return f"{self.project.endpoint.rstrip('/')}/{version}/{await self._id(priority, persistent)}/{path}"

    async def _id(self, priority: Priority, persistent: bool) -> str:
        """The project's id: as configured, as the credentials say, or looked up by the region's name."""
        async with self._looking_up:
            if self._project_id is None and isinstance(self._auth, ChainAuth):
                self._project_id = await self._auth.project_id()
            if self._project_id is None:
                self._project_id = await self._look_up(priority, persistent)
            return self._project_id

    async def _look_up(self, priority: Priority, persistent: bool) -> str:
        url = self.project.iam_endpoint.rstrip("/") + "/v3/projects"
        region = self.project.region
        found = await self._read("find_project", url, ProjectsAnswer, [("name", region)], priority, persistent)
        if len(found.projects) != 1:
            raise Misconfigured(
                "cloud.project_id",
                f"The cloud account has {len(found.projects) or 'no'} projects named {region}. "
                f"The operator must set project_id for the project {self.project.name}.",
            )
        return found.projects[0].id

    def _get(self, url: str, params: Params) -> httpx.Request:
        return self._request("GET", url, params, READ_TIMEOUT)

    def _request(
        self, method: str, url: str, params: Params, timeout: httpx.Timeout, body: Mapping[str, Any] | None = None
    ) -> httpx.Request:
        headers = {"Content-Type": "application/json", "X-Language": self.project.language}
        if self._project_id is not None:
            headers["X-Project-Id"] = self._project_id
        try:
            request = self._http.build_request(method, url, params=list(params), headers=headers, json=body, timeout=timeout)
        except httpx.InvalidURL as error:
            raise self._no_address() from error
        if request.url.scheme not in ("http", "https") or not request.url.host:
            raise self._no_address()
        return request

    def _no_address(self) -> Misconfigured:
        return Misconfigured(
            "cloud.endpoint",
            f"An endpoint of the project {self.project.name} is not a web address. The operator must correct it.",
        )

    def _fault(self, response: httpx.Response) -> Fault:
        return fault_of(response, self._clock.now())

    def _tell(self, operation: str, code: str, began: float) -> None:
        if self._observe is not None:
            self._observe(self.project.name, operation, code, self._time() - began)

    @staticmethod
    def _time() -> float:
        return asyncio.get_running_loop().time()
