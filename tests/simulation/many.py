"""Many runs: on all cores, and what they reached together."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache

from bot.domain.states import State
from tests.simulation.database import Memory
from tests.simulation.faults import KINDS
from tests.simulation.world import Result, simulate

BATCH = 20


@cache
def memory() -> Memory:
    """This process's database."""
    return Memory()


def one(seed: int) -> Result:
    """One run."""
    return simulate(seed, memory())


@dataclass
class Tally:
    """What a number of runs reached."""

    runs: int = 0
    struck: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    failed: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Count a run."""
        self.runs += 1
        self.struck.update(result.struck)
        self.states.update(result.states)
        if result.violations:
            self.failed.append(result)

    @property
    def never(self) -> list[str]:
        """Faults and states that no run has reached."""
        return [name for name in KINDS if not self.struck[name]] + [each for each in State if not self.states[each]]

    def table(self) -> Iterator[str]:
        """How often each fault and each state was reached."""
        for name in KINDS:
            yield f"{self.struck[name]:9,}  {name}"
        for state in State:
            yield f"{self.states[state]:9,}  state {state.value}"


def story(result: Result) -> str:
    """A failed run, and how to see it again."""
    replay = f"python -m tests.simulation --seed {result.seed}"
    return "\n".join([*result.trace, *(f"VIOLATED: {each}" for each in result.violations), f"Again: {replay}"])


def run_all(seeds: Sequence[int], jobs: int) -> Iterable[Result]:
    """All runs, in the order of the seeds. Those that went well come without their trace."""
    if jobs == 1:
        for seed in seeds:
            yield _short(one(seed))
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(_shortly, seeds, chunksize=BATCH)


def _shortly(seed: int) -> Result:
    return _short(one(seed))


def _short(result: Result) -> Result:
    if result.violations:
        return result
    return Result(result.seed, (), (), result.struck, result.states, result.seconds)
