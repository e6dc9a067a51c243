"""Results: a table for people, JSON for programs, and the table in the documentation."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
PACKAGES = ("rds-restore-bot", "slack-bolt", "aiohttp", "sqlalchemy", "httpx")


@dataclass(frozen=True)
class Result:
    """One line. `good` is None where the figure has no budget."""

    what: str
    measured: str
    budget: str
    good: bool | None
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """In a word."""
        return {True: "ok", False: "missed", None: "—"}[self.good]


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> dict[str, Any]:
    """Where and when it was measured."""
    models = [line for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if "model name" in line]
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": models[0].partition(":")[2].strip() if models else platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def show(results: Sequence[Result], where: dict[str, Any]) -> None:
    """Print the table."""
    table = Table(title=f"Budgets, {where['date']}, {where['cores']} cores, load {where['load']}", show_lines=True)
    for heading in ("what", "measured", "budget", "verdict"):
        table.add_column(heading, overflow="fold")
    for result in results:
        color = {True: "green", False: "red", None: "dim"}[result.good]
        table.add_row(result.what, result.measured, result.budget, f"[{color}]{result.verdict}[/]")
    Console().print(table)


def write_json(results: Sequence[Result], where: dict[str, Any], file: Path) -> None:
    """Write everything, for comparing runs."""
    lines = [{**asdict(result), "verdict": result.verdict} for result in results]
    file.write_text(json.dumps({"machine": where, "results": lines}, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_markdown(results: Sequence[Result], where: dict[str, Any], file: Path) -> None:
    """Replace the table between the two marks of a page."""
    page = file.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    heading = (
        f"{where['date'][:10]}, {where['cpu']}, {where['cores']} cores (load {where['load']}), Python {where['python']}"
    )
    rows = [f"| {each.what} | {each.measured} | {each.budget} | {each.verdict} |" for each in results]
    table = ["| what | measured | budget | verdict |", "| --- | --- | --- | --- |", *rows]
    file.write_text("\n".join([before + BEGIN, heading, "", *table, END + after]), encoding="utf-8")
