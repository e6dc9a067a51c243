"""The documentation builds without a warning: every link and every anchor leads somewhere.

Its pages load nothing from elsewhere.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.our_codes import BOT

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ANCHORS = (
    "unknown-state", "stuck-job", "slack-down", "cloud-down", "database-down", "outbox-not-draining", "worker-not-working",
    "break-glass-review", "lost-database", "own-database", "rotation", "by-hand", "audit", "bot-gone", "slack-rate-limited",
    "cloud-budget", "worker-late", "leases-taken-over", "commands", "alerts",
)  # fmt: skip
"""Of the runbook. Alerts link to them, so they stay."""
HEAVIEST = 400 * 1024
"""Bytes of a picture."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    place = tmp_path_factory.mktemp("site")
    result = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(place)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return place


def test_the_pages_load_nothing_from_elsewhere(site):
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|iframe)[^>]*\ssrc=\"?([^\s\">]+)", text)
        loaded += re.findall(r"<link[^>]*\srel=\"?(?:stylesheet|preconnect|icon)\"?[^>]*\shref=\"?([^\s\">]+)", text)
        loaded += re.findall(r"<link[^>]*\shref=\"?([^\s\">]+)\"?[^>]*\srel=\"?(?:stylesheet|preconnect|icon)", text)
        assert loaded
        assert [address for address in loaded if re.match(r"(https?:)?//", address)] == [], page.name


def test_the_anchors_that_alerts_link_to_stay(site):
    text = (site / "runbook.html").read_text(encoding="utf-8")
    assert [name for name in ANCHORS if f'id="{name}"' not in text and f"id={name} " not in text] == []


def test_the_links_of_the_readme_lead_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#\s]+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_no_picture_is_too_heavy():
    sizes = {path.name: path.stat().st_size for path in (DOCS / "images").iterdir()}
    assert {name: size for name, size in sizes.items() if size > HEAVIEST} == {}


def test_every_call_to_the_cloud_has_its_permission():
    text = (DOCS / "permissions.md").read_text(encoding="utf-8")
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted((BOT / "cloud").rglob("*.py")))
    operations = set(re.findall(r'\.(?:read|change|_read)\(\s*"(\w+)"', source))
    assert len(operations) > 10
    assert {operation for operation in operations if f"`{operation}`" not in text} == set()


def test_the_policies_for_the_cloud_grant_what_the_table_lists_and_no_more():
    text = (DOCS / "permissions.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"\| `(rds:[a-zA-Z:]+)`", text))
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.DOTALL)]
    assert len(blocks) == 2
    for block in blocks:
        assert {action for statement in block["Statement"] for action in statement["Action"]} == listed
