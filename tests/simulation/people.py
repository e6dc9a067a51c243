"""The people of a run: they ask, decide, press twice, press what they may not, and judge what the cloud did."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

from bot.domain.errors import BotError
from bot.domain.people import Person, Place, Profile
from bot.domain.request import Request
from bot.domain.states import State
from bot.workflow.open_request import Draft
from tests.simulation.cloud import PROJECT, SOURCE, CloudModel
from tests.simulation.faults import Faults
from tests.simulation.process import NOON
from tests.simulation.replica import Replica
from tests.simulation.slack import CHANNEL, SlackModel
from tests.simulation.trace import Trace

ALICE, ANNA, BOB, DANA, ERIN, MALLORY, GUEST, ZOE = (
    Person("", "T1", f"U0{name}") for name in ("ALICE", "ANNA", "BOB", "DANA", "ERIN", "MALLORY", "GUEST", "ZOE")
)
EVERYBODY = (ALICE, ANNA, BOB, DANA, ERIN, MALLORY, GUEST, ZOE)
MEMBERS = frozenset(person.user for person in (ANNA, BOB, DANA, GUEST))
Verb = Callable[[Replica], Awaitable[Any]]


def profiles() -> dict[str, Profile]:
    """What the directory says of everybody at the start."""
    return {each.user: Profile(each.user, each.team, each.user, guest=each is GUEST) for each in EVERYBODY}


@dataclass
class Click:
    """Somebody pressed something; what came of it was known from `start` to `end`."""

    person: Person
    verb: str
    request_id: str
    start: float
    end: float = float("inf")


@dataclass
class People:
    """What everybody does. `replicas` gives those that are alive; Slack hands a click to any of them."""

    rng: Random
    faults: Faults
    trace: Trace
    cloud: CloudModel
    slack: SlackModel
    replicas: Callable[[], list[Replica]]
    state_of: Callable[[str], tuple[str, str, str]]
    """The stored state of a request, its form's reason, and its requester's user id."""
    clicks: list[Click] = field(default_factory=list)
    tasks: dict[asyncio.Task[Any], None] = field(default_factory=dict)
    forms: int = 0
    judging: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """Everybody who wants a restore comes sooner or later."""
        for _ in range(self.rng.choice((1, 2, 2, 3, 4))):
            self._do(self._ask(self.rng.choice((ALICE, ALICE, ANNA, BOB, MALLORY)), self.rng.uniform(0, 120)))

    def see_card(self, request_id: str) -> None:
        """A card appears in the channel: people make up their minds."""
        _, _, requester = self.state_of(request_id)
        asked = next(each for each in EVERYBODY if each.user == requester)
        rng = self.rng
        for person in (BOB, DANA, ERIN, ANNA):
            if rng.random() < 0.55:
                self._do(self._approve(person, request_id))
        if rng.random() < 0.3:
            self._do(self._approve(asked, request_id))
        if rng.random() < 0.25:
            self._do(self._approve(rng.choice((MALLORY, GUEST)), request_id))
        if rng.random() < 0.12:
            self._do(self._later(rng.choice((BOB, DANA, asked)), "deny", request_id, 120))
        if rng.random() < 0.15:
            self._do(self._later(rng.choice((asked, asked, BOB)), "cancel", request_id, 90))
        if rng.random() < 0.2:
            self._do(self._break_glass(rng.choice((ZOE, asked)), request_id))

    def see_question(self, request_id: str) -> None:
        """Nobody knows how it went: somebody looks at the console, and says so."""
        if request_id not in self.judging and self.rng.random() < 0.8:
            self.judging.add(request_id)
            self._do(self._judge(request_id))

    async def _ask(self, person: Person, wait: float) -> None:
        await asyncio.sleep(wait)
        self.forms += 1
        form, rng = f"form {self.forms}", self.rng
        in_time = rng.random() < 0.4
        draft = Draft(
            project=PROJECT,
            source_id=SOURCE,
            target_id=rng.choice(self.cloud.targets),
            reason=form,
            backup_id=None if in_time else "auto-br01",
            at=NOON if in_time else None,
            safety_backup=rng.random() < 0.5,
        )
        for _ in range(3):
            check: Verb = lambda it: it.open_request.check(draft, person, Place(CHANNEL))  # noqa: E731
            drafted = await self._press(person, "check", form, check)
            if drafted is not None and not any(each.severity == "blocker" for each in drafted.findings):
                await asyncio.sleep(rng.uniform(0, 10))
                confirm: Verb = partial(_confirm, drafted.id, person)
                if await self._twice(person, "confirm", drafted.id, confirm) is not None:
                    return
            await asyncio.sleep(rng.uniform(5, 60))

    async def _approve(self, person: Person, request_id: str) -> None:
        rng = self.rng
        await asyncio.sleep(rng.uniform(0, 100))
        for _ in range(2):
            review = await self._press(person, "look", request_id, lambda it: _review(it, request_id, person))
            if review is None:
                if rng.random() < 0.5:
                    return
                await asyncio.sleep(rng.uniform(2, 20))
                continue
            await asyncio.sleep(rng.choice((0.5, 5, 40)) * rng.random())
            typed = review.request.wish.target.name if rng.random() < 0.9 else "another"
            approve: Verb = lambda it: it.decide.approve(request_id, person, review.saw, typed)  # noqa: B023, E731
            if await self._twice(person, "approve", request_id, approve) is not None:
                return

    async def _break_glass(self, person: Person, request_id: str) -> None:
        await asyncio.sleep(self.rng.uniform(0, 60))
        review = await self._press(person, "look", request_id, lambda it: _look_alone(it, request_id, person))
        if review is None:
            return
        name = review.request.wish.target.name
        start: Verb = lambda it: it.break_glass.start(request_id, person, review.saw, name, "all are asleep")  # noqa: E731
        if await self._twice(person, "break_glass", request_id, start) is not None and self.rng.random() < 0.7:
            await asyncio.sleep(self.rng.uniform(10, 200))
            await self._press(BOB, "sign_off", request_id, lambda it: it.break_glass.sign_off(request_id, BOB))

    async def _later(self, person: Person, verb: str, request_id: str, longest: float) -> None:
        await asyncio.sleep(self.rng.uniform(0, longest))
        act: Verb = lambda it: it.decide.deny(request_id, person, "no")  # noqa: E731
        if verb == "cancel":
            act = lambda it: it.cancel(request_id, person)  # noqa: E731
        await self._twice(person, verb, request_id, act)

    async def _judge(self, request_id: str) -> None:
        for _ in range(30):
            await asyncio.sleep(self.rng.uniform(60, 200))
            state, form, _ = self.state_of(request_id)
            if state != State.UNKNOWN:
                break
            person = self.rng.choice((BOB, DANA, ERIN, ERIN, MALLORY))
            await self._verdict(person, request_id, form)
        self.judging.discard(request_id)

    async def _verdict(self, person: Person, request_id: str, form: str) -> None:
        """People tell the truth: the console shows it, once no call is on its way any more."""
        calls = [call for call in self.cloud.calls if call.form == form]
        now = asyncio.get_running_loop().time()
        if any(call.arrived_at is None and now - call.sent_at < 60 for call in calls):
            return
        work = next((call.work for call in calls if call.work is not None), None)
        if work is None or (work.over and work.fails):
            failed: Verb = lambda it: it.reconcile.declare_failed(request_id, person)  # noqa: E731
            await self._twice(person, "declare_failed", request_id, failed)
        else:
            adopt: Verb = lambda it: it.reconcile.follow(request_id, person)  # noqa: E731
            await self._twice(person, "adopt_job", request_id, adopt)

    async def _twice(self, person: Person, verb: str, request_id: str, act: Verb) -> Any:
        """Press a button, perhaps twice in a row; the first result that is there."""
        presses = [self._press(person, verb, request_id, act)]
        if self.faults.strike("click: doubled"):
            presses.append(self._press(person, verb, request_id, act))
        results = await asyncio.gather(*presses)
        return next((result for result in results if result is not None), None)

    async def _press(self, person: Person, verb: str, request_id: str, act: Verb) -> Any:
        """One click, handed to some replica. None where nothing came of it."""
        there = self.replicas()
        if not there:
            return None
        replica = self.rng.choice(there)
        click = Click(person, verb, request_id, asyncio.get_running_loop().time())
        self.clicks.append(click)
        what = f"{verb} {request_id} at {replica.process.name}"
        task = replica.process.spawn(self._answered(replica, act, f"{person.user} {what}"), what)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not replica.process.dead:
                raise
            return None
        finally:
            click.end = asyncio.get_running_loop().time()

    async def _answered(self, replica: Replica, act: Verb, what: str) -> Any:
        try:
            result = await act(replica)
        except BotError as error:
            self.trace("people", f"{what}: {error.code}")
            return None
        except Exception as error:  # noqa: BLE001 - whatever else comes out is what the simulation looks for
            self.trace.violated(f"{what}: {error!r}")
            return None
        self.trace("people", f"{what}: done")
        return result

    def _do(self, coroutine: Any) -> None:
        task = asyncio.get_running_loop().create_task(coroutine, context=Context())
        self.tasks[task] = None
        task.add_done_callback(lambda done: self.tasks.pop(done, None))


async def _review(replica: Replica, request_id: str, person: Person) -> Any:
    return await replica.decide.review(await replica.decide.may(request_id, person, "approve"))


async def _look_alone(replica: Replica, request_id: str, person: Person) -> Any:
    return await replica.decide.review(await replica.break_glass.may(request_id, person))


def _confirm(request_id: str, person: Person, replica: Replica) -> Awaitable[Request]:
    return replica.open_request.confirm(request_id, person)
