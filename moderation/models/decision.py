"""What was decided about a case, by whom, on which rule and facts, and what each person reads of it."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import CheckConstraint, F, OuterRef, Q, Subquery, UniqueConstraint
from django.db.models.functions import Coalesce, Now
from django.utils.timezone import now

from carecollective.database import new_id
from carecollective.encryption import SealedText
from carecollective.errors import CaseAlreadyDecided, NotFound, NotPermitted
from carecollective.rules import RULES, Rule
from members.models import Member, Restriction
from moderation.models.case import Case
from moderation.models.words import APPEAL_WITHIN, BREACHES, ON_APPEAL, UNDO_FOR, Action, Standing

NO_LONGER = "This decision has been changed in the meantime."


class Decisions(models.QuerySet["Decision"]):
    def about(self, member: Member) -> "Decisions":
        """Those that did something to this person, from the moment they were made; undone ones never were."""
        told = Q(standing__in=[Standing.IN_FORCE, Standing.OVERTURNED]) | Q(standing=Standing.WAITING)
        return self.filter(told, affected=member, action__in=BREACHES)

    def one_about(self, member: Member, decision_id: UUID) -> "Decision":
        found = self.read_by(member).filter(pk=decision_id).first()
        if found is None:
            raise NotFound()
        return found

    def read_by(self, member: Member) -> "Decisions":
        """With all that tells the person it is about how it stands now."""
        newest = Restriction.objects.filter(decision_id=OuterRef("pk")).order_by("-starts_at", "-pk")
        ended = newest.values_list(Coalesce("lifted_at", "ends_at"))[:1]
        rows = self.about(member).select_related("case", "overturned_by", "affected")
        return rows.annotate(restriction_ended_at=Subquery(ended))

    def locked(self, decision_id: UUID) -> "Decision":
        list(self.select_for_update(no_key=True).filter(pk=decision_id).values_list("pk"))
        found = self.select_related("case", "decided_by", "affected").filter(pk=decision_id).first()
        if found is None:
            raise NotFound()
        return found

    def upheld(self) -> "Decisions":
        """Breaches that stand."""
        return self.filter(action__in=BREACHES, standing=Standing.IN_FORCE)

    def others_about(self, case: Case) -> "Decisions":
        """Breaches that stand, decided in other cases about the same thing."""
        same = {"case__target_kind": case.target_kind, "case__target_id": case.target_id}
        return self.upheld().filter(**same).exclude(case=case)

    def to_be_told(self) -> "Decisions":
        return self.filter(standing=Standing.IN_FORCE, told_at=None, counts_from__lte=Now() - UNDO_FOR)


def _rules() -> Iterator[tuple[str, Q]]:
    yield "action_known", Q(action__in=Action.values)
    yield "standing_known", Q(standing__in=Standing.values)
    yield "breach_names_its_rule", ~Q(action__in=BREACHES) | Q(rule__range=(1, len(RULES)))
    yield "has_its_statement", ~Q(facts_key_id="") & ~Q(words_key_id="") & ~Q(reporter_words_key_id="")
    yield "limit_and_nothing_else_needs_an_end", ~Q(action=Action.LIMIT) | Q(until__isnull=False)
    yield "ends_after_it_begins", Q(until__isnull=True) | Q(until__gt=F("decided_at"))
    yield (
        "ban_has_two_people_or_a_reason",
        ~Q(action=Action.BAN, standing=Standing.IN_FORCE) | Q(seconded_by__isnull=False) | ~Q(alone_because=""),
    )
    yield "second_is_somebody_else", Q(seconded_by__isnull=True) | ~Q(seconded_by=F("decided_by"))
    yield "affects_somebody_else", ~Q(decided_by=F("affected"))
    yield "undone_says_by_whom", ~Q(standing=Standing.UNDONE) | Q(undone_by__isnull=False, undone_at__isnull=False)
    yield "overturned_says_by_which", ~Q(standing=Standing.OVERTURNED) | Q(overturned_by__isnull=False)


class Decision(models.Model):
    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    affected = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    action = models.CharField(max_length=8, choices=Action.choices)
    rule = models.PositiveSmallIntegerField(null=True)
    until = models.DateTimeField(null=True)
    # When somebody should see whether it is still needed.
    look_again_on = models.DateField(null=True)
    # The words themselves go as well, whatever else is done.
    hides = models.BooleanField(default=False)
    found_by_rule = models.BooleanField(default=False)
    # What was looked at; what the affected person reads; what whoever reported or appealed reads.
    facts = models.TextField()
    facts_key_id = models.CharField(max_length=32)
    words = models.TextField()
    words_key_id = models.CharField(max_length=32)
    reporter_words = models.TextField()
    reporter_words_key_id = models.CharField(max_length=32)
    decided_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField(db_default=Now())
    standing = models.CharField(max_length=10, choices=Standing.choices)
    seconded_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Said in the statement, too: why one person decided what two should have.
    alone_because = models.CharField(max_length=300, blank=True, default="", db_default="")
    # When the ten minutes began.
    counts_from = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    undone_at = models.DateTimeField(null=True)
    overturned_by = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="overturns")

    # What could not be done for it, said to whoever decided; kept nowhere.
    left_undone = ""

    clear_facts = SealedText("facts", key_column="facts_key_id")
    clear_words = SealedText("words", key_column="words_key_id")
    clear_reporter_words = SealedText("reporter_words", key_column="reporter_words_key_id")

    objects = Decisions.as_manager()

    class Meta:
        db_table = "decisions"
        constraints = [
            UniqueConstraint(
                name="unique_standing_decision",
                fields=["case"],
                condition=Q(standing__in=[Standing.WAITING, Standing.IN_FORCE]),
            ),
            *(CheckConstraint(name=f"decisions_{name}", condition=rule) for name, rule in _rules()),
        ]
        indexes = [
            models.Index(name="decisions_about", fields=["affected", "-decided_at", "-id"]),
            models.Index(
                name="decisions_to_tell", fields=["counts_from"], condition=Q(standing="in_force", told_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} in {self.case}"

    @property
    def broken_rule(self) -> Rule | None:
        return RULES[self.rule - 1] if self.rule else None

    @property
    def is_breach(self) -> bool:
        return self.action in BREACHES

    @property
    def takes_words_away(self) -> bool:
        return self.is_breach and (self.hides or self.action == Action.HIDE or self.case.is_held)

    @property
    def is_on_appeal(self) -> bool:
        return self.action in ON_APPEAL

    @property
    def is_in_force(self) -> bool:
        return self.standing == Standing.IN_FORCE

    @property
    def waits(self) -> bool:
        return self.standing == Standing.WAITING

    @property
    def undo_until(self) -> datetime | None:
        return self.counts_from + UNDO_FOR if self.counts_from else None

    @property
    def can_be_undone(self) -> bool:
        until = self.undo_until
        is_sent = self.case.is_held and not self.is_breach
        return self.is_in_force and not is_sent and self.told_at is None and until is not None and until > now()

    @property
    def appeal_until(self) -> datetime:
        return self.decided_at + APPEAL_WITHIN

    def must_be_undoable(self) -> None:
        """A ban that still waits can be called off at any time."""
        if self.waits:
            return
        self.must_stand()
        if not self.can_be_undone:
            raise NotPermitted(TOLD if self.told_at else SOON_TOLD)

    def must_stand(self) -> None:
        if not self.is_in_force:
            raise CaseAlreadyDecided(NO_LONGER, case_id=self.case_id)


TOLD = "The ten minutes are over, and people have been told. You can reverse it."
SOON_TOLD = "The ten minutes are over, and people are being told now. In a minute you can reverse it."
