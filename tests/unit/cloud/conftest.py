from collections.abc import Iterator

import pytest
import stamina


@pytest.fixture
def no_waiting() -> Iterator[None]:
    """Reads are tried three times at most, without waiting between."""
    with stamina.set_testing(True, attempts=3):
        yield
