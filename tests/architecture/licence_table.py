"""Writes the table of docs/licences.md: what the image holds besides our own code, and under which licence."""

import json
import re
import subprocess
import sys
from pathlib import Path

from packaging.markers import Marker

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "licences.md"
BEGIN, END = "<!-- licences begin -->", "<!-- licences end -->"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?: ; ([^\\]+))?", re.MULTILINE)
ALLOWED = {
    "0BSD",
    "3-Clause BSD License",
    "Apache-2.0",
    "Apache Software License",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSD License",
    "CNRI-Python",
    "ISC",
    "ISC License (ISCL)",
    "MIT",
    "MIT License",
    "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)",
    "MPL-2.0",
    "PSF-2.0",
    "Python Software Foundation License",
    # psycopg: the bot links to it as a library and does not change it.
    "LGPL-3.0-only",
    "GNU Library or Lesser General Public License (LGPL)",
    "GNU Lesser General Public License v3 (LGPLv3)",
}
"""Licences that let a company run the bot, and hand it on in an image, without opening its own code."""


def pinned(lock: str) -> dict[str, str]:
    """Names and versions of a lock that are for this platform and Python."""
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    return {
        name: version for name, version, marker in PINNED.findall(text) if not marker.strip() or Marker(marker).evaluate()
    }


def licences() -> list[dict[str, str]]:
    """What the packages of the run-time lock say of themselves. They must be installed."""
    command = [str(Path(sys.executable).with_name("pip-licenses")), "--format=json", "--with-urls", "--from=mixed"]
    done = subprocess.run([*command, "--packages", *sorted(pinned("run.lock"))], capture_output=True, text=True, check=True)
    found: list[dict[str, str]] = json.loads(done.stdout)
    return sorted(found, key=lambda row: row["Name"].lower())


def may_be_used(licence: str) -> bool:
    """Of an expression: where `AND` or `;` stands all must be allowed, where `OR` stands one of them."""
    return all(any(choice.strip() in ALLOWED for choice in clause.split(" OR ")) for clause in re.split(r" AND |;", licence))


def table() -> str:
    """One row a package."""
    rows = ["| package | licence |", "| --- | --- |"]
    rows += [f"| [{row['Name']}]({row['URL']}) | {row['License']} |" for row in licences()]
    return "\n".join(rows)


def page(text: str) -> str:
    """The page with today's table."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
