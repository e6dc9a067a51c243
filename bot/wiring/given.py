"""The ports that need no adapter: the clock, request ids, and the configuration's policies."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.domain.policy import Policy, policy_for
from bot.domain.request import ALPHABET, ID_LENGTH, request_id


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """This moment, UTC."""
        return datetime.now(UTC)


class RandomIds:
    """Request ids that cannot be guessed from one another."""

    def new(self) -> str:
        """A request id."""
        return request_id(secrets.randbelow(len(ALPHABET) ** ID_LENGTH))


@dataclass(frozen=True, slots=True)
class ConfiguredPolicies:
    """The configuration's policies and projects."""

    projects: Sequence[str]
    all: Sequence[Policy]

    def of(self, project: str, target_name: str) -> Policy | None:
        """The policy that decides for this target."""
        return policy_for(self.all, project, target_name)
