"""How the earlier system ends: one row that says whether its tables still take something."""

from typing import Self

from django.db import connection, models

# In one statement that no table has to be there for: once V1 was dropped, none is.
STANDS = "SELECT to_regclass('public.legacy_ending') IS NOT NULL OR to_regclass('public.conversations') IS NOT NULL"
# A database that was never migrated has none of it either.
WAS_THERE = "SELECT EXISTS (SELECT FROM django_migrations WHERE app = 'legacy' AND name LIKE '%\\_ending')"
DELETE_IT = "V1 was dropped, and its code is still here: deploy the release without the folder legacy/."


def ended() -> str:
    """For whoever would write there."""
    ending = Ending.now()
    if ending is None:
        return "gone"
    return "closed" if ending.closed_at else ""


def v1_stands() -> bool:
    """Whether its tables are there."""
    return _is_so(STANDS)


def taken_down() -> dict[str, str]:
    """What the room says of itself once its tables are gone."""
    if v1_stands() or not _is_so(WAS_THERE):
        return {}
    return {"legacy": DELETE_IT}


class Ending(models.Model):
    """Closing is begun first, which ends the chats that stayed; then the tables are closed, which ends all writing."""

    site_rights = ("SELECT", "UPDATE")

    id = models.SmallIntegerField(primary_key=True, default=1)
    began_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=100, default="", db_default="")
    why = models.CharField(max_length=300, default="", db_default="")

    class Meta:
        db_table = "legacy_ending"
        constraints = [
            models.CheckConstraint(name="legacy_ending_is_one", condition=models.Q(id=1)),
            models.CheckConstraint(
                name="legacy_ending_begins_before_it_ends",
                condition=models.Q(closed_at__isnull=True) | models.Q(began_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return "closed" if self.closed_at else "open"

    @classmethod
    def now(cls) -> Self | None:
        """Nothing where V1 was dropped."""
        return cls.objects.get() if v1_stands() else None


def _is_so(question: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question)
        (answer,) = cursor.fetchone() or (False,)
    return bool(answer)
