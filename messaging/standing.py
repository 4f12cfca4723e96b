"""Where a conversation stands for the one who looks at it: what can be done, and why not, in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from help_requests.models import Status as RequestStatus
from help_requests.models.words import CURRENT, WITHHELD
from members.models import Member
from members.paused import Paused
from messaging.cards import moment
from messaging.models import Moderation, OfferState, Status
from messaging.models.words import Version
from messaging.said import NOT_NOW

ENDED = "This chat has ended. You can read it any time."


@dataclass(frozen=True)
class Standing:
    found: dict[str, Any]
    is_asker: bool
    # One's own block may be told; one of the other side reads like an account that is gone.
    has_blocked: bool
    # A restriction of theirs, where it is all that keeps them from writing here.
    paused: Paused | None = None
    may_not_offer: bool = False

    @property
    def other(self) -> str:
        return str(self.found["other"]["called"])

    @property
    def can_write(self) -> bool:
        return bool(self.found["can_write"])

    @property
    def is_closed(self) -> bool:
        return bool(self.found["status"] == Status.CLOSED)

    @property
    def is_earlier(self) -> bool:
        return bool(self.found["version"] == Version.V1)

    @property
    def is_accepted(self) -> bool:
        return self._is_in(OfferState.ACCEPTED)

    @property
    def request_status(self) -> str:
        return str((self.found["help_request"] or {}).get("status", ""))

    @property
    def can_open_request(self) -> bool:
        """Of a request that is hidden or checked, its helper has the chat and no page."""
        shown = self.found["help_request"]
        return bool(shown) and (self.is_asker or shown["title"] != WITHHELD)

    @property
    def is_to_be_decided(self) -> bool:
        return self.is_asker and self._is_in(OfferState.OFFERED) and self.can_write

    @property
    def can_accept(self) -> bool:
        return self.is_to_be_decided and self.request_status == RequestStatus.OPEN

    @property
    def has_another_helper(self) -> bool:
        return self.is_to_be_decided and self.request_status == RequestStatus.IN_PROGRESS

    @property
    def can_decline(self) -> bool:
        return self.is_asker and self._is_in(OfferState.OFFERED, OfferState.EXPIRED)

    @property
    def is_waiting(self) -> bool:
        is_offered = not self.is_asker and self._is_in(OfferState.OFFERED) and self.can_write
        return is_offered and self.request_status in CURRENT

    @property
    def offered_when(self) -> str:
        """Inside a sentence: “today 5:04 PM”."""
        told = self.found["offered_at"]
        return str(moment(datetime.fromisoformat(told))["when_in_full"]) if told else ""

    @property
    def waits_behind_another(self) -> bool:
        return self.is_waiting and self.request_status == RequestStatus.IN_PROGRESS

    @property
    def can_say_it_helped(self) -> bool:
        return self.is_asker and self.is_accepted and self.request_status == RequestStatus.IN_PROGRESS

    @property
    def may_thank(self) -> bool:
        """Unless it was said already."""
        return self.is_asker and self.is_accepted and self.is_done and self.can_write

    @property
    def can_withdraw(self) -> bool:
        is_under_way = self.request_status == RequestStatus.IN_PROGRESS
        return not self.is_asker and (self._is_in(OfferState.OFFERED) or (self.is_accepted and is_under_way))

    @property
    def can_renew(self) -> bool:
        """What a closed thread of theirs or a block says to it, the verb says."""
        if self.may_not_offer:
            return False
        may_open = not self.is_closed or self.found["closed_by_me"]
        is_back = self._is_in(OfferState.WITHDRAWN, OfferState.EXPIRED)
        return not self.is_asker and is_back and may_open and self.request_status in CURRENT and not self.has_blocked

    @property
    def is_over(self) -> bool:
        return bool(self.request_status) and self.request_status not in CURRENT

    @property
    def is_done(self) -> bool:
        return self.request_status == RequestStatus.COMPLETED

    @property
    def why_silent(self) -> str:
        """Instead of a box to write in."""
        if self.paused:
            return self.paused.sentence()
        state = self.found["offer_state"] or ""
        if self.has_blocked:
            return f"You blocked {self.other}."
        if self.is_closed:
            return ENDED
        if self.found["status"] == Status.HELD:
            return self._why_held()
        return self._silent_states().get(state, NOT_NOW)

    @property
    def cannot_be_delivered(self) -> bool:
        """What is held comes into a chat that was decided meanwhile, but not into one that has ended."""
        is_decided = self._is_in(OfferState.DECLINED, OfferState.WITHDRAWN)
        if self.found["status"] == Status.HELD:
            return is_decided or self.is_over
        return self.is_closed or not (self.can_write or is_decided)

    def _why_held(self) -> str:
        if self.found["opening_moderation"] == Moderation.REFUSED:
            return f"Your words were not sent, so {self.other} does not see this chat."
        if self._is_in(OfferState.WITHDRAWN):
            return self._silent_states()[OfferState.WITHDRAWN]
        if self.is_over:
            return f"{self.other} has not seen your offer. The request is closed now."
        return f"We are checking your words before {self.other} sees them."

    def _silent_states(self) -> dict[str, str]:
        if self.is_asker:
            declined, withdrawn = "You said no to this offer.", f"{self.other} took the offer back."
        else:
            declined, withdrawn = f"{self.other} has found another way this time.", "You took your offer back."
        return {OfferState.DECLINED: declined, OfferState.WITHDRAWN: withdrawn}

    def _is_in(self, *states: str) -> bool:
        return self.found["offer_state"] in states


def standing(found: dict[str, Any], member: Member, *, has_blocked: bool, paused: Paused | None = None) -> Standing:
    """`paused`: a restriction under which this member writes nothing; it takes the box away where there was one."""
    is_asker = found["requester_id"] == str(member.pk)
    has_box = paused and found["can_write"]
    found = found | {"can_write": False} if paused else found
    return Standing(found, is_asker, has_blocked, paused if has_box else None, may_not_offer=bool(paused))
