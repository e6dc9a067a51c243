"""The gallery of the documentation shows every surface that has a picture."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
TAKEN = re.compile(r'(?:picture|close_up)\(.*"([\w-]+)"\)')


def test_the_gallery_shows_each_picture_and_no_other():
    taken = set(TAKEN.findall((ROOT / "tests/browser/test_pictures.py").read_text(encoding="utf-8")))
    shown = set(re.findall(r"\(images/([\w-]+)\.png\)", (ROOT / "docs/surfaces.md").read_text(encoding="utf-8")))
    elsewhere = {"form", "summary", "approve"}
    assert shown == taken | elsewhere
    assert all((ROOT / f"docs/images/{name}.png").is_file() for name in shown)
