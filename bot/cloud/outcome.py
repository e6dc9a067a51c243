"""How a call that changes something ended.

The rule: NotSent only where the request provably never left, Rejected only where the cloud provably said no, and Unclear
for all the rest. A wrong Unclear costs a person's look at the console; a wrong NotSent or Rejected overwrites a database a
second time.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

import httpx
from pydantic import ValidationError

from bot.cloud.codes import DEFINITE
from bot.cloud.errors import error_of, known
from bot.cloud.faults import Fault, fault_of
from bot.domain.errors import BotError, Unavailable
from bot.workflow.outcome import Accepted, NotSent, Outcome, Rejected, Unclear

ENDINGS: Mapping[type[Exception], type[NotSent | Unclear]] = {
    httpx.ConnectError: NotSent,
    httpx.ConnectTimeout: NotSent,
    httpx.PoolTimeout: NotSent,
    httpx.ProxyError: NotSent,  # raised while the tunnel is set up, before the request is written into it
    httpx.UnsupportedProtocol: NotSent,
    httpx.InvalidURL: NotSent,
    httpx.RequestError: Unclear,
    httpx.TransportError: Unclear,
    httpx.TimeoutException: Unclear,
    httpx.ReadTimeout: Unclear,
    httpx.WriteTimeout: Unclear,
    httpx.NetworkError: Unclear,
    httpx.ReadError: Unclear,
    httpx.WriteError: Unclear,
    httpx.CloseError: Unclear,
    httpx.ProtocolError: Unclear,
    httpx.LocalProtocolError: Unclear,  # also raised in the middle of a request
    httpx.RemoteProtocolError: Unclear,
    httpx.DecodingError: Unclear,
    httpx.TooManyRedirects: Unclear,
}
"""How the call ended, by the exception that ended it."""

_BARE = frozenset({401, 403, 404, 405, 407, 413, 414, 429, 431})
"""HTTP statuses that mean "not carried out" even where the body names no code."""
_UNSURE = frozenset({408, 499})
"""HTTP statuses of somebody who lost patience: the call may have gone on."""


def of_exception(error: Exception, request: httpx.Request) -> NotSent | Unclear:
    """The outcome where no answer came. `request` is the call itself: what happened to another request (a log-in on the
    way) means that the call was not sent."""
    ending = NotSent if _befell_another(error, request) else _ending(error)
    outcome = ending(_not_sent() if ending is NotSent else _unclear("no answer came"))
    outcome.error.__cause__ = error
    return outcome


def of_answer(response: httpx.Response, id_of: Callable[[bytes], str], now: datetime) -> Outcome:
    """The outcome where an answer came. `id_of` takes the new job's or backup's id from a body; it raises pydantic's
    ValidationError where there is none."""
    if response.is_success:
        try:
            return Accepted(id_of(response.content))
        except ValidationError:
            return Unclear(_unclear(f"HTTP {response.status_code} without an id"))
    fault = fault_of(response, now)
    if _said_no(fault):
        return Rejected(error_of(fault))
    return Unclear(_unclear(fault.code or f"HTTP {fault.status}"))


def _said_no(fault: Fault) -> bool:
    if fault.code is not None and known(fault.code) in DEFINITE:
        return True
    if not 400 <= fault.status < 500 or fault.status in _UNSURE or fault.code == "DBS.111205":
        return False
    return fault.code is not None or fault.status in _BARE


def _befell_another(error: Exception, request: httpx.Request) -> bool:
    try:
        return isinstance(error, httpx.RequestError) and error.request is not request
    except RuntimeError:  # httpx's way to say that no request is attached
        return False


def _ending(error: Exception) -> type[NotSent | Unclear]:
    for kind in type(error).__mro__:
        if kind in ENDINGS:
            return ENDINGS[kind]
    return Unclear


def _not_sent() -> BotError:
    return Unavailable(
        "cloud.unreachable", "The cloud cannot be reached; nothing was sent and nothing was changed. Try again later."
    )


def _unclear(why: str) -> BotError:
    return Unavailable(
        "cloud.unclear",
        f"The cloud did not say whether it took the call ({why}). It is not sent again; look at the instance first.",
    )
