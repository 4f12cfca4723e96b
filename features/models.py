"""The switch of messaging_v2 with everything that ever changed it, alarms, and every attempt to offer or to send."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from carecollective.database import new_id
from features.outcomes import FAULTS
from features.states import FLAG, State

REASON_MOST = 300
KNOWN_STATES = r"^(|off|internal|on|percentage:(100|[1-9]?[0-9](\.[0-9]{1,2})?))$"
# Everybody with a role on our team, whichever.
TEAM = "team"


class Kind(models.TextChoices):
    START = "start_conversation", "Start a conversation"
    SEND = "send_message", "Send a message"


class Attempt(models.Model):
    """What was tried and what came of it; never what anybody wrote. Rates of success come from here."""

    site_rights = ("SELECT", "INSERT")

    at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=20, choices=Kind.choices)
    # 1 or 2; nothing where the attempt ended before it was known which way it would go.
    version = models.SmallIntegerField(null=True)
    endpoint = models.CharField(max_length=100, blank=True)
    # `success`, `replayed` (the same key again), or the code of a refusal.
    code = models.CharField(max_length=40)
    milliseconds = models.IntegerField(null=True)
    flag_state = models.CharField(max_length=40, blank=True, default="")
    # No foreign keys: these rows outlive the accounts and conversations they are about.
    member_id = models.UUIDField(null=True)
    conversation_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "attempts"
        constraints = [
            models.CheckConstraint(name="attempts_kind_is_known", condition=models.Q(kind__in=Kind.values)),
            models.CheckConstraint(
                name="attempts_version_is_known",
                condition=models.Q(version__isnull=True) | models.Q(version__in=(1, 2)),
            ),
        ]
        indexes = [
            # Serves the last minutes of a kind and its last attempts; one index, because each costs every message.
            models.Index(name="attempts_by_kind", fields=["kind", "at"]),
            # Finds the last faults among a million others, and costs nothing but faults.
            models.Index(name="attempts_faults", fields=["at", "id"], condition=models.Q(code__in=FAULTS)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"


class Flag(models.Model):
    """The switch of one flag; nothing in `state` leaves it to the environment."""

    name = models.CharField(primary_key=True, max_length=40)
    state = models.CharField(max_length=20, blank=True, default="")
    # The guard does not touch a pinned one.
    is_pinned = models.BooleanField(default=False)
    # Who is internal besides the members named: nobody, the whole team, or those with one role.
    group = models.CharField(max_length=40, blank=True, default="")
    # Since when anybody is in, so that what failed before it was mended is not counted again.
    exposed_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "flags"
        constraints = [
            models.CheckConstraint(name="flags_state_is_known", condition=models.Q(state__regex=KNOWN_STATES)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def switched_to(self) -> State | None:
        return State.parse(self.state) if self.state else None


class InternalMember(models.Model):
    """Somebody for whom messaging_v2 is there before it is for others."""

    site_rights = ("SELECT", "INSERT", "DELETE")

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "flag_members"

    def __str__(self) -> str:
        return str(self.member)


class FlagChange(models.Model):
    """One change of a flag: who, when, from, to, why. Rows are only added."""

    site_rights = ("SELECT", "INSERT")

    at = models.DateTimeField(db_default=Now(), editable=False)
    flag = models.CharField(max_length=40, default=FLAG)
    # What held before and holds since, whoever says so: `off`, `percentage:10`.
    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)
    # `switch`, or the variable that decides; nothing where nothing is set.
    source = models.CharField(max_length=40, blank=True, default="")
    is_pinned = models.BooleanField(default=False)
    # In words; a member besides, if it was one.
    by = models.CharField(max_length=100)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=REASON_MOST)

    class Meta:
        db_table = "flag_changes"
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="flag_changes_say_why", condition=~models.Q(why=""))]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"

    @property
    def because(self) -> str:
        """The reason as the end of a sentence of ours."""
        return " ".join(self.why.split()).rstrip(".!?")


class Alarm(models.Model):
    """A sentence that operators were told."""

    site_rights = ("SELECT", "INSERT")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(db_default=Now(), editable=False)
    # `flag`, or what an alarm is about: the same is not told again within the hour.
    kind = models.CharField(max_length=40)
    sentence = models.CharField(max_length=700)

    class Meta:
        db_table = "alarms"
        ordering = ["-at"]
        indexes = [models.Index(name="alarms_by_kind", fields=["kind", "at"])]

    def __str__(self) -> str:
        return self.sentence
