"""Addresses and what answers them."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.sandbox.rds.authentication import Caller
from bot.sandbox.rds.errors import not_published, refusal
from bot.sandbox.rds.exchange import Answer, ApiRequest

Authorised = Callable[[ApiRequest, Caller], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One call of the API. `is_open`: needs no credentials, because it hands them out. `action`: what IAM
    must allow, empty where it asks for nothing."""

    method: str
    path: re.Pattern[str]
    handler: Authorised
    is_recovery: bool = False
    is_open: bool = False
    action: str = ""


def route(
    method: str,
    path: str,
    handler: Callable[[ApiRequest], Answer],
    action: str = "",
    *,
    is_recovery: bool = False,
    is_open: bool = False,
) -> Route:
    """A call whose handler does not care who called. `path` holds variable parts in braces."""
    return Route(method, _pattern(path), lambda request, _: handler(request), is_recovery, is_open, action)


def route_with_caller(method: str, path: str, handler: Authorised) -> Route:
    """A call whose answer depends on the caller."""
    return Route(method, _pattern(path), handler)


def find(routes: list[Route], request: ApiRequest) -> tuple[Route, ApiRequest]:
    """The route of a call, and the call with the variable parts of its path. Raises ApiError where there is none."""
    for known in routes:
        found = known.path.fullmatch(request.path)
        if found is not None and known.method == request.method:
            return known, replace(request, params=found.groupdict())
    raise not_published()


def check_project(caller: Caller, request: ApiRequest, projects: set[str]) -> None:
    """A project's paths are for its callers only. Raises ApiError."""
    project_id = request.params.get("project_id")
    if project_id is not None and (project_id not in projects or caller.project_id not in (None, project_id)):
        raise refusal("DBS.280015")


def _pattern(path: str) -> re.Pattern[str]:
    """`/v3/{project_id}/jobs` as a pattern; dots are dots. A slash at the end does not matter."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[A-Za-z0-9-]+)", re.escape(path)) + "/?")
