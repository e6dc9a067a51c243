"""The blocks of code in the documentation."""

import re
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^\s*```(\w*)\s*$")


def blocks(path: Path) -> list[tuple[str, str]]:
    """Language (empty where none is given) and text of each block, without its indentation."""
    found: list[tuple[str, str]] = []
    language: str | None = None
    inside: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        fence = _FENCE.match(line)
        if fence is None:
            inside.append(line)
        elif language is None:
            language, inside = fence[1], []
        else:
            found.append((language, textwrap.dedent("\n".join(inside)) + "\n"))
            language = None
    assert language is None, f"{path.name}: a block has no end"
    return found
