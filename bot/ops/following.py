"""Follows the workflow's steps: each call of one is a stretch of a trace, and its lines in the log carry its request."""

import inspect
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import wraps
from typing import Any, TypeVar

import structlog

from bot.domain.request import Request
from bot.workflow.observing import Spans

T = TypeVar("T")
IDS = {"request_id": "request", "project": "project"}
"""Parameters that are written as they are, and under what name."""


def followed(step: T, spans: Spans, *methods: str) -> T:
    """The same step, whose `methods` (asynchronous ones) are followed when they are called from outside.

    What is written is read from the parameters by their names: a request's id, project and state, or a request id. Raises
    TypeError where the step has no such method: else it would go on unseen.
    """
    kind = type(step)
    for name in methods:
        if not inspect.iscoroutinefunction(getattr(kind, name, None)):
            raise TypeError(f"{kind.__name__} has no asynchronous {name} to follow")
    wrapped = {
        name: _followed(getattr(kind, name), f"{kind.__name__}.{name}".removesuffix(".__call__"), spans) for name in methods
    }
    following: Any = type(f"Followed{kind.__name__}", (kind,), {"__slots__": (), **wrapped})
    copy: T = object.__new__(following)
    for name in inspect.signature(kind).parameters:
        # A frozen dataclass refuses the ordinary way.
        object.__setattr__(copy, name, getattr(step, name))
    return copy


def _followed(method: Callable[..., Any], name: str, spans: Spans) -> Callable[..., Any]:
    parameters = inspect.signature(method).parameters

    @wraps(method)
    async def follow(self: Any, *args: Any, **kwargs: Any) -> Any:
        about = _about(dict(zip(parameters, (self, *args), strict=False)) | kwargs)
        with ExitStack() as stack:
            # The state may change while the step runs; lines about a change say it themselves.
            lasting = {key: value for key, value in about.items() if key != "state"}
            stack.enter_context(structlog.contextvars.bound_contextvars(**lasting))
            stack.enter_context(spans(name, about))
            return await method(self, *args, **kwargs)

    return follow


def _about(given: Mapping[str, Any]) -> dict[str, str]:
    about = {IDS[name]: value for name, value in given.items() if name in IDS and isinstance(value, str)}
    for value in given.values():
        if isinstance(value, Request):
            return about | {"request": value.id, "project": value.wish.project, "state": value.state.value}
    return about
