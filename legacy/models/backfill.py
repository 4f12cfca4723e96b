"""What a backfill has done: its runs, and what became of each conversation."""

from django.db import models
from django.db.models.functions import Now


class RunState(models.TextChoices):
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    DONE = "done", "Done"
    REVERSED = "reversed", "Reversed"


class Outcome(models.TextChoices):
    CONVERTED = "converted", "Converted"
    MERGED = "merged", "Merged into the oldest of its pair"
    QUARANTINED = "quarantined", "Left where it is"


class SettledAs(models.TextChoices):
    ARCHIVED = "archived", "Archived"


WHY_MOST, BY_MOST = 300, 100


class Run(models.Model):
    """One row goes on from run to run until all is moved; each batch moves its checkpoint in its own transaction."""

    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.BigAutoField(primary_key=True)
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.RUNNING)
    started_at = models.DateTimeField(db_default=Now())
    moved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reversed_at = models.DateTimeField(null=True)
    conversations = models.PositiveIntegerField(default=0, db_default=0)
    messages = models.PositiveIntegerField(default=0, db_default=0)
    # Of each batch, and of all before it.
    digest = models.CharField(max_length=64, default="")
    verified_at = models.DateTimeField(null=True)
    differences = models.PositiveIntegerField(null=True)
    # Of the earlier tables as they were when they were compared; a later write there makes another.
    v1_digest = models.CharField(max_length=64, default="", db_default="")

    class Meta:
        db_table = "legacy_runs"
        verbose_name = "backfill of V1"
        verbose_name_plural = "V1 into V2"
        constraints = [
            models.CheckConstraint(name="legacy_runs_state_known", condition=models.Q(state__in=RunState.values)),
        ]

    def __str__(self) -> str:
        return f"backfill {self.pk}"


class Moves(models.QuerySet["Move"]):
    def unscreened(self) -> "Moves":
        """Moved, and nobody has looked yet at what the words in it give away."""
        return self.filter(into_id__isnull=False, protected_at__isnull=True)


class Move(models.Model):
    """What became of one conversation, by its id."""

    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="moves")
    at = models.DateTimeField(db_default=Now())
    outcome = models.CharField(max_length=11, choices=Outcome.choices)
    # The conversation it is part of now: itself, or the oldest of its pair.
    into_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=20, default="", db_default="")
    messages = models.PositiveIntegerField(default=0, db_default=0)
    # Its side row as it was, for the way back.
    kept = models.JSONField(null=True)
    # Somebody decided that it stays behind: what becomes of it when V1 goes, who said so, and why.
    settled_at = models.DateTimeField(null=True)
    settled_as = models.CharField(max_length=8, choices=SettledAs.choices, blank=True, default="", db_default="")
    settled_by = models.CharField(max_length=BY_MOST, blank=True, default="", db_default="")
    settled_why = models.CharField(max_length=WHY_MOST, blank=True, default="", db_default="")
    # When its words were screened, and sealed where they give somebody away; until then they are as they were copied.
    protected_at = models.DateTimeField(null=True)

    objects = Moves.as_manager()

    class Meta:
        db_table = "legacy_moves"
        constraints = [
            models.CheckConstraint(name="legacy_moves_outcome_known", condition=models.Q(outcome__in=Outcome.values)),
            models.CheckConstraint(
                name="legacy_moves_says_where_or_why",
                condition=models.Q(outcome=Outcome.QUARANTINED, into_id__isnull=True) & ~models.Q(reason="")
                | ~models.Q(outcome=Outcome.QUARANTINED) & models.Q(into_id__isnull=False, reason=""),
            ),
            models.CheckConstraint(
                name="legacy_moves_settled_says_how_by_whom_and_why",
                condition=models.Q(settled_at__isnull=True, settled_as="", settled_by="", settled_why="")
                | models.Q(outcome=Outcome.QUARANTINED, settled_at__isnull=False, settled_as__in=SettledAs.values)
                & ~models.Q(settled_by="")
                & ~models.Q(settled_why=""),
            ),
        ]
        indexes = [
            models.Index(name="legacy_moves_into", fields=["into_id"]),
            models.Index(
                name="legacy_moves_unscreened",
                fields=["into_id"],
                condition=models.Q(into_id__isnull=False, protected_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.outcome}"


class Census(models.Model):
    """What each earlier conversation is, and what keeps it from being moved; a view."""

    site_rights = ("SELECT",)

    id = models.UUIDField(primary_key=True)
    created_at = models.DateTimeField()
    is_empty = models.BooleanField()
    is_not_of_two = models.BooleanField()
    misses_people = models.BooleanField()
    misses_request = models.BooleanField()
    opens_too_short = models.BooleanField()
    opens_too_long = models.BooleanField()
    is_opened_by_asker = models.BooleanField()
    is_duplicate = models.BooleanField()
    reason = models.CharField(max_length=20)

    class Meta:
        managed = False
        db_table = "legacy_census"

    def __str__(self) -> str:
        return f"{self.pk}: {self.reason or 'can be moved'}"
