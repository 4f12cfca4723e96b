"""Who may open which conversation: looking one up is being allowed to. Nothing else decides."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from carecollective.errors import NotFound
from members.models import Block, Member, VerificationStatus
from members.models.bans import IsBanned
from messaging.models.words import OfferState, Status

if TYPE_CHECKING:
    from messaging.models.conversation import Conversation

NOT_FOUND = "Conversation not found or you do not have access"


class Conversations(QuerySet["Conversation"]):
    def visible_to(self, member: Member) -> "Conversations":
        """The two people's, until they left; a held one is nobody's but its writer's until it is released."""
        helps = Q(helper=member, helper_left_at__isnull=True)
        asks = Q(requester=member, requester_left_at__isnull=True)
        return self.filter(helps | asks & ~Q(status=Status.HELD))

    def one_for(self, member: Member, conversation_id: UUID) -> "Conversation":
        found = self.visible_to(member).with_people().filter(pk=conversation_id).first()
        if found is None:
            raise NotFound(NOT_FOUND)
        return found

    def locked_for(self, member: Member, conversation_id: UUID) -> "Conversation":
        """The row a verb is about to move; the lock of its request, where it needs one, is taken before."""
        # Two statements: one that waited for the lock would still join the people of before.
        self.hold(conversation_id)
        return self.one_for(member, conversation_id)

    def hold(self, conversation_id: UUID) -> None:
        """The lock alone."""
        rows = self.model.objects.select_for_update(no_key=True).filter(pk=conversation_id).values_list("pk")
        # One that was moved to the other version while we waited for it stands there now, and is not held yet.
        if not list(rows):
            list(rows.all())

    def accepted(self) -> "Conversations":
        return self.filter(offer_state=OfferState.ACCEPTED)

    def offered(self) -> "Conversations":
        """Offers that wait for their answer; one that is held waits for nobody's yet."""
        return self.filter(offer_state=OfferState.OFFERED).exclude(status=Status.HELD)

    def could_be_accepted(self) -> "Conversations":
        """Offers a yes would be taken for: their chat goes on, nobody is blocked, the helper is still a member."""
        helper = {"helper__is_active": True, "helper__verification_status": VerificationStatus.APPROVED}
        return self.offered().not_blocked().filter(~Q(IsBanned("helper")), status=Status.ACTIVE, **helper)

    def not_blocked(self) -> "Conversations":
        """Behind a block nobody hears of the other one any more."""
        between = Q(blocker=OuterRef("requester"), blocked=OuterRef("helper")) | Q(
            blocker=OuterRef("helper"), blocked=OuterRef("requester")
        )
        return self.filter(~Exists(Block.objects.filter(between)))

    def with_people(self) -> "Conversations":
        return self.select_related("requester", "helper", "help_request")
