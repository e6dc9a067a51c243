"""Takes secrets out of whatever is about to be written."""

import re
from collections.abc import Collection, Mapping
from typing import Any

REPLACEMENT = "[secret]"
SHAPES = re.compile(
    r"xox[a-z](?:\.xox[a-z])?-[\w-]+|x(?:app|wfp)-[\w-]+|xoxe-[\w-]+"
    r"|(?i:signature|access|x-auth-token|x-subject-token)[\"']?\s*[=:]\s*[\"']?[^,\s'\"]+"
    r"|v0=[0-9a-f]{64}"
    r"|(?i:bearer)\s+[\w.~+/-]{8,}=*"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
    r"|(?i:[\"']?(?:password|client_secret|secret_key|security_token|refresh_token)[\"']?\s*[=:]\s*[\"']?)[^,&\s'\"}]+"
    r"|(?<=/actions/)T\w+/\w+/\w+|(?<=/commands/)T\w+/\w+/\w+|(?<=/app/)T\w+/\w+/\w+"
    r"|(?<=[?&]ticket=)[^&\s'\"]+"
)
"""Slack's tokens, signatures, response URLs and socket tickets; the cloud's signatures and tokens; passwords, in addresses
and beside their name."""
NAMES = re.compile(r"(?i)passw|secret|token$|authorization|signature|cookie|response_url|(?:access|private)_?key")
"""Of entries in a structure whose values are never written."""
DEEPEST = 8
"""What lies deeper in a structure is not written at all."""
SHORTEST = 6
"""Characters. What is shorter than this could be any word, so it is not looked for by itself."""


class Scrubber:
    """Knows the shapes of secrets, and the very secrets of this process, whatever their shape."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        known = sorted({secret for secret in secrets if len(secret) >= SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def known(self, value: str) -> str:
        """The text without this process's secrets; it may be JSON, and stays so."""
        return value if self._known is None else self._known.sub(REPLACEMENT, value)

    def text(self, value: str) -> str:
        """The text without secrets. Not for JSON: names go with their values."""
        return SHAPES.sub(REPLACEMENT, self.known(value))

    def value(self, value: Any, depth: int = 0) -> Any:
        """The same for what may be inside: structures, bytes, exceptions and any other object."""
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool | int | float):
            return value
        if depth > DEEPEST:
            return "…"
        if isinstance(value, bytes | bytearray | memoryview):
            return self.text(bytes(value).decode("utf-8", "replace"))
        if isinstance(value, Mapping):
            return {self.text(str(key)): self._named(str(key), each, depth) for key, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(each, depth + 1) for each in value]
        return self.text(repr(value) if isinstance(value, BaseException) else str(value))

    def _named(self, name: str, value: Any, depth: int) -> Any:
        return REPLACEMENT if NAMES.search(name) else self.value(value, depth + 1)
