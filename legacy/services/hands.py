"""Several batches at once, each in a session of its own; or one after the other, in the one that is there."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from uuid import UUID

from django.db import connection

from legacy.problems import as_long_as_it_takes

# How many conversations, and how many messages.
Counted = tuple[int, int]
Work = Callable[[list[UUID]], Counted]


def side_by_side(work: Work, batches: Iterator[list[UUID]], jobs: int) -> Iterator[Counted]:
    """What came of each, in whatever order they end; never more of them are begun than there are jobs."""
    if jobs == 1:
        yield from map(work, batches)
        return
    with ThreadPoolExecutor(jobs) as hands:
        busy: set[Future[Counted]] = set()
        for ids in batches:
            busy.add(hands.submit(_in_its_own_session, work, ids))
            if len(busy) == jobs:
                done, busy = wait(busy, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in done)
        yield from (one.result() for one in as_completed(busy))


def _in_its_own_session(work: Work, ids: list[UUID]) -> Counted:
    try:
        with as_long_as_it_takes():
            return work(ids)
    finally:
        connection.close()
