"""A real browser, and the demo as a stranger would start it."""

import asyncio
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.browser.stage import Stage

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY_WITHIN = 60
STOPPED_WITHIN = 60
SEEN_WITHIN_MS = 20_000
"""How long a test waits for what it expects to see; a busy machine takes long, and nobody waits longer than it takes."""
expect.set_options(timeout=SEEN_WITHIN_MS)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium of this machine."""
    assert CHROMIUM, "the browser tests need Chromium: apt-get install chromium"
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        await launched.close()


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[str]:
    """`rds-restore-bot demo`; the address that it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "demo",
        "--port",
        "0",
        "--job-seconds",
        "6",
        "--data",
        str(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "COLUMNS": "120"},
    )
    assert process.stdout is not None
    try:
        yield await asyncio.wait_for(_address(process.stdout), READY_WITHIN)
    finally:
        process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.communicate(), STOPPED_WITHIN)
    assert process.returncode == 0


async def _address(output: asyncio.StreamReader) -> str:
    seen = ""
    async for line in output:
        seen += line.decode()
        found = re.search(r"Open (http://\S+)/", seen)
        if found:
            return found[1]
    raise AssertionError(f"the demo ended: {seen}")


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """The local Slack with controls in the test's hand; no bot."""
    server = Stage()
    await server.start()
    yield server
    await server.stop()
