"""An original to bring over; and what a test here asks of the flag is not what the next one finds."""

from collections.abc import Iterator

import pytest

from features import flag
from tests.support.original import Original, Small, an_original


@pytest.fixture(autouse=True)
def _flag_as_it_was() -> Iterator[None]:
    kept = flag._kept
    yield
    flag._kept = kept


@pytest.fixture
def original(committed: None) -> Iterator[Original]:
    with an_original() as made:
        yield made


@pytest.fixture
def small(original: Original) -> Small:
    return Small(original)
