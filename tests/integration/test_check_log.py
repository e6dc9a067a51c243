"""What libraries write while `check` asks goes the same way as under `serve`: without secrets, whatever their shape."""

import logging
import sys

import pytest
import structlog

from bot.cli.check import check

SECRETS = {
    "SLACK_BOT_TOKEN": "a token of no known shape",
    "SLACK_SIGNING_SECRET": "one of two,two of two",
    "HUAWEICLOUD_SDK_SK": "the key that signs",
    "DATABASE_URL": "postgresql://bot:pass%20word@127.0.0.1:1/bot",
}
CONFIGURATION = """\
[[projects]]
name = "prod"
region = "eu-de"
project_id = "0"
endpoint = "http://127.0.0.1:1"
iam_endpoint = "http://127.0.0.1:1"

[[policies]]
approvers = ["S0DBA"]
"""


@pytest.fixture
def environment(monkeypatch, tmp_path):
    (tmp_path / "rds-restore.toml").write_text(CONFIGURATION)
    monkeypatch.chdir(tmp_path)
    elsewhere = {"SLACK_API_URL": "http://127.0.0.1:1/", "HUAWEICLOUD_SDK_AK": "AK"}
    for name, value in (SECRETS | elsewhere).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def as_before():
    """The log is put back afterwards."""
    root = logging.getLogger()
    before = root.handlers, root.level, sys.excepthook
    yield
    root.handlers, root.level, sys.excepthook = before
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.mark.usefixtures("environment", "as_before")
@pytest.mark.parametrize("is_right", [True, False])
async def test_no_secret_is_in_a_librarys_line(monkeypatch, capsys, is_right):
    if not is_right:
        # Then only the environment is known, and the cloud's keys are not used.
        monkeypatch.setenv("RDS_RESTORE_CONFIG", "nowhere.toml")
        monkeypatch.delenv("HUAWEICLOUD_SDK_SK")
    assert await check(as_json=True, public_url="") == (1 if is_right else 2)
    told = [
        secret for secret in (*SECRETS.values(), "one of two", "two of two", "pass word") if is_right or "key" not in secret
    ]
    for secret in told:
        logging.getLogger("a.library").warning("it was %s, no more", secret)
    err = capsys.readouterr().err
    assert err.count("no more") == len(told)
    assert [secret for secret in told if secret in err] == []
