"""Runs checks within a time, and prints what they found, for people or as JSON."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.domain.condition import Condition, Status, not_asked, worst, wrong
from bot.domain.errors import BotError, Misconfigured

PATIENCE = 20.0
"""Seconds that one check may take."""
CORRECT_IT = "Correct what is named, then run `check` again."
AGAIN = "Run `check` again in a minute; if it stays so, look into the log of `serve`."
STEPS = {
    "store.unavailable": "See that the database runs, and that this machine may reach it (host and port in DATABASE_URL, "
    "firewall); if it was only busy, run `check` again in a minute.",
    "store.refused": "Correct user, password and name of the database in DATABASE_URL, or grant the right that is missing.",
    "store.unwritable": "Give the file and its folder to the user that runs the bot, or correct DATABASE_URL.",
    "store.not_a_database": "Name another file in DATABASE_URL, or put a copy of the database in its place.",
}
"""What the operator does about an error, by its code. The texts of all others say it themselves."""
COLOURS = {Status.OK: "green", Status.WARN: "yellow", Status.FAIL: "red"}


@dataclass(frozen=True, slots=True)
class Result:
    """A check's name, what it found, and how long it took."""

    name: str
    condition: Condition
    seconds: float = 0.0


async def run(name: str, ask: Callable[[], Awaitable[Condition]]) -> Result:
    """Ask, for at most `PATIENCE` seconds. Does not raise."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            condition = await ask()
    except BotError as error:
        condition = wrong(error.message, STEPS.get(error.code, CORRECT_IT if isinstance(error, Misconfigured) else AGAIN))
    except TimeoutError:
        condition = wrong(f"No answer within {PATIENCE:.0f} s.", "See that what is asked can be reached from this machine.")
    except Exception as error:  # noqa: BLE001 - a check that breaks must not take the others with it
        # Not its text, which may hold a secret.
        condition = wrong(f"This check itself broke ({type(error).__name__}).", "Report it as a mistake of the program.")
    return Result(name, condition, time.monotonic() - began)


def told(name: str, ask: Callable[[], Condition]) -> Result:
    """A check that only looks at what is known already."""
    return Result(name, ask())


def skipped(names: Sequence[str], because_of: str) -> list[Result]:
    """Checks that cannot be made."""
    return [Result(name, not_asked(because_of)) for name in names]


def overall(results: Sequence[Result]) -> Status:
    """The worst of all."""
    return worst(result.condition.status for result in results)


def print_json(results: Sequence[Result]) -> None:
    """One JSON object on standard output."""
    checks = [
        {
            "name": result.name,
            "status": result.condition.status.value,
            "detail": result.condition.detail,
            "next_step": result.condition.next_step,
            "seconds": round(result.seconds, 4),
        }
        for result in results
    ]
    sys.stdout.write(json.dumps({"overall": overall(results).value, "checks": checks}, indent=2, ensure_ascii=False) + "\n")


def print_lines(results: Sequence[Result], table: Table | None) -> None:
    """A line a check, and below it the next step where there is one; the table stands after the first. All checks that
    were not asked for the same reason are one line."""
    console = Console(highlight=False)
    for name, condition, seconds in _folded(results):
        status, took = condition.status, f" ({seconds * 1000:.0f} ms)" if seconds else ""
        word = f"[{COLOURS[status]}]{status:<4}[/]"
        console.print(f"{word}  {escape(f'{name}: {condition.detail}{took}')}", soft_wrap=True)
        if condition.next_step:
            console.print(f"      → {escape(condition.next_step)}", soft_wrap=True)
        if table is not None:
            console.print(table)
            table = None
    counts = {status: sum(result.condition.status is status for result in results) for status in Status}
    console.print(", ".join(f"{count} {status}" for status, count in counts.items()))


def _folded(results: Sequence[Result]) -> list[tuple[str, Condition, float]]:
    """What stands before the colon, the condition, and the seconds, for each line."""
    names: dict[str, list[str]] = {}
    for result in results:
        names.setdefault(result.condition.because_of, []).append(result.name)
    lines = []
    for result in results:
        cause = result.condition.because_of
        if not cause:
            lines.append((result.name, result.condition, result.seconds))
        elif cause in names:
            # "cloud prod reachable" has said already where they belong.
            place = cause.strip("`").rpartition(" ")[0] + " "
            said = ", ".join(name.removeprefix(place) for name in names.pop(cause))
            lines.append((f"not asked because of {cause}", replace(not_asked(cause), detail=said), 0.0))
    return lines
