"""Writes into docs/errors.md what comes from the code: the cloud's codes, and the sentences that people read."""

import re
from collections import defaultdict
from pathlib import Path

from bot.cloud.codes import MEANINGS, Meaning
from tests.architecture.our_sentences import GAP, sentences

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
SAID_HERE = "| code | kind | what a person reads | meaning | what to do |"
"""Head of the tables whose third column is written here."""
_ROW = re.compile(r"^(\| `([a-z_.]+)` \| [A-Za-z, ]+ \|)[^|]*\|")
BEGIN, END = "<!-- cloud codes begin -->", "<!-- cloud codes end -->"


def table() -> str:
    """One row for each meaning: our code, what kind it is, the words, the cloud's codes."""
    codes: dict[Meaning, list[str]] = defaultdict(list)
    for cloud_code, meaning in MEANINGS.items():
        codes[meaning].append(cloud_code)
    rows = ["| code | kind | what a person reads | the cloud's codes |", "| --- | --- | --- | --- |"]
    for meaning, listed in codes.items():
        cloud_codes = ", ".join(f"`{code}`" for code in sorted(listed))
        rows.append(
            f"| `{meaning.code}` | {meaning.error.__name__} | {meaning.what} (…). {meaning.advice} | {cloud_codes} |"
        )
    return "\n".join(rows)


def page(text: str) -> str:
    """The page with today's table and sentences."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{_with_sentences(before)}{BEGIN}\n\n{table()}\n\n{END}{after}"


def _with_sentences(text: str) -> str:
    said = sentences()
    is_said_here = False
    lines = []
    for line in text.splitlines():
        # A table ends with an empty line.
        is_said_here = line == SAID_HERE or (is_said_here and line != "")
        row = _ROW.match(line) if is_said_here else None
        lines.append(f"{row[1]} {' / '.join(said.get(row[2], [GAP]))} |{line[row.end() :]}" if row else line)
    return "\n".join(lines) + "\n"
