"""How far somebody's words are believed before they are read: a number that follows from decided cases."""

from uuid import UUID

from members.models import Member


def hold(member_id: UUID) -> None:
    """Before it is counted: two decisions about one person are counted one after the other."""
    list(Member.objects.select_for_update(no_key=True).filter(pk=member_id).values_list("pk"))


def put(member_id: UUID, score: int) -> None:
    """Called inside the verb that decided, which knows how many reports were upheld."""
    Member.objects.filter(pk=member_id).exclude(trust=score).update(trust=score)
