"""A dry run of what is one step: all of it is done, and taken back."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

NOTHING_CHANGED = "Dry run: nothing was changed. It would be:"


@contextmanager
def only_tried(is_dry: bool) -> Iterator[None]:
    if not is_dry:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
