"""The built package: what is in it, and that it runs outside of the repository."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import aiohttp
import pytest
import yaml

ROOT = Path(__file__).parents[2]
SOURCES = ("pyproject.toml", "README.md", "manifest.yml", "bot")
START_WITHIN = 60.0


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with the wheel and the source archive. Built from a copy: a build leaves things in its folder."""
    source, dist = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(dist), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return dist


@pytest.fixture(scope="module")
def wheel(built):
    (path,) = built.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def program(wheel, tmp_path_factory):
    """The installed program, in an environment of its own that borrows only the dependencies."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    (ours,) = (folder / "lib").glob("python*/site-packages")
    # Only the folder's packages: its .pth files, which lead to the sources, are not followed in a path that a .pth adds.
    (ours / "dependencies.pth").write_text(str(Path(yaml.__file__).parents[1]) + "\n")
    return folder / "bin" / "rds-restore-bot"


@pytest.fixture
def elsewhere(tmp_path):
    """A folder, and the environment of somebody who knows nothing of the sources."""
    names = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    return {"cwd": tmp_path, "env": {name: os.environ[name] for name in names if name in os.environ}}


def carried():
    """What the program reads at run time and is no Python."""
    yield "bot/slack/manifest.yml"
    for folder, pattern in (("bot/sandbox/workspace/page", "*"), ("bot/store/migrations", "*.mako")):
        yield from (str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob(pattern) if path.is_file())


def test_the_wheel_holds_every_module_and_all_that_they_read(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "bot").rglob("*.py")}
    assert (modules | set(carried())) - names == set()
    assert [name for name in names if not name.startswith(("bot/", "rds_restore_bot-"))] == []


def test_the_manifest_in_the_wheel_is_the_one_at_the_top(wheel):
    assert zipfile.ZipFile(wheel).read("bot/slack/manifest.yml") == (ROOT / "manifest.yml").read_bytes()


def test_the_source_archive_holds_files_and_no_links(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        members = {member.name.partition("/")[2]: member for member in archive}
    assert set(carried()) - set(members) == set()
    assert members["bot/slack/manifest.yml"].isreg()


def test_the_installed_program_prints_the_manifest(program, elsewhere):
    done = subprocess.run([program, "manifest"], capture_output=True, text=True, check=True, **elsewhere)
    assert json.loads(done.stdout) == yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))


def test_the_installed_program_is_not_that_of_the_sources(program, elsewhere):
    code = "import bot; print(bot.__file__)"
    done = subprocess.run([program.with_name("python"), "-c", code], capture_output=True, text=True, check=True, **elsewhere)
    assert Path(done.stdout).is_relative_to(program.parents[1])
    subprocess.run([program, "check", "--help"], capture_output=True, check=True, **elsewhere)


async def test_the_installed_program_runs_the_demo(program, elsewhere):
    demo = await asyncio.create_subprocess_exec(
        program, "demo", "--port", "0", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, **elsewhere
    )
    try:
        page = await asyncio.wait_for(address(demo.stdout), START_WITHIN)
        async with aiohttp.ClientSession() as session, session.get(page) as answer:
            assert answer.status == 200
            assert "<html" in await answer.text()
        demo.send_signal(signal.SIGINT)
        rest, _ = await asyncio.wait_for(demo.communicate(), START_WITHIN)
        assert demo.returncode == 0, rest.decode()
    finally:
        if demo.returncode is None:
            demo.kill()
            await demo.wait()


async def address(output):
    """The page's address, once the demo has told it."""
    while line := (await output.readline()).decode():
        if "Open http" in line:
            return line.split("Open ")[1].split()[0]
    raise AssertionError("the demo ended without an address")
