"""What a test did to the flag is not remembered in the next one."""

from collections.abc import Iterator

import pytest

from features import flag

# As in the site, where no other test waits for it.
FRESH_SECONDS = 2.0


@pytest.fixture(autouse=True)
def _flag_as_it_is(django_db_setup: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(flag, "FRESH_SECONDS", FRESH_SECONDS)
    kept = flag._kept
    flag.forget()
    yield
    flag._kept = kept
