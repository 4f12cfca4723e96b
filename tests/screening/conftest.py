"""What a test did to the rules is not remembered in the next one."""

from collections.abc import Iterator

import pytest

from screening.services import examining

# As in the site, where no other test waits for it.
FRESH_SECONDS = 5.0


@pytest.fixture(autouse=True)
def _rules_as_they_are(django_db_setup: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(examining, "FRESH_SECONDS", FRESH_SECONDS)
    of_the_migrations = examining._kept
    examining.forget_rules()
    yield
    examining._kept = of_the_migrations
