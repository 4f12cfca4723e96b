"""What a test did to the rules is not remembered in the next one."""

from collections.abc import Iterator

import pytest

from screening.services import examining


@pytest.fixture(autouse=True)
def _rules_as_they_are() -> Iterator[None]:
    examining.forget_rules()
    yield
    examining.forget_rules()
