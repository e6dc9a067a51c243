"""What can go wrong, in four meanings.

    BotError
    ├── Refused         the person can act: the message says how
    ├── Conflict        somebody or something was first
    ├── Unavailable     a service does not answer now; later it may
    └── Misconfigured   the operator must act

Each error carries a stable `code` for logs, metrics and the documentation.
"""

from bot.domain.people import Person


class BotError(Exception):
    """Root of all errors that this program raises on purpose.

    `message` is a whole sentence for the person, in plain text. `field` names the form field at fault, where there is one;
    `request_id` is another request that the error speaks of, `by` the person who was first. `on_record` is set where the
    audit log has the refusal already.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        field: str | None = None,
        request_id: str | None = None,
        by: Person | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.request_id = request_id
        self.by = by
        self.on_record = False


class Refused(BotError):
    """The wish cannot be granted as it stands; the person can change it."""


class Conflict(BotError):
    """Somebody else was first, or the state has moved on since the person looked."""


class Unavailable(BotError):
    """A service that is needed does not answer now. `retry_after`: it asked to be left alone for so many seconds."""

    retry_after: float = 0.0


class Misconfigured(BotError):
    """The installation is wrong: the operator must act."""
