"""The sandbox's own addresses, `/_control/…`: what people and pages on this machine look at and switch."""

import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from bot.sandbox.rds.api import Api
from bot.sandbox.rds.errors import ApiError
from bot.sandbox.rds.evolution import instance_status, job_percent, job_status, restored_from
from bot.sandbox.rds.exchange import Answer, ApiRequest, stamp

PREFIX = "/_control/"
_LOCAL = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")


class Control:
    """Answers the control addresses; pages served from this machine may call them."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[tuple[str, str], Callable[[ApiRequest], Answer]] = {
            ("GET", "calls"): self._calls,
            ("GET", "state"): self._state,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._set_faults,
            ("DELETE", "faults"): self._clear_faults,
        }

    def answer(self, request: ApiRequest) -> Answer:
        """The answer to a call below `/_control/`."""
        headers = _sharing(request)
        if request.method == "OPTIONS":
            return Answer(204, headers=headers)
        handler = self._known.get((request.method, request.path.removeprefix(PREFIX)))
        answer = Answer(404, {"error": "There is no such address."}) if handler is None else handler(request)
        return Answer(answer.status, answer.body, headers)

    def _calls(self, _: ApiRequest) -> Answer:
        return Answer(200, {"calls": [asdict(call) for call in self._api.calls]})

    def _faults(self, _: ApiRequest) -> Answer:
        return Answer(200, self._api.faults.as_json())

    def _set_faults(self, request: ApiRequest) -> Answer:
        try:
            self._api.faults.change(request.json())
        except (ApiError, ValueError) as error:
            return Answer(400, {"error": str(error)})
        return self._faults(request)

    def _clear_faults(self, request: ApiRequest) -> Answer:
        self._api.faults.clear()
        return self._faults(request)

    def _state(self, request: ApiRequest) -> Answer:
        state, now = self._api.state, request.at
        instances: list[dict[str, Any]] = []
        for instance in state.instances.values():
            origin = restored_from(state, instance.id, now)
            instances.append(
                {
                    "id": instance.id,
                    "name": instance.name,
                    "engine": instance.engine,
                    "version": instance.complete_version or instance.version,
                    "storage_gb": instance.storage_gb,
                    "type": instance.type,
                    "status": instance_status(state, instance, now),
                    "restored_from": None if origin is None else asdict(origin),
                }
            )
        jobs = [
            {
                "id": job.id,
                "name": job.name,
                "instance_id": job.instance_id,
                "source_id": job.source_id,
                "status": job_status(job, now),
                "percent": job_percent(job, now) if job_status(job, now) == "Running" else None,
                "created": stamp(job.created_at),
            }
            for job in reversed(state.jobs.values())
        ]
        body = {"now": stamp(now), "instances": instances, "jobs": jobs, "faults": self._api.faults.as_json()}
        return Answer(200, body)


def _sharing(request: ApiRequest) -> dict[str, str]:
    """CORS headers for pages of this machine; none for others."""
    origin = request.headers.get("origin", "")
    if not _LOCAL.fullmatch(origin):
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, POST, DELETE",
        "Access-Control-Allow-Headers": "Content-Type",
        "Vary": "Origin",
    }
