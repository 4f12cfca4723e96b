"""A person with an account."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils.functional import cached_property

from carecollective.database import new_id
from carecollective.errors import NotPermitted
from members.models.bans import IsBanned, IsRestricted, failing_closed


class VerificationStatus(models.TextChoices):
    PENDING = "pending", "Waiting"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Declined"


class Members(BaseUserManager["Member"]):
    def get_by_natural_key(self, username: str | None) -> "Member":
        return self.get(email=(username or "").lower())

    def approved(self) -> models.QuerySet["Member"]:
        is_in = self.filter(verification_status=VerificationStatus.APPROVED, is_active=True)
        return is_in.filter(~models.Q(IsBanned("id")))

    def coming_in(self) -> models.QuerySet["Member"]:
        """Read together with what every door and many a page asks: is anything closed to them?"""
        return self.annotate(is_restricted=IsRestricted("id"), is_banned=IsBanned("id"))  # type: ignore[no-redef]

    def held(self, member: "Member") -> "Member":
        """As they are now, and nobody changes that (a ban, a block) until this transaction ends."""
        # FOR SHARE is not in the ORM, and FOR UPDATE would make two people's crossing offers wait for each other.
        return self.raw("SELECT * FROM members WHERE id = %s FOR SHARE", [member.pk])[0]

    def ready_to_be_read(self) -> models.QuerySet["Member"]:
        """People a verifier can decide about: waiting, and sure to own their address; oldest first."""
        waiting = self.filter(verification_status=VerificationStatus.PENDING, email_confirmed_at__isnull=False)
        return waiting.order_by("applied_at", "id")


class Member(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Always lower case and ASCII (`fold_address`), so one address is one account.
    email = models.EmailField("email address", unique=True)
    name = models.CharField(max_length=100)
    called = models.CharField("what to call them", max_length=50)
    town = models.CharField(max_length=200)
    caregiving = models.TextField("their caregiving", max_length=1000)
    reason = models.TextField("why they want to join", max_length=1000)
    about = models.TextField("about them", max_length=500, blank=True, default="")
    # Empty: as the browser tells.
    time_zone = models.CharField(max_length=64, blank=True, default="")
    # Computed from decided cases; under 25 a person reads what they write first.
    trust = models.PositiveSmallIntegerField(default=75, db_default=75, editable=False)
    verification_status = models.CharField(
        max_length=10, choices=VerificationStatus.choices, default=VerificationStatus.PENDING
    )
    email_confirmed_at = models.DateTimeField(null=True, blank=True)
    rules_accepted_at = models.DateTimeField()
    applied_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    last_login = None  # We do not keep when people come and go.

    objects: ClassVar[Members] = Members()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "members"
        constraints = [
            models.CheckConstraint(name="members_trust_is_a_score", condition=models.Q(trust__lte=100)),
            models.CheckConstraint(name="members_email_is_lower_case", condition=models.Q(email=Lower("email"))),
            models.CheckConstraint(
                name="members_verification_status_known",
                condition=models.Q(verification_status__in=VerificationStatus.values),
            ),
            models.CheckConstraint(
                name="members_approved_have_confirmed_email",
                condition=~models.Q(verification_status=VerificationStatus.APPROVED)
                | models.Q(email_confirmed_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="members_by_status", fields=["verification_status", "applied_at"])]

    def __str__(self) -> str:
        return self.called

    @property
    def is_pending(self) -> bool:
        return self.verification_status == VerificationStatus.PENDING

    @property
    def is_approved(self) -> bool:
        return self.verification_status == VerificationStatus.APPROVED and self.is_active and not self.is_banned

    @cached_property
    def is_banned(self) -> bool:
        """Asked once per row in memory; whoever comes in is read with it (`coming_in`)."""
        with failing_closed():
            return type(self).objects.filter(models.Q(IsBanned("id")), pk=self.pk).exists()

    @property
    def is_rejected(self) -> bool:
        return self.verification_status == VerificationStatus.REJECTED

    @property
    def has_been_let_in(self) -> bool:
        """Now, or before it was taken back: other members may have met this person."""
        approved = VerificationStatus.APPROVED
        return self.verification_status == approved or self.verification_changes.filter(from_status=approved).exists()

    @property
    def has_confirmed_email(self) -> bool:
        return self.email_confirmed_at is not None

    @cached_property
    def roles(self) -> frozenset[str]:
        return frozenset(self.groups.values_list("name", flat=True)) if self.is_staff else frozenset()

    def has_role(self, *roles: str) -> bool:
        return self.is_active and not self.roles.isdisjoint(roles) and not self.is_banned

    def must_be_approved(self, sentence: str = "Your account must be approved first") -> None:
        if not self.is_approved:
            raise NotPermitted(sentence, requires_approval=True)

    def must_not_be_in_the_small_room(self) -> None:
        """Whom we declined or banned may read the decision, ask again, take their data and leave; nothing else."""
        if self.is_rejected or not self.is_active or self.is_banned:
            raise NotPermitted("Your account cannot do this now.", requires_approval=True)
