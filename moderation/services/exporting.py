"""Taking the figures of the community away, on record."""

from django.db import transaction

import audit.services as audit
from carecollective.errors import NotPermitted
from members import roles
from members.models import Member
from moderation import community
from moderation.community_csv import as_csv


@transaction.atomic
def export_community(reader: Member) -> str:
    """The file with exactly what the page shows."""
    if not reader.has_role(roles.MODERATOR, roles.AUDITOR, roles.OPERATOR):
        raise NotPermitted()
    found = community.figures()
    audit.record("community_exported", actor=reader, since=found.mondays[0], weeks=len(found.mondays))
    return as_csv(found)
