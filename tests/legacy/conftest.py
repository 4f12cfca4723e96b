"""What a test here asks of the flag is not what the next one finds."""

from collections.abc import Iterator

import pytest

from features import flag


@pytest.fixture(autouse=True)
def _flag_as_it_was() -> Iterator[None]:
    kept = flag._kept
    yield
    flag._kept = kept
