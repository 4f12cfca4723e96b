"""A way in for those who came over: a link for a password of their own, once, when an operator says so."""

from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

import notifications.services as notifications
from legacy.models import Newcomer
from legacy.services import closing
from legacy.services.alone import alone
from legacy.services.moving import THE_MOVE
from members.models import Member, VerificationStatus
from members.models.bans import IsBanned

BATCH = 100
LETTER = "new_home"


def invite(*, is_dry: bool = False) -> int:
    """Goes on where the last one stopped. Whoever was declined or banned, or has a password already, gets none."""
    closing.standing()
    if is_dry:
        return len(_waiting(None))
    invited = 0
    with alone(*THE_MOVE):
        while some := _invite_some():
            invited += some
    return invited


@transaction.atomic
def _invite_some() -> int:
    ids = _waiting(BATCH)
    for member_id in ids:
        notifications.mail(LETTER, member_id)
    Newcomer.objects.filter(pk__in=ids).update(invited_at=Now())
    return len(ids)


def _waiting(most: int | None) -> list[UUID]:
    outside = Q(verification_status=VerificationStatus.REJECTED) | Q(IsBanned("id")) | Q(is_active=False)
    # Whoever asked for a link on their own has another by now.
    here = Member.objects.filter(pk=OuterRef("pk"), password__startswith=UNUSABLE_PASSWORD_PREFIX).exclude(outside)
    rows = Newcomer.objects.filter(Exists(here), invited_at=None).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:most])
