"""How often somebody did something lately."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class LimitHits(models.Model):
    """One row per limit and person (or address): the moments that still count."""

    pk = models.CompositePrimaryKey("name", "subject")
    name = models.CharField(max_length=40)
    subject = models.CharField(max_length=100)
    moments = ArrayField(models.DateTimeField())
    # How many on that calendar day (UTC), whatever the window: what a daily limit is measured by.
    day = models.DateField(null=True)
    of_day = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "limit_hits"

    def __str__(self) -> str:
        return f"{self.name} {self.subject}"
