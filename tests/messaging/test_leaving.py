"""Who has to go: what they had open is ended, the others are told neutrally, and nothing is ended twice."""

import pytest
from django.db import transaction

from carecollective.errors import NotPermitted, NotValid
from carecollective.invariants import broken
from help_requests.models import HelpRequest, Status
from help_requests.services import moving
from members.models import ApiToken, Member, MemberSession
from members.services import verification
from members.services.access import make_token
from messaging.models import Conversation, OfferState
from messaging.services.leaving import end_what_is_open
from messaging.services.talking import send_message
from notifications.models import Notice
from notifications.services import record_each
from tests.cast import browser_of, client_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.messaging import accepted, held_offer, offer, offer_to
from tests.factories.restrictions import restrict

pytestmark = pytest.mark.both_ways

rolled_back = pytest.mark.django_db


def end(member: Member, actor: Member) -> None:
    with transaction.atomic():
        record_each(end_what_is_open(member, actor))


def states(*rows: Conversation) -> list[str | None]:
    return [Conversation.objects.get(pk=row.pk).offer_state for row in rows]


def told(member: Member, after: int = 0) -> list[str]:
    found = Notice.objects.filter(member=member, number__gt=after).order_by("number")
    return list(found.values_list("event__kind", flat=True))


def newest(member: Member) -> int:
    return Notice.objects.filter(member=member).count()


@rolled_back
def test_their_own_requests_are_closed_and_who_offered_or_helped_is_told(asker, helper, outsider, moderator):
    helped = accepted(asker, helper)
    waiting = offer(outsider, HelpRequestFactory(requester=asker))
    ended = HelpRequestFactory(requester=asker)
    moving.cancel_request(asker, ended.pk)
    before = newest(helper), newest(outsider), newest(asker)
    end(asker, moderator)
    found = dict(HelpRequest.objects.filter(requester=asker).values_list("pk", "status"))
    assert found == {
        helped.asked_for.pk: Status.CLOSED,
        waiting.asked_for.pk: Status.CLOSED,
        ended.pk: Status.CANCELLED,
    }
    assert states(helped, waiting) == [OfferState.OFFERED, OfferState.OFFERED]
    assert told(helper, before[0]) == ["request_closed"]
    assert told(outsider, before[1]) == ["request_closed"]
    assert newest(asker) == before[2], "they read it in the decision"
    notice = Notice.objects.filter(member=helper).latest("number")
    assert notice.event.data == {"ending": "left"}
    assert broken() == {}


@rolled_back
def test_their_offers_are_taken_back_and_whom_they_helped_is_open_for_others(asker, helper, outsider, moderator):
    helping, waiting = accepted(asker, helper), offer_to(outsider, helper)
    done = accepted(asker, helper)
    moving.complete_request(asker, done.asked_for.pk)
    before = newest(asker), newest(outsider)
    restrict(helper, "banned", decided_by=moderator)
    end(helper, moderator)
    assert states(helping, waiting, done) == [OfferState.WITHDRAWN, OfferState.WITHDRAWN, OfferState.ACCEPTED]
    request = HelpRequest.objects.get(pk=helping.asked_for.pk)
    assert (request.status, request.helper) == (Status.OPEN, None)
    assert told(asker, before[0]) == told(outsider, before[1]) == ["offer_withdrawn"]
    assert broken() == {}


@rolled_back
def test_said_twice_it_changes_nothing(asker, helper, moderator):
    accepted(asker, helper)
    offer_to(helper, asker)
    end(helper, moderator)
    rows, notices = list(Conversation.objects.order_by("pk").values()), Notice.objects.count()
    end(helper, moderator)
    assert list(Conversation.objects.order_by("pk").values()) == rows
    assert Notice.objects.count() == notices


@pytest.mark.committed
def test_it_belongs_to_the_transaction_of_its_reason(asker):
    with pytest.raises(RuntimeError):
        end_what_is_open(asker)


@rolled_back
def test_a_membership_taken_back_ends_every_way_in_and_leads_to_the_small_room(helper, moderator):
    browser_of(helper)
    make_token(helper, "test")
    verification.take_back_membership(moderator, helper.pk, "You are not who you said you are.")
    assert not MemberSession.objects.filter(member_id=helper.pk).exists()
    assert not ApiToken.objects.filter(member=helper).exists()
    page = browser_of(Member.objects.get(pk=helper.pk)).get("/home/", follow=True)
    assert page.redirect_chain == [("/waiting/", 302)]
    assert "You are not who you said you are." in page.content.decode()
    assert broken() == {}


@rolled_back
def test_a_membership_is_taken_back_from_a_member_with_a_reason_and_once(helper, moderator, waiting):
    with pytest.raises(NotPermitted):
        verification.take_back_membership(moderator, moderator.pk, "Because.")
    with pytest.raises(NotValid):
        verification.take_back_membership(moderator, helper.pk, " ")
    # Who is no member any more when the ten minutes are over is what was decided.
    assert verification.take_back_membership(moderator, waiting.pk, "Because.").is_pending
    for _ in range(2):
        assert verification.take_back_membership(moderator, helper.pk, "Because.").is_rejected
    assert helper.verification_changes.filter(to_status="rejected").count() == 1


@rolled_back
def test_nobody_writes_to_somebody_banned_and_their_thread_stays_to_be_read(asker, helper):
    talk = offer_to(asker, helper)
    restrict(helper, "banned")
    with pytest.raises(NotPermitted, match="Not authorized to send messages"):
        send_message(asker, talk.pk, "Are you there?")
    found = client_of(asker).get(f"/api/messaging/conversations/{talk.pk}").json()["conversation"]
    assert (found["can_write"], found["status"]) == (False, "active")


@rolled_back
def test_an_offer_nobody_has_read_yet_is_taken_back_in_silence(asker, helper, moderator):
    held = held_offer(helper, HelpRequestFactory(requester=asker))
    end(helper, moderator)
    assert states(held) == [OfferState.WITHDRAWN]
    assert told(asker) == []
    assert broken() == {}
