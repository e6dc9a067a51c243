"""A call's way through the sandbox: gateway faults, address, caller, limit, handler; and the record of all calls."""

import json
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from bot.sandbox.rds.authentication import NOBODY, Authentication
from bot.sandbox.rds.changes import Changes
from bot.sandbox.rds.errors import ApiError, not_published, refusal, throttled
from bot.sandbox.rds.exchange import Answer, ApiRequest, NoAnswer
from bot.sandbox.rds.faults import Faults
from bot.sandbox.rds.iam import Iam
from bot.sandbox.rds.inventory import Inventory
from bot.sandbox.rds.routes import Route, check_project, find, route, route_with_caller
from bot.sandbox.rds.state import CloudState
from bot.sandbox.rds.tasks import Tasks
from bot.sandbox.rds.throttle import Throttle

PAGE_OF_A_PROXY = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_RATE_TOLD = 60
"""The limit that a 429 by fault names."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was received. `status` is 0 where no answer was given; `body` None where it was no JSON object."""

    at: float
    method: str
    path: str
    query: str
    body: dict[str, Any] | None
    status: int
    error_code: str | None


class Api:
    """Answers calls, one after the other, without waiting for anything."""

    def __init__(self, state: CloudState, access_keys: Mapping[str, str] | None, rate_per_minute: int) -> None:
        self.state = state
        self.faults = Faults()
        self.calls: list[Call] = []
        self._authentication = Authentication(access_keys)
        self._throttle = Throttle(rate_per_minute)
        self._routes = self._all_routes()

    def delay(self, request: ApiRequest) -> float:
        """Seconds to wait before this call is carried out."""
        return self.faults.delay_seconds if self._befallen(request) else 0.0

    def answer(self, request: ApiRequest) -> Answer | NoAnswer:
        """Carry out a call, and note it."""
        request_id = uuid.uuid4().hex
        code: str | None = None
        answer: Answer | NoAnswer
        try:
            answer = self._through_gateway(request)
        except ApiError as error:
            code = error.code
            answer = Answer(error.status, error.body(request_id), error.headers)
        status = 0 if isinstance(answer, NoAnswer) else answer.status
        self.calls.append(Call(request.at, request.method, request.path, request.query, _body(request), status, code))
        if isinstance(answer, NoAnswer):
            return answer
        headers = {"X-Request-Id": request_id, **answer.headers}
        return Answer(answer.status, answer.body, headers, answer.text, answer.content_type)

    def _through_gateway(self, request: ApiRequest) -> Answer | NoAnswer:
        if self._befallen(request):
            if self.faults.unavailable:
                raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "APIGW.0613", "The service is unavailable.")
            if self.faults.take("status_429"):
                raise throttled(_RATE_TOLD, 1)
            if self.faults.take("bad_gateway_html"):
                if self.faults.bad_gateway_acts:
                    self._carry_out_unseen(request)
                return Answer(HTTPStatus.BAD_GATEWAY, text=PAGE_OF_A_PROXY, content_type="text/html")
        if self._is_recovery(request):
            return self._recovery(request)
        return self._carry_out(request)

    def _recovery(self, request: ApiRequest) -> Answer | NoAnswer:
        if self.faults.take("reset_before_acting"):
            return NoAnswer(abort=True)
        if self.faults.take("drop_answer_after_acting"):
            self._carry_out_unseen(request)
            return NoAnswer(abort=False)
        if self.faults.take("error_111205"):
            if self.faults.error_111205_acts:
                self._carry_out_unseen(request)
            raise refusal("DBS.111205")
        return self._carry_out(request)

    def _carry_out_unseen(self, request: ApiRequest) -> None:
        """The caller does not learn whether it was accepted or refused."""
        with suppress(ApiError):
            self._carry_out(request)

    def _carry_out(self, request: ApiRequest) -> Answer:
        known, request = find(self._routes, request)
        if known.is_open:
            return known.handler(request, NOBODY)
        caller = self._authentication.identify(request)
        check_project(caller, request, {project.id for project in self.state.projects})
        if "project_id" in request.params:
            self._throttle.pass_one(caller.name, request.at)
        if known.action in self.faults.denied_actions:
            raise refusal("DBS.200010", f"{known.action} is not allowed.")
        return known.handler(request, caller)

    def _befallen(self, request: ApiRequest) -> bool:
        return self._is_recovery(request) or not self.faults.recovery_only

    def _is_recovery(self, request: ApiRequest) -> bool:
        try:
            return find(self._routes, request)[0].is_recovery
        except ApiError:
            return False

    def _recover_v31(self, request: ApiRequest, changes: Changes) -> Answer:
        if not self.state.v31:
            raise not_published()
        return changes.recover(request, "v3.1")

    def _all_routes(self) -> list[Route]:
        inventory, tasks = Inventory(self.state), Tasks(self.state, self.faults)
        changes, iam = Changes(self.state, self.faults), Iam(self.state, self._authentication)
        project, restore = "/v3/{project_id}", "rds:instance:restoreInPlace"
        instance = f"{project}/instances/{{instance_id}}"
        recover_v3, recover_v31 = partial(changes.recover, version="v3"), partial(self._recover_v31, changes=changes)
        return [
            route("GET", f"{project}/instances", inventory.instances, "rds:instance:list"),
            route("GET", f"{project}/backups", inventory.backups, "rds:backup:list"),
            route("GET", f"{instance}/restore-time", inventory.restore_time, "rds:instance:list"),
            route("GET", f"{instance}/recovery-time", inventory.recovery_time, "rds:instance:list"),
            route("GET", f"{instance}/configurations", inventory.configurations, "rds:param:list"),
            route("GET", f"{instance}/database/detail", inventory.databases, "rds:database:list"),
            route("GET", f"{project}/jobs", tasks.job, "rds:task:list"),
            route("GET", f"{project}/tasklist", tasks.tasklist, "rds:task:list"),
            route("GET", f"{instance}/tasklist/detail", tasks.details, "rds:task:list"),
            route("POST", f"{project}/instances/recovery", recover_v3, restore, is_recovery=True),
            route("POST", "/v3.1/{project_id}/instances/recovery", recover_v31, restore, is_recovery=True),
            route("POST", f"{project}/backups", changes.back_up, "rds:backup:create"),
            route("POST", "/v3/auth/tokens", iam.tokens, is_open=True),
            route("POST", "/v3.0/OS-CREDENTIAL/securitytokens", iam.temporary_keys, is_open=True),
            route_with_caller("GET", "/v3/projects", iam.projects),
        ]


def _body(request: ApiRequest) -> dict[str, Any] | None:
    try:
        body = json.loads(request.content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
