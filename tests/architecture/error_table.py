"""Writes the tables of docs/errors.md from the code."""

from collections import defaultdict
from pathlib import Path

from bot.cloud.codes import MEANINGS, Meaning

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
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
    """The page with today's table."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"
