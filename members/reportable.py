"""Reporting a person: who can be, and what is sealed of what they say about themselves."""

from typing import Any
from uuid import UUID

from carecollective.errors import NotFound
from carecollective.ports import Reportable, Target
from members.models import Member

KIND = "member"


def find(member: Member | None, member_id: UUID) -> Target:
    found = _found(member_id)
    return Target(KIND, found.pk, found.pk, found.called)


def evidence(reporter: Member | None, target: Target) -> dict[str, Any]:
    """What other members read about them."""
    found = _found(target.id)
    return {"id": found.pk, "called": found.called, "about": found.about, "town": found.town}


REPORTABLE = {KIND: Reportable(find, evidence)}


def _found(member_id: UUID) -> Member:
    found = Member.objects.filter(pk=member_id).first()
    # Somebody sent away meanwhile too; who was never let in is nobody others know.
    if found is None or not found.has_been_let_in:
        raise NotFound()
    return found
