"""Asking around: those who may be able to help hear of it once; nobody hears of what they could not read."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils.timezone import now

from audit.models import AuditEntry
from carecollective.errors import HelpRequestUnavailable, NotFound, NotPermitted, Refusal
from help_requests.models import HelpRequest, LocationPrivacy
from members import roles
from members.models import Member
from members.services import blocks
from messaging.services import deciding
from messaging.services.asking_around import AGAIN_AFTER, LEFT_ALONE, MOST, ask_around
from notifications import mails, preferences
from notifications.models import Event, Notice
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import accepted, offer
from tests.factories.restrictions import restrict

pytestmark = pytest.mark.django_db

KIND = "request_needs_help"


@pytest.fixture
def request_(asker: Member) -> HelpRequest:
    return waits(requester=asker)


def waits(**more: object) -> HelpRequest:
    return HelpRequestFactory(**{"created_at": now() - timedelta(days=3), "town": "Nixa"} | more)


def neighbour(**more: object) -> Member:
    return MemberFactory(**{"town": "nixa"} | more)


def heard() -> set[Member]:
    return {notice.member for notice in Notice.objects.filter(event__kind=KIND).select_related("member")}


def test_neighbours_who_offered_in_the_topic_and_who_have_helped_hear_of_it(moderator, request_) -> None:
    near, knows, helped, stranger = neighbour(), MemberFactory(), MemberFactory(), MemberFactory()
    offer(knows, HelpRequestFactory(category=request_.category))
    accepted(MemberFactory(), helped)
    assert ask_around(moderator, request_.pk) == 3
    assert heard() == {near, knows, helped}
    assert stranger not in heard()
    entry = AuditEntry.objects.get(action="asked_around")
    assert (entry.actor, entry.subject_id, entry.details) == (moderator.pk, str(request_.pk), {"people": 3})
    # Nobody learns who of our team asked.
    assert Event.objects.get(kind=KIND).actor is None


def test_it_leads_to_the_request_and_tells_nothing_of_it(moderator, request_, mailoutbox) -> None:
    near = neighbour()
    ask_around(moderator, request_.pk)
    mails.send_notice(str(Notice.objects.get(event__kind=KIND).pk), job_id=1)
    (mail,) = mailoutbox
    assert mail.to == [near.email]
    assert f"/requests/{request_.pk}/" in mail.body
    assert not any(word in mail.body + mail.subject for word in (request_.title, "Ana", "Nixa"))
    page = browser_of(near).get("/notices/").content.decode()
    assert "Someone still needs a hand" in page
    assert request_.title in page


def test_those_who_cannot_or_want_not_are_left_alone(moderator, request_, asker) -> None:
    neighbour(waiting=True)
    neighbour(is_active=False)
    for level in ("limited", "suspended", "banned"):
        restrict(neighbour(), level)
    blocks.block(asker, neighbour().pk)
    blocks.block(neighbour(), asker.pk)
    preferences.change(neighbour(), email="off")
    Member.objects.filter(pk=moderator.pk).update(town="Nixa")
    with pytest.raises(NotPermitted, match="nobody we could ask"):
        ask_around(moderator, request_.pk)
    assert not Event.objects.filter(kind=KIND).exists()
    daily = neighbour()
    preferences.change(daily, email="daily")
    assert (ask_around(moderator, request_.pk), heard()) == (1, {daily})


def test_who_took_their_offer_back_is_not_asked_again(moderator, request_) -> None:
    ben = neighbour()
    deciding.withdraw_offer(ben, offer(ben, request_).pk)
    near = neighbour()
    assert (ask_around(moderator, request_.pk), heard()) == (1, {near})


@pytest.mark.parametrize("privacy", [LocationPrivacy.HELPERS_ONLY, LocationPrivacy.AFTER_MATCH])
def test_a_town_that_is_not_shown_to_everybody_asks_no_neighbour(moderator, asker, privacy) -> None:
    neighbour()
    with pytest.raises(NotPermitted, match="nobody we could ask"):
        ask_around(moderator, waits(requester=asker, location_privacy=privacy).pk)


def test_once_in_seven_days_for_a_request_and_in_three_for_a_person(moderator, request_) -> None:
    near = neighbour()
    ask_around(moderator, request_.pk)
    with pytest.raises(NotPermitted, match="last 7 days"):
        ask_around(moderator, request_.pk)
    other = waits()
    with pytest.raises(NotPermitted, match="nobody we could ask"):
        ask_around(moderator, other.pk)
    Event.objects.filter(kind=KIND).update(at=F("at") - LEFT_ALONE - timedelta(seconds=1))
    assert ask_around(moderator, other.pk) == 1
    Event.objects.filter(kind=KIND).update(at=F("at") - AGAIN_AFTER - timedelta(seconds=1))
    assert ask_around(moderator, request_.pk) == 1
    assert Notice.objects.filter(member=near, event__kind=KIND).count() == 3


def test_at_most_twenty_are_asked_and_those_who_know_the_topic_first(moderator, request_) -> None:
    knows = MemberFactory()
    offer(knows, HelpRequestFactory(category=request_.category))
    MemberFactory.create_batch(MOST + 3, town="Nixa")
    assert ask_around(moderator, request_.pk) == MOST
    assert knows in heard()


def test_only_what_waits_is_asked_around_for(moderator, asker, helper) -> None:
    neighbour()
    for wrong in (
        waits(requester=asker, created_at=now() - timedelta(hours=47)),
        waits(requester=asker, moderation="hidden", hidden_at=now()),
        waits(requester=asker, cancelled=True),
        waits(requester=MemberFactory(is_active=False)),
        offer(helper, waits(requester=asker)).asked_for,
    ):
        with pytest.raises(HelpRequestUnavailable):
            ask_around(moderator, wrong.pk)
    with pytest.raises(NotPermitted, match="yourself"):
        ask_around(moderator, waits(requester=moderator).pk)
    with pytest.raises(NotFound):
        ask_around(moderator, asker.pk)
    assert not Event.objects.filter(kind=KIND).exists()


@pytest.mark.parametrize("role", [None, *(role for role in roles.ALL if role != roles.MODERATOR)])
def test_only_moderators_ask_around(role, request_) -> None:
    neighbour()
    with pytest.raises(Refusal):
        ask_around(MemberFactory(role=role), request_.pk)
    assert not Event.objects.filter(kind=KIND).exists()


def test_the_button_asks_and_then_says_that_it_was_asked(moderator, request_) -> None:
    neighbour()
    browser, page = browser_of(moderator), "/admin/moderation/community/"
    place = f"{page}{request_.pk}/ask-around/"
    assert place in browser.get(page).content.decode()
    after = browser.post(place, follow=True).content.decode()
    assert "We asked 1 member whether they can help." in after
    assert "Asked around this week" in after
    assert place not in after
    assert "last 7 days" in browser.post(place, follow=True).content.decode()
    assert browser.get(place).status_code == 405
