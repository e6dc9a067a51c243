"""The files of the page keep their shape."""

import re

from bot.sandbox.workspace.page_api import FOLDER

LONGEST = 300
MODULES = sorted(FOLDER.glob("*.js"))


def test_no_module_is_too_long():
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length >= LONGEST} == {}


def test_every_module_is_fetched_at_once():
    text = (FOLDER / "index.html").read_text(encoding="utf-8")
    fetched = set(re.findall(r'(?:modulepreload" href|type="module" src)="/page/([^"]+)"', text))
    assert fetched == {path.name for path in MODULES}


def test_every_module_is_used():
    text = "".join(path.read_text(encoding="utf-8") for path in MODULES)
    assert {path.name for path in MODULES if f'from "./{path.name}"' not in text} == {"app.js"}


def test_nothing_comes_from_elsewhere():
    for path in FOLDER.iterdir():
        assert re.findall(r"(?:src|href|from|url\()\W*https?://", path.read_text(encoding="utf-8")) == [], path.name
