"""What befalls a run from outside: outages, clocks, changes at the console and in the directory."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.events import Note
from tests.simulation.faults import EVENTS
from tests.simulation.people import ANNA, BOB, DANA, ERIN, MEMBERS

if TYPE_CHECKING:
    from tests.simulation.world import World

LATEST = 400.0


class Chaos:
    """Each kind of event that this run knows happens now and then, while faults are on."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._deeds: dict[str, Callable[[], bool]] = {
            "clock: jumps": self._jump,
            "clock: jumps far": self._skip,
            "slack: down for a while": lambda: self._down("slack", 90),
            "slack: the channel is archived": self._archive,
            "slack: a card is deleted": self._delete_card,
            "cloud: down for a while": lambda: self._down("cloud", 60),
            "store: down for a while": lambda: self._down("store", 25),
            "directory: down for a while": lambda: self._down("directory", 40),
            "people: one leaves the group": self._leave,
            "people: one is deactivated": self._deactivate,
            "cloud: an instance changes": self._change,
            "cloud: an instance is busy for a while": self._work,
            "cloud: the backup is deleted": self._forget_backup,
            "cloud: somebody else restores onto a target": self._restore,
        }

    def begin(self) -> None:
        """Decide when what will happen."""
        rng, world = self._world.rng, self._world
        for kind in EVENTS:
            rare = kind in ("slack: the channel is archived", "clock: jumps far", "cloud: the backup is deleted")
            if kind in world.faults.known and rng.random() < (0.15 if rare else 0.7):
                world.loop.call_later(rng.uniform(20, LATEST), self._happen, kind)

    def end(self) -> None:
        """No more faults: what is down comes back, what is frozen goes on."""
        world = self._world
        world.faults.on = False
        world.faults.down.clear()
        for replica in world.replicas.values():
            replica.process.frozen_until = 0.0

    def _happen(self, kind: str) -> None:
        if self._deeds[kind]():
            self._world.faults.struck[kind] += 1
            self._world.trace("chaos", kind)

    def _down(self, service: str, longest: float) -> bool:
        down = self._world.faults.down
        down.add(service)
        asyncio.get_running_loop().call_later(self._world.rng.uniform(3, longest), down.discard, service)
        return True

    def _jump(self) -> bool:
        if not self._world.replicas:
            return False
        process = self._world.rng.choice(list(self._world.replicas.values())).process
        process.clock.ahead += timedelta(seconds=self._world.rng.uniform(10, 60))
        return True

    def _skip(self) -> bool:
        self._world.skipped += timedelta(minutes=self._world.rng.choice((5, 40, 1500)))
        return True

    def _archive(self) -> bool:
        self._world.slack.archived = True
        return True

    def _delete_card(self) -> bool:
        cards = [each for each in self._world.slack.messages if each.note is Note.CARD and not each.deleted]
        if not cards:
            return False
        self._world.rng.choice(cards).deleted = True
        return True

    def _leave(self) -> bool:
        slack = self._world.slack
        gone = self._world.rng.choice((ANNA, BOB, DANA)).user
        slack.change_people(slack.members - {gone}, slack.history[-1][2])
        asyncio.get_running_loop().call_later(
            self._world.rng.uniform(20, 200), lambda: slack.change_people(MEMBERS, slack.history[-1][2])
        )
        return True

    def _deactivate(self) -> bool:
        slack = self._world.slack
        gone = self._world.rng.choice((ANNA, BOB, DANA, ERIN)).user
        slack.change_people(slack.members, slack.history[-1][2] | {gone})
        return True

    def _change(self) -> bool:
        rng, cloud = self._world.rng, self._world.cloud
        possible: list[dict[str, object]] = [{"name": "renamed"}, {"storage_gb": 400}, {"version": "8.0.34"}]
        what = rng.choice(possible)
        cloud.change(rng.choice(cloud.targets), **what)
        return True

    def _work(self) -> bool:
        rng, cloud = self._world.rng, self._world.cloud
        target = rng.choice(cloud.targets)
        if cloud.busy(target):
            return False
        status = rng.choice(("REBOOTING", "MODIFYING"))
        cloud.change(target, status=status)
        asyncio.get_running_loop().call_later(rng.uniform(5, 60), cloud.settle, target, status)
        return True

    def _forget_backup(self) -> bool:
        self._world.cloud.forget_backup()
        return True

    def _restore(self) -> bool:
        rng, cloud = self._world.rng, self._world.cloud
        target = rng.choice(cloud.targets)
        if cloud.busy(target):
            return False
        cloud.restore(target, None)
        return True
