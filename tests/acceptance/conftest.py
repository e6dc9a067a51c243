"""A world for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.acceptance.world import World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Socket Mode, SQLite, one bot that is not started yet."""
    async with World(tmp_path) as made:
        yield made
