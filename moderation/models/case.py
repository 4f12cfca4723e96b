"""One thing somebody has to look at: all reports on it, what rules found in it, and who is at it now."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Now
from django.utils.timezone import now

from carecollective.database import new_id
from carecollective.errors import CaseAlreadyDecided, NotFound, NotPermitted
from members.models import Member
from moderation.models.words import LEASE, CaseState, Source, Subject

CHANGED = "Something new came in for this case. Please look at it once more."


class Cases(models.QuerySet["Case"]):
    def open(self) -> "Cases":
        return self.filter(state=CaseState.OPEN)

    def like(self, case: "Case") -> "Cases":
        """About the same thing and the same person: both sides of a chat may report it, each the other."""
        return self.filter(target_kind=case.target_kind, target_id=case.target_id, author=case.author_id)

    def one(self, case_id: UUID) -> "Case":
        with_people = self.select_related("author", "claimed_by", "decision__decided_by", "decision__seconded_by")
        found = with_people.select_related("merged_into").filter(pk=case_id).first()
        if found is None:
            raise NotFound()
        return found

    def locked(self, case_id: UUID) -> "Case":
        """For the verb that is about to move it; what it is about is locked before it."""
        list(self.select_for_update(no_key=True).filter(pk=case_id).values_list("pk"))
        return self.one(case_id)


class Case(models.Model):
    """Facts only: what was said stands sealed in the reports and finds that belong to it."""

    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # What people call it by. The database counts.
    number = models.BigIntegerField(editable=False, db_default=0)
    target_kind = models.CharField(max_length=12, choices=Subject.choices)
    target_id = models.UUIDField()
    conversation_id = models.UUIDField(null=True)
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="cases", db_index=False)
    source = models.CharField(max_length=6, choices=Source.choices)
    is_safety = models.BooleanField(default=False, db_default=False)
    # Its words wait: nobody but their writer reads them before this is decided.
    is_held = models.BooleanField(default=False, db_default=False)
    state = models.CharField(max_length=7, choices=CaseState.choices, default=CaseState.OPEN, db_default=CaseState.OPEN)
    opened_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField()
    claimed_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    claimed_until = models.DateTimeField(null=True)
    # Whoever asked another moderator does not get it back by the next press of a key.
    handed_on_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Counts what came in; a decision names the one it was made on.
    version = models.PositiveIntegerField(default=1, db_default=1)
    decision = models.ForeignKey(
        "moderation.Decision", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = Cases.as_manager()

    class Meta:
        db_table = "moderation_cases"
        constraints = [
            UniqueConstraint(name="unique_case_number", fields=["number"]),
            UniqueConstraint(
                name="unique_open_case",
                fields=["target_kind", "target_id", "author"],
                condition=Q(state=CaseState.OPEN),
            ),
            CheckConstraint(name="moderation_cases_kind_known", condition=Q(target_kind__in=Subject.values)),
            CheckConstraint(name="moderation_cases_source_known", condition=Q(source__in=Source.values)),
            CheckConstraint(
                name="moderation_cases_decided_have_a_decision",
                condition=Q(state=CaseState.OPEN, decision__isnull=True, merged_into__isnull=True)
                | Q(state=CaseState.DECIDED, decision__isnull=False, merged_into__isnull=True)
                | Q(state=CaseState.MERGED, decision__isnull=True, merged_into__isnull=False),
            ),
            CheckConstraint(
                name="moderation_cases_claim_is_whole",
                condition=Q(claimed_by__isnull=True, claimed_until__isnull=True)
                | Q(claimed_by__isnull=False, claimed_until__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="moderation_cases_queue", fields=["-is_safety", "due_at", "id"], condition=Q(state="open")
            ),
            models.Index(name="moderation_cases_by_author", fields=["author", "-opened_at"]),
            models.Index(name="moderation_cases_by_target", fields=["target_kind", "target_id"]),
        ]

    def __str__(self) -> str:
        return f"Case {self.number}"

    @property
    def is_open(self) -> bool:
        return self.state == CaseState.OPEN

    @property
    def is_appeal(self) -> bool:
        return self.source == Source.APPEAL

    def is_with(self, moderator: Member) -> bool:
        return self.claimed_by_id == moderator.pk and self._is_claimed()

    @property
    def held_by(self) -> Member | None:
        """Who is at it at this moment."""
        return self.claimed_by if self._is_claimed() else None

    def must_be_open(self) -> None:
        if self.is_open:
            return
        if self.merged_into:
            raise CaseAlreadyDecided(f"This was put together with case {self.merged_into.number}.", case_id=self.pk)
        decided = self.decision
        assert decided  # noqa: S101 (the constraint decided_have_a_decision; this tells the types)
        who, at = decided.seconded_by or decided.decided_by, decided.counts_from or decided.decided_at
        raise CaseAlreadyDecided(f"{who.called} closed this {_ago(at)}.", case_id=self.pk)

    def must_be_of(self, version: int) -> None:
        if self.version != version:
            raise CaseAlreadyDecided(CHANGED, case_id=self.pk)

    def must_be_free_for(self, moderator: Member) -> None:
        holder = self.held_by
        if holder and holder.pk != moderator.pk:
            raise NotPermitted(f"{holder.called} has this case open now.")

    def must_be_with(self, moderator: Member) -> None:
        if not self.is_with(moderator):
            raise NotPermitted("Open this case first. It is given to others after 15 minutes.")

    def claim_of(self, moderator: Member | None) -> dict[str, Any]:
        until = Now() + LEASE if moderator else None
        return {"claimed_by": moderator, "claimed_until": until}

    def _is_claimed(self) -> bool:
        return self.claimed_until is not None and self.claimed_until > now()


def _ago(moment: Any) -> str:
    minutes = int((now() - moment).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 90:
        return "1 minute ago" if minutes == 1 else f"{minutes} minutes ago"
    hours = minutes // 60
    return f"{hours} hours ago" if hours < 48 else f"{hours // 24} days ago"
