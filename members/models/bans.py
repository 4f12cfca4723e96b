"""Who is kept out altogether: asked of the rows, wherever a member is read who might come in or be written to."""

from django.db import models

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
