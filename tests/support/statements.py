"""Watching what a verb says to the database, statement by statement: to count, to wait, to end its session."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from django.db import connection

COMMIT, COMMITTED = "COMMIT", "COMMITTED"


@contextmanager
def watched(before: Callable[[int, str], None]) -> Iterator[None]:
    """Calls `before` with number and words ahead of every statement of this thread, of each COMMIT, and after it."""
    numbers = count(1)

    def ahead(execute: Callable[..., Any], words: str, *rest: Any) -> Any:
        before(next(numbers), str(words))
        return execute(words, *rest)

    session: Any = connection
    commit = session._commit

    def commit_watched() -> None:
        before(next(numbers), COMMIT)
        commit()
        before(next(numbers), COMMITTED)

    session._commit = commit_watched
    try:
        with connection.execute_wrapper(ahead):
            yield
    finally:
        del session._commit
