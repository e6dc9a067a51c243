"""Turns the cloud's refusals into this program's errors."""

import re

from bot.cloud.codes import (
    CONFLICT,
    CREDENTIALS,
    DOWN,
    MEANINGS,
    NOT_PUBLISHED,
    PARAMETER,
    PERMISSION,
    REFUSED,
    THROTTLED,
    Meaning,
)
from bot.cloud.faults import Fault
from bot.domain.errors import BotError, Unavailable

_BY_STATUS = {401: CREDENTIALS, 403: PERMISSION, 409: CONFLICT, 429: THROTTLED}
_TELLING = (PARAMETER, REFUSED, CONFLICT)
_OURS = re.compile(
    r"canonical|token|signature|signed|authoriz|credential|secret|passw|access.?key|\bak\b|\bsk\b|://", re.IGNORECASE
)
_LONGEST = 200


def known(cloud_code: str) -> str:
    """The code as the tables spell it: gateways of one's own write APIG where the cloud's write APIGW."""
    return cloud_code.replace("APIG.", "APIGW.", 1) if cloud_code.startswith("APIG.") else cloud_code


def meaning_of(fault: Fault) -> Meaning:
    """What an answer other than 2xx means: by its code, else by its HTTP status."""
    by_code = MEANINGS.get(known(fault.code)) if fault.code else None
    if by_code is not None:
        return by_code
    if fault.status == 404 and (fault.code is None or fault.code.isdecimal()):
        return NOT_PUBLISHED  # no RDS answered: nothing is at this address
    if fault.status in _BY_STATUS:
        return _BY_STATUS[fault.status]
    return REFUSED if 400 <= fault.status < 500 else DOWN


def error_of(fault: Fault) -> BotError:
    """This program's error for an answer other than 2xx.

    The message holds the cloud's code, and RDS's own words only where they help and are harmless: the gateway's texts echo
    the signed request, tokens included. Status and request id go into a note for the log.
    """
    meaning = meaning_of(fault)
    cause = fault.code or f"HTTP {fault.status}"
    said = f": {_harmless(fault)}" if meaning in _TELLING and _harmless(fault) else ""
    message = f"{meaning.what} ({cause}){said}. {meaning.advice}"
    if fault.request_id and meaning in (REFUSED, DOWN, PERMISSION):
        message += f" The cloud's request id is {fault.request_id}."
    error = meaning.error(meaning.code, message)
    error.add_note(f"HTTP {fault.status}, code {fault.code}, request id {fault.request_id}")
    return error


def unreadable(operation: str) -> Unavailable:
    """The cloud answered with something that is not what its documentation says."""
    return Unavailable(
        "cloud.unreadable",
        f"The cloud's answer to {operation} could not be understood. If this goes on, tell the operator of this bot.",
    )


def unreachable() -> Unavailable:
    """The cloud did not answer a read."""
    return Unavailable("cloud.unreachable", "The cloud cannot be reached. Try again in a few minutes.")


def _harmless(fault: Fault) -> str:
    if not (fault.code or "").startswith(("DBS.", "RDS.")) or _OURS.search(fault.text):
        return ""
    text = " ".join(fault.text.split()).rstrip(".")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
