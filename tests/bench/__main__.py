"""`python -m tests.bench`: every budget, or some of them."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from tests.bench import rows_cloud, rows_many, rows_slack
from tests.bench.report import Result, machine, show, write_json, write_markdown

ROWS: dict[str, Callable[..., Awaitable[list[Result]]]] = {
    "command": partial(rows_slack.command, http=False),
    "command-http": partial(rows_slack.command, http=True),
    "approve": rows_slack.approval,
    "recovery": rows_cloud.recovery,
    "followed": rows_many.followed,
    "finished": rows_cloud.finished,
    "restart": rows_many.restart,
}


async def measure(names: list[str], *, quick: bool) -> list[Result]:
    """One row after the other: they would disturb each other. Each is told as soon as it is there."""
    results: list[Result] = []
    for name in names:
        for result in await ROWS[name](quick=quick):
            sys.stderr.write(f"{result.what}: {result.measured} ({result.verdict})\n")
            results.append(result)
    return results


def main() -> int:
    """Exit code 1 where a budget is missed."""
    parser = argparse.ArgumentParser(prog="make bench BENCH=…", description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[*ROWS, []], help="which to measure; all by default")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions: a rough figure")
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="where the figures are written")
    parser.add_argument("--docs", type=Path, help="write the table into this page, between its marks")
    chosen = parser.parse_args()
    where = machine()
    results = asyncio.run(measure(chosen.rows or list(ROWS), quick=chosen.quick))
    show(results, where)
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    write_json(results, where, chosen.json)
    if chosen.docs is not None:
        write_markdown(results, where, chosen.docs)
    return 0 if all(result.good is not False for result in results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
