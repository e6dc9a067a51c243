"""What every test stands on."""

import os

import hypothesis
import pytest

# How long an example takes says more about the machine than about the program.
hypothesis.settings.register_profile("ours", deadline=None)
hypothesis.settings.load_profile("ours")
pytest_plugins = ["tests.databases"]
OURS = ("SLACK_", "DATABASE_URL", "RDS_RESTORE_", "HUAWEICLOUD_SDK_", "HOST", "PORT", "LOG_FORMAT", "OTEL_")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees a setting of the machine it runs on."""
    for name in list(os.environ):
        if name.startswith(OURS) and name != "HOSTNAME":
            monkeypatch.delenv(name)
