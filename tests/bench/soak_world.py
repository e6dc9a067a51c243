"""The world of the soak: many targets, several people, and what is on record."""

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random

from bot.domain.request import Request
from bot.domain.states import LIVE
from bot.sandbox.rds.seeding import fixed_id
from bot.sandbox.rds.state import Instance
from bot.sandbox.scenario import PROJECT_ID
from bot.store.database import Database
from bot.workflow.store_ports import Filter
from tests.acceptance.world import Bot, World

TARGETS = 16
EVERYTHING = 100_000
POLICY = """\
[[policies]]
approvers = ["S0DBA"]
confirm = "button"
safety_backup = "off"
"""


@dataclass
class Soak:
    """What all parts of the soak share."""

    world: World
    database: Database
    """Read-only, beside the bot."""
    random: Random
    targets: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    """Names of the instances that nobody restores onto at the moment."""
    screens: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """A person does one thing at a time."""
    ids: list[str] = field(default_factory=list)
    """The requests that people were promised."""
    trouble: list[str] = field(default_factory=list)
    """What a check found, in words."""
    bot: Bot | None = None
    began: float = field(default_factory=time.monotonic)

    def add_targets(self) -> None:
        """Instances that orders-prod can be restored onto."""
        state = self.world.cloud.state
        # The cloud takes no restore onto an instance whose last one failed. Here somebody repairs each at once, else the
        # soak would run out of targets.
        state.status_after_failed_restore = "ACTIVE"
        model = state.named("orders-staging")
        for number in range(TARGETS):
            name = f"soak-{number}"
            state.add_instance(
                Instance(
                    fixed_id(name, "in", model.engine),
                    name,
                    model.engine,
                    model.version,
                    PROJECT_ID,
                    model.complete_version,
                    model.storage_gb,
                    lower_case_table_names=model.lower_case_table_names,
                    databases=list(model.databases),
                )
            )
            self.targets.put_nowait(name)

    async def live_on(self, target: str) -> Request | None:
        """The live request for this target, as it is on record."""
        found = await self.database.requests.find(Filter(states=LIVE, limit=EVERYTHING))
        return next((request for request in found if request.wish.target.name == target), None)

    async def all(self) -> list[Request]:
        """Every request on record."""
        return list(await self.database.requests.find(Filter(limit=EVERYTHING)))
