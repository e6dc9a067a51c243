"""What stands behind `/rds-restore`: a sub-command, or words that pre-fill the form."""

import re
from dataclasses import dataclass

_PREFILL = re.compile(
    r"""^(?P<source>\S+)
        (?:\s+(?:to|onto|into|→)\s+(?P<target>\S+))?
        (?:\s+(?:at|as\ of)\s+(?P<time>\S.*?)|\s+from\s+backup\s+(?P<backup>\S+))?$""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Help:
    """The person wants to know what can be typed. `unknown` is the text that was not understood, `missing` the sub-command
    that needs a request id, if any."""

    unknown: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """One request, or the newest ones of the channel."""

    request_id: str | None


@dataclass(frozen=True, slots=True)
class ListRunning:
    """The requests that are not finished."""


@dataclass(frozen=True, slots=True)
class History:
    """The requests that are."""


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Take a request back."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Form:
    """Open the form, with what was typed filled in. All four are as typed."""

    source: str = ""
    target: str = ""
    time: str = ""
    backup: str = ""


Command = Help | Status | ListRunning | History | CancelRequest | Form


def read(text: str) -> Command:
    """The command's meaning. Never raises: what is not understood becomes `Help`."""
    words = text.split()
    if not words:
        return Form()
    verb, rest = words[0].lower(), words[1:]
    if verb == "cancel":
        return CancelRequest(rest[0].upper()) if len(rest) == 1 else Help(missing="cancel")
    if verb == "status" and len(rest) <= 1:
        return Status(rest[0].upper() if rest else None)
    alone: dict[str, Command] = {"help": Help(), "list": ListRunning(), "history": History()}
    if verb in alone:
        return Help(text.strip()) if rest else alone[verb]
    found = _PREFILL.match(" ".join(words))
    if found is None or verb == "status":
        return Help(text.strip())
    return Form(**{name: value or "" for name, value in found.groupdict().items()})
