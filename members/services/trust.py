"""How far somebody's words are believed before they are read: a number that follows from decided cases."""

from uuid import UUID

from members.models import Member


def put(member_id: UUID, score: int) -> None:
    """Called inside the verb that decided, which knows how many reports were upheld."""
    Member.objects.filter(pk=member_id).exclude(trust=score).update(trust=score)
