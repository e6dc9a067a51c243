"""docs/sandbox.md says how `check` is run against the two local servers. Here it is done, but for the ports."""

import asyncio
import json
import os
import signal
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from tests.acceptance.forked import RUN_WITHIN
from tests.architecture.fences import ROOT, blocks

STARTED_WITHIN = 60
HTTP_MODE = ("--deliver-to", "http://127.0.0.1:3000/slack/events")


@asynccontextmanager
async def server(*arguments, last):
    """A local server, and what it prints, up to the line that begins with `last`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "sandbox", *arguments, "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    try:
        lines: list[str] = []
        assert process.stdout is not None
        async with asyncio.timeout(STARTED_WITHIN):
            while not (lines and lines[-1].startswith(last)):
                lines.append((await process.stdout.readline()).decode().strip())
        yield lines
    finally:
        process.send_signal(signal.SIGTERM)
        await process.communicate()


def recipe():
    """The configuration file and the lines for the shell, as they stand on the page."""
    found = blocks(ROOT / "docs" / "sandbox.md")
    toml = next(text for language, text in found if language == "toml")
    shell = next(text for _, text in found if "export SLACK_API_URL" in text)
    return toml, shell.partition("rds-restore-bot serve")[0]


@pytest.mark.parametrize("http_mode", [False, True], ids=["socket", "http"])
async def test_check_against_the_two_local_servers(tmp_path, http_mode):
    toml, shell = recipe()
    async with AsyncExitStack() as stack:
        last = "SLACK_SIGNING_SECRET" if http_mode else "SLACK_APP_TOKEN"
        cloud = await stack.enter_async_context(server("rds", last="access key"))
        slack = await stack.enter_async_context(server("slack", *(HTTP_MODE if http_mode else ()), last=last))
        address = cloud[0].removeprefix("RDS and IAM: ")
        (tmp_path / "rds-restore.toml").write_text(toml.replace("http://127.0.0.1:8081", address), encoding="utf-8")
        api_url = next(line for line in slack if line.startswith("SLACK_API_URL="))
        shell = shell.replace("SLACK_API_URL=http://127.0.0.1:8082/api/", api_url)
        if http_mode:
            shell = shell.replace("export SLACK_APP_TOKEN=xapp-1-demo-app-token", f"export {slack[-1]}")
        # All that Slack's server printed, but for the page's address.
        assert all(f"export {line}" in shell for line in slack[1:])
        found = await checked(tmp_path, shell)
    # No `serve` has run yet, and nobody said under which address Slack would call.
    doubtful = ["database", "slack connection"] if http_mode else ["database"]
    assert [check["name"] for check in found["checks"] if check["status"] != "OK"] == doubtful
    assert found["overall"] == "WARN"


async def checked(folder, shell):
    """What the last line, `rds-restore-bot check`, finds."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    process = await asyncio.create_subprocess_exec(
        "sh", "-eu", "-c", shell.strip() + " --json", cwd=folder, env={"PATH": path}, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(RUN_WITHIN):
        out, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(out)
