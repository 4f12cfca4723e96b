"""Who is kept out altogether: asked of the rows, wherever a member is read who might come in or be written to."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, IntegrityError, OperationalError, models

from carecollective.errors import ServiceUnavailable

log = logging.getLogger("members.standing")

# clock_timestamp() comes after the snapshot of its statement, so a restriction that can be seen has begun.
# The range is open where there is no end.
IS_ACTIVE = "lifted_at IS NULL AND tstzrange(starts_at, ends_at) @> clock_timestamp()"


def is_banned_sql(member: str) -> str:
    """For statements written by hand: whether the member of this column is banned now."""
    return f"EXISTS (SELECT FROM user_restrictions WHERE member_id = {member} AND level = 'banned' AND {IS_ACTIVE})"


class IsBanned(models.Func):
    """The same for the ORM; by hand, because it stands in the look-up of every session."""

    template = is_banned_sql("%(expressions)s")
    arity = 1
    output_field = models.BooleanField()


class IsRestricted(IsBanned):
    """By anything: so that pages need ask for more only where there is more."""

    template = f"EXISTS (SELECT FROM user_restrictions WHERE member_id = %(expressions)s AND {IS_ACTIVE})"


@contextmanager
def failing_closed() -> Iterator[None]:
    """Where we cannot know, nothing is written: whatever goes wrong with a look-up in here is 503."""
    try:
        yield
    except (IntegrityError, OperationalError):
        # A row the database refuses is no look-up; a busy or absent database is 503 everywhere.
        raise
    except DatabaseError as problem:
        # Only its kind and place: its text may repeat what a member wrote.
        log.error("members.standing_unknown", extra={"problem": problem})
        raise ServiceUnavailable() from problem
