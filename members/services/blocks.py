"""Keeping away from somebody, which nobody is told."""

from uuid import UUID

from django.db import transaction

from carecollective.errors import NotFound, NotValid
from members import limits
from members.models import Block, Member


@transaction.atomic
def block(member: Member, other_id: UUID) -> bool:
    """Can be said twice; True when it was not so before."""
    _lock_both(member, other_id)
    _, is_new = Block.objects.get_or_create(blocker=member, blocked_id=other_id)
    if is_new:
        limits.take(limits.BLOCKS, member.pk)
    return is_new


@transaction.atomic
def unblock(member: Member, other_id: UUID) -> None:
    """Takes back one's own block; one the other person made stays."""
    other_than(member, other_id)
    Block.objects.filter(blocker=member, blocked_id=other_id).delete()


def other_than(member: Member, other_id: UUID) -> Member:
    """Somebody this member may know and keep away from."""
    member.must_not_be_in_the_small_room()
    if other_id == member.pk:
        raise NotValid("You cannot block yourself.")
    other = Member.objects.filter(pk=other_id).first()
    if other is None or not other.has_been_let_in:
        raise NotFound()
    return other


def _lock_both(member: Member, other_id: UUID) -> None:
    # Who offers or writes holds their own row FOR SHARE: a block waits for what is in flight, or is seen by it.
    both = Member.objects.select_for_update(no_key=True).filter(pk__in=(member.pk, other_id))
    list(both.order_by("pk").values_list("pk"))
    other_than(Member.objects.get(pk=member.pk), other_id)
