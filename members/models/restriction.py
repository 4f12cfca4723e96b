"""What a member may not do for a while: a fact about them, made by a decision, and never changed into another."""

from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.db.models.functions import Now

from carecollective.database import new_id
from carecollective.encryption import SealedText
from carecollective.rules import RULES
from members.models.member import Member

REASON_MOST = 300


class Level(models.TextChoices):
    LIMITED = "limited", "Limited"
    SUSPENDED = "suspended", "Paused"
    BANNED = "banned", "Closed for good"


NOT_LIFTED = Q(lifted_at=None, lifted_by=None, lift_reason="")
LIFTED = Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason="")


class Restriction(models.Model):
    """`decision_id` is the statement of reasons: the room that decides makes it a foreign key."""

    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="restrictions", db_index=False)
    decision_id = models.UUIDField()
    level = models.CharField(max_length=9, choices=Level.choices)
    message_limit_per_day = models.PositiveSmallIntegerField(null=True)
    rule = models.PositiveSmallIntegerField()
    # One plain sentence for the member; the facts behind it name other people, so they are sealed.
    reason = models.CharField(max_length=REASON_MOST)
    facts = models.TextField()
    facts_key_id = models.CharField(max_length=32)
    decided_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField(db_default=Now())
    # Empty: until it is lifted.
    ends_at = models.DateTimeField(null=True)
    look_again_on = models.DateField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    lift_reason = models.CharField(max_length=REASON_MOST, blank=True, default="", db_default="")
    ended_told_at = models.DateTimeField(null=True)

    clear_facts = SealedText("facts", key_column="facts_key_id")

    class Meta:
        db_table = "user_restrictions"
        constraints = [
            CheckConstraint(name="user_restrictions_level_known", condition=Q(level__in=Level.values)),
            CheckConstraint(
                name="user_restrictions_only_limited_has_a_limit",
                condition=Q(level=Level.LIMITED, message_limit_per_day__isnull=False, message_limit_per_day__gte=1)
                | (~Q(level=Level.LIMITED) & Q(message_limit_per_day=None)),
            ),
            CheckConstraint(name="user_restrictions_rule_known", condition=Q(rule__in=[rule.number for rule in RULES])),
            CheckConstraint(name="user_restrictions_have_a_reason", condition=~Q(reason="")),
            CheckConstraint(name="user_restrictions_facts_are_sealed", condition=~Q(facts="") & ~Q(facts_key_id="")),
            CheckConstraint(name="user_restrictions_not_of_oneself", condition=~Q(member=F("decided_by"))),
            CheckConstraint(
                name="user_restrictions_end_after_their_start",
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
            ),
            CheckConstraint(name="user_restrictions_lifting_is_whole", condition=NOT_LIFTED | LIFTED),
            CheckConstraint(
                name="user_restrictions_only_their_own_end_is_told",
                condition=Q(ended_told_at=None) | Q(ends_at__isnull=False, ended_told_at__gte=F("ends_at")),
            ),
        ]
        indexes = [
            models.Index(name="user_restrictions_of_member", fields=["member", "-starts_at"]),
            models.Index(name="user_restrictions_not_lifted", fields=["member"], condition=Q(lifted_at=None)),
            models.Index(name="user_restrictions_of_decision", fields=["decision_id"]),
            models.Index(
                name="user_restrictions_to_end",
                fields=["ends_at"],
                condition=Q(lifted_at=None, ended_told_at=None, ends_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} since {self.starts_at:%B %-d, %Y}"
