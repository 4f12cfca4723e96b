"""What staff need besides their password."""

from django.db import models
from django.db.models.functions import Now

from carecollective.encryption import SealedText
from members.models.member import Member


class SecondFactor(models.Model):
    """The secret an authenticator app shares with us, sealed; counts once the first code was right."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="second_factor")
    secret = models.TextField()
    key_id = models.CharField(max_length=32)
    confirmed_at = models.DateTimeField(null=True)
    # A code is good once: a look over the shoulder must not open the door again.
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    clear_secret = SealedText("secret")

    class Meta:
        db_table = "second_factors"

    def __str__(self) -> str:
        return f"second factor of {self.member_id}"


class RecoveryCode(models.Model):
    """Opens the door once when the phone is lost; only its digest is kept."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recovery_codes"
        constraints = [models.UniqueConstraint(name="unique_recovery_code", fields=["member", "digest"])]

    def __str__(self) -> str:
        return f"recovery code of {self.member_id}"
