"""A case that was decided is open again, and is one with whatever has come in about the same since."""

from django.db import IntegrityError, transaction
from django.db.models import F

from carecollective.errors import NotPermitted, ServiceUnavailable
from moderation.models import Case, CaseState, Find, Report, Source, Standing, Status
from moderation.services.cases import ROUNDS

ANOTHER_BAN = "A ban is proposed in case {number}, about the same. Please decide that first."


def open_again(case: Case) -> None:
    """Anybody may decide it now. Called with the case held."""
    again = {"state": CaseState.OPEN, "decision": None, "handed_on_by": None, "version": F("version") + 1}
    for _ in range(ROUNDS):
        for later in Case.objects.open().like(case).exclude(pk=case.pk).select_for_update(no_key=True):
            _put_together(later, case)
        try:
            with transaction.atomic():
                Case.objects.filter(pk=case.pk).update(**again)
        except IntegrityError:
            # Somebody reported it at this very moment.
            continue
        Report.objects.filter(case=case).update(status=Status.PENDING)
        return
    raise ServiceUnavailable()


def _put_together(later: Case, case: Case) -> None:
    if later.decisions.filter(standing=Standing.WAITING).exists():
        raise NotPermitted(ANOTHER_BAN.format(number=later.number))
    for rows in (Report.objects, Find.objects):
        rows.filter(case=later).update(case=case)
    Case.objects.filter(pk=later.pk).update(state=CaseState.MERGED, merged_into=case, **later.claim_of(None))
    # As it stands now: a third one may have been put to it before.
    case.refresh_from_db(fields=["is_safety", "is_held", "source", "due_at"])
    Case.objects.filter(pk=case.pk).update(
        is_safety=case.is_safety or later.is_safety,
        is_held=case.is_held or later.is_held,
        source=Source.MEMBER if Source.MEMBER in (case.source, later.source) else case.source,
        due_at=min(case.due_at, later.due_at),
    )
