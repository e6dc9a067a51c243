"""What the local Slack refuses, and what a test may wait for in vain."""

from collections.abc import Sequence


class ApiError(Exception):
    """A Web API error: the `error` code of the answer, with `response_metadata.messages` where there are some."""

    def __init__(self, code: str, messages: Sequence[str] = (), **extra: str) -> None:
        super().__init__(code, *messages)
        self.code = code
        self.messages = tuple(messages)
        self.extra = extra
        """Further keys of the answer, for example `needed` and `provided`."""


class NotThere(LookupError):
    """A person wants to use something that is not on their screen."""
