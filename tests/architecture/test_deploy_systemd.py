"""The systemd unit, and the script that runs a command beside it, say what the program does."""

import configparser
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import __version__
from bot.cli.exits import WRONG
from bot.cli.main import app
from tests.architecture.test_deploy import DEPLOY, LONGEST_STOP, ROOT, assert_are_settings


class KeepingCase(configparser.RawConfigParser):
    """systemd's keys are written with capitals."""

    def optionxform(self, optionstr):
        return optionstr


@pytest.fixture
def unit():
    parser = KeepingCase(strict=False, interpolation=None)
    parser.read(DEPLOY / "rds-restore-bot.service", encoding="utf-8")
    return parser


def unit_lines(key):
    text = (DEPLOY / "rds-restore-bot.service").read_text(encoding="utf-8")
    return re.findall(rf"^#?{key}=(.+)$", text, re.MULTILINE)


def test_the_unit_uses_settings_and_credentials_that_there_are():
    pairs = dict(line.split("=", 1) for line in unit_lines("Environment"))
    assert_are_settings(pairs)
    credentials = {line.split(":")[0] for line in unit_lines("LoadCredential")}
    assert {value.removeprefix("%d/") for name, value in pairs.items() if name.endswith("_FILE")} == credentials


def test_the_unit_runs_the_program_and_waits_for_it(unit):
    service = unit["Service"]
    program, command = shlex.split(service["ExecStart"])
    assert Path(program).name == "rds-restore-bot"
    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0
    assert int(service["TimeoutStopSec"]) > LONGEST_STOP


def test_the_unit_gives_up_on_a_wrong_configuration_and_on_nothing_else(unit):
    """PostgreSQL or Slack may be away for hours, and `serve` ends with 1 each time."""
    assert unit["Service"]["Restart"] == "on-failure"
    assert unit["Service"]["RestartPreventExitStatus"] == str(WRONG)
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


def test_what_the_unit_names_is_installed(unit):
    page = (DEPLOY / "systemd.md").read_text(encoding="utf-8")
    named = unit["Unit"]["Documentation"].removeprefix("file:")
    (source,) = re.findall(rf"sudo install -D -m 0644 (\S+) {re.escape(named)}\n", page)
    assert (ROOT / source).exists()
    assert f"dist/rds_restore_bot-{__version__}-py3-none-any.whl" in page


@pytest.mark.parametrize(
    ("key", "value"),
    [("DynamicUser", "yes"), ("NoNewPrivileges", "yes"), ("ProtectSystem", "strict"), ("CapabilityBoundingSet", "")],
)
def test_the_unit_gives_no_more_rights_than_needed(unit, key, value):
    assert unit["Service"][key] == value


# A command beside the unit


@pytest.fixture
def machine(tmp_path):
    """A machine with the unit, a drop-in for HTTP mode, and a systemd-run that only says what it was asked for."""
    unit = tmp_path / "unit"
    unit.write_text(
        (DEPLOY / "rds-restore-bot.service").read_text(encoding="utf-8")
        + "# /etc/systemd/system/rds-restore-bot.service.d/http.conf\n[Service]\nEnvironment=\nEnvironment=PORT=4000\n"
        + "LoadCredential=slack-signing-secret:/etc/s\nEnvironment=SLACK_SIGNING_SECRET_FILE=%d/slack-signing-secret\n",
        encoding="utf-8",
    )
    programs = {
        "id": "echo 0",
        "systemctl": f'test "$*" = "cat rds-restore-bot.service" && cat {unit}',
        "systemd-run": "printf '%s\\n' \"$@\"; exit 7",
    }
    for name, text in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def run_beside(machine, *words):
    environment = {"PATH": f"{machine}:{os.environ['PATH']}"}
    command = [str(DEPLOY / "rds-restore-bot-run"), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_command_beside_the_unit_gets_what_the_unit_gives(machine, unit):
    result = run_beside(machine, "requests", "show", "R 7")
    assert result.returncode == 7, result.stderr
    asked = result.stdout.splitlines()
    assert asked[-4:] == [unit["Service"]["ExecStart"].split()[0], "requests", "show", "R 7"]
    (run,) = [each.removeprefix("--unit=") for each in asked if each.startswith("--unit=")]
    properties = [each.removeprefix("--property=") for each in asked if each.startswith("--property=")]
    for key in ("User", "DynamicUser", "StateDirectory", "StateDirectoryMode", "UMask"):
        assert f"{key}={unit['Service'][key]}" in properties
    # In their order: an empty one takes back what stood before it.
    kept = properties[properties.index("Environment=") :]
    assert kept == [
        "Environment=", "Environment=PORT=4000", "LoadCredential=slack-signing-secret:/etc/s",
        f"Environment=SLACK_SIGNING_SECRET_FILE=/run/credentials/{run}.service/slack-signing-secret",
    ]  # fmt: skip
    assert "LoadCredential=slack-bot-token:/etc/rds-restore-bot/secrets/slack-bot-token" in properties
    assert "WorkingDirectory=/var/lib/rds-restore-bot" in properties
    assert not any(re.search("%|database-url|Memory|Restart|Exec", each) for each in properties)


@pytest.mark.parametrize(("words", "told"), [((), "name a command"), (("serve",), "systemctl start rds-restore-bot")])
def test_a_command_beside_the_unit_is_not_a_second_bot(machine, words, told):
    result = run_beside(machine, *words)
    assert (result.returncode, result.stdout) == (2, "")
    assert told in result.stderr


def test_a_command_beside_the_unit_needs_the_unit(machine):
    (machine / "systemctl").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    result = run_beside(machine, "check")
    assert (result.returncode, result.stdout) == (2, "")
    assert "there is no rds-restore-bot.service" in result.stderr
