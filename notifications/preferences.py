"""How a member wants to be written to and told: asked by every room above, changed by its owner."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from carecollective.errors import NotValid
from notifications.models import Emails, Preferences

# What people are told, by the constraint that noticed.
SENTENCES = {
    "preferences_quiet_hours_both_or_neither": "Please give both hours, or neither.",
    "preferences_quiet_hours_differ": "Quiet hours cannot start and end at the same time.",
}


CHOSEN = ("can_receive_from", "email", "quiet_hours_start", "quiet_hours_end", "read_receipts", "presence")


def of(member: Any) -> Preferences:
    """What holds for this member; reading makes no row."""
    found = Preferences.objects.filter(pk=member.pk).first() or Preferences()
    found.member = member
    return found


def wants_mail(member: Any) -> bool:
    """Whether a mail about what happens may be promised, soon or once a day."""
    return of(member).email != Emails.OFF


def change(member: Any, **changes: Any) -> Preferences:
    """Writes exactly the settings named, so many changes at once all stay."""
    if not changes:
        return of(member)
    try:
        with transaction.atomic():
            _write(member, changes)
            return of(member)
    except IntegrityError as problem:
        sentence = SENTENCES.get(_constraint_of(problem))
        if sentence is None:
            raise
        raise NotValid(fields={"quiet_hours_end": [sentence]}) from problem


def as_data(member: Any) -> dict[str, Any]:
    """What they chose, for their download."""
    chosen = of(member)
    return {name: getattr(chosen, name) for name in CHOSEN}


def both_show_reading(one: Any, other: Any) -> bool:
    """Read notes are mutual: who hides their own does not see the other's."""
    hidden = Preferences.objects.filter(member__in=[one.pk, other.pk], read_receipts=False)
    return not hidden.exists()


def _write(member: Any, changes: dict[str, Any]) -> None:
    # The row offered is checked as a whole, even where it only updates: so it must hold what is known already.
    wished = of(member)
    wished.updated_at = Now()
    for name, value in changes.items():
        setattr(wished, name, value)
    Preferences.objects.bulk_create(
        [wished], update_conflicts=True, unique_fields=["member"], update_fields=[*changes, "updated_at"]
    )


def _constraint_of(problem: IntegrityError) -> str:
    diagnosis = getattr(problem.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""
