"""`python -m tests.simulation --seed 17` prints one run; `--seeds 10000 --jobs 2` makes many and counts."""

import argparse
import sys
import time

from tests.simulation.many import Tally, one, run_all, story

MOST_SHOWN = 3


def main() -> int:
    """Exit code 0 if no rule was broken and everything was reached."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="print this run")
    parser.add_argument("--seeds", type=int, default=500, help="how many runs")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes")
    chosen = parser.parse_args()
    if chosen.seed is not None:
        result = one(chosen.seed)
        print(story(result))
        return 1 if result.violations else 0
    return _many(range(chosen.first, chosen.first + chosen.seeds), chosen.jobs)


def _many(seeds: range, jobs: int) -> int:
    began, tally = time.monotonic(), Tally()
    for result in run_all(seeds, jobs):
        tally.add(result)
        if result.violations and len(tally.failed) <= MOST_SHOWN:
            print(story(result))
    took = time.monotonic() - began
    print(*tally.table(), sep="\n")
    print(f"{tally.runs:,} runs in {took:.0f} s ({tally.runs / took:.1f} a second), {len(tally.failed)} failed")
    for result in tally.failed:
        print(f"seed {result.seed}: {result.violations[0]}")
    for name in tally.never:
        print(f"never reached: {name}")
    return 1 if tally.failed or tally.never else 0


if __name__ == "__main__":
    sys.exit(main())
