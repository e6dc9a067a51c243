"""The program is killed at every step, on PostgreSQL: one of two replicas, or the only one."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.acceptance.crashes import die_everywhere
from tests.databases import empty_postgresql


@pytest.mark.parametrize("replicas", [1, 2])
async def test_killed_at_every_step(tmp_path, postgres, replicas):
    def address(folder: Path) -> AbstractContextManager[str]:
        del folder
        return empty_postgresql(postgres)

    await die_everywhere(tmp_path, address, replicas)
