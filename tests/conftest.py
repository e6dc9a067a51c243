"""What every test stands on."""

import os
from collections.abc import Iterator

import pytest

OURS = ("SLACK_", "DATABASE_URL", "RDS_RESTORE_", "HUAWEICLOUD_SDK_", "HOST", "PORT", "LOG_FORMAT")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test sees a setting of the machine it runs on."""
    for name in os.environ:
        if name.startswith(OURS) and name != "HOSTNAME":
            monkeypatch.delenv(name)
    yield
