"""What a person is told who may not do something, or comes too late."""

from collections.abc import Awaitable

import pytest

from bot.domain.errors import BotError, Conflict, Refused


async def refused(click: Awaitable[object], code: str) -> BotError:
    """The error of a click that is not granted."""
    with pytest.raises((Refused, Conflict)) as error:
        await click
    assert error.value.code == code
    return error.value
