"""Whom we banned: they may come in again to a small room, and nowhere else; and when a restriction ends, it is told."""

import re

import pytest

from carecollective.errors import NotPermitted
from carecollective.invariants import broken
from members.models import Member
from members.services import blocks, restrictions, verification
from members.services.access import make_token
from members.services.accounts import update_profile
from notifications.models import Event, Notice
from tests.cast import browser_of, client_of
from tests.factories.members import PASSWORD, MemberFactory
from tests.factories.restrictions import REASON, in_days, ran_out, restrict
from tests.members.pages.sent import said

pytestmark = pytest.mark.django_db


def test_they_sign_in_again_and_stand_in_the_small_room(client, asker):
    row = restrict(asker, "banned")
    answer = client.post("/login/", {"email": asker.email, "password": PASSWORD, "next": "/messages/"}, follow=True)
    assert answer.redirect_chain == [("/waiting/", 302)]
    words = said(answer)
    assert "Your account is closed." in words
    assert REASON in words
    assert "A moderator decided this because of rule 2." in words
    decision = f"/decisions/{row.decision_id}/"
    assert {decision, f"{decision}#again", "/my-data/"} <= set(re.findall('href="([^"]+)"', answer.content.decode()))
    for page in ("/home/", "/messages/", "/requests/", "/notices/", "/me/", "/me/tokens/"):
        assert client.get(page)["Location"] == "/waiting/", page
    assert client.get("/my-data/download/").json()["restrictions"][0]["reason"] == REASON


def test_a_token_that_was_made_at_the_same_moment_opens_nothing(asker):
    _, text = make_token(asker, "test")
    restrict(asker, "banned")
    with pytest.raises(NotPermitted):
        make_token(Member.objects.get(pk=asker.pk), "again")
    from members.models import ApiToken
    from members.services.access import digest_of

    ApiToken.objects.create(member=asker, name="late", digest=digest_of(text), last_four="late")
    answer = client_of(asker).get("/api/me")
    assert answer.status_code == 200
    from rest_framework.test import APIClient

    late = APIClient()
    late.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    assert late.get("/api/me").status_code == 401


def test_what_the_small_room_closes_the_verbs_close_too(asker, helper):
    restrict(asker, "banned")
    asker = Member.objects.get(pk=asker.pk)
    for act in (
        lambda: blocks.block(asker, helper.pk),
        lambda: update_profile(asker, about="Hello"),
        lambda: verification.apply_again(asker, "Please."),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_staff_who_are_banned_are_staff_no_more(operator):
    moderator = MemberFactory(role="moderator")
    restrict(moderator, "banned", decided_by=operator)
    browser = browser_of(Member.objects.get(pk=moderator.pk))
    assert browser.get("/admin/").status_code == 302
    assert not Member.objects.get(pk=moderator.pk).has_role("moderator")


def test_when_the_ban_is_lifted_everything_is_open_again(asker, moderator):
    row = restrict(asker, "banned")
    restrictions.lift(moderator, row.pk, "We looked again.")
    assert browser_of(Member.objects.get(pk=asker.pk)).get("/home/").status_code == 200


def test_an_end_is_told_once_and_by_mail(asker, helper, moderator):
    row = ran_out(asker, "suspended")
    restrict(helper, ends_at=in_days(1))
    restrictions.lift(moderator, ran_out_later(helper), "We looked again.")
    assert restrictions.tell_ends() == 1
    assert restrictions.tell_ends() == 0
    event = Event.objects.get(kind="restriction_ended")
    assert (event.about_kind, event.about_id) == ("decision", str(row.decision_id))
    assert event.data == {"level": "suspended", "goes_on": False}
    assert Notice.objects.filter(event=event).values_list("member", flat=True).get() == asker.pk
    row.refresh_from_db()
    assert row.ended_told_at is not None
    assert broken() == {}


def ran_out_later(member: Member):
    return restrict(member, ends_at=in_days(2)).pk


def test_where_another_one_goes_on_it_says_so(asker):
    ran_out(asker)
    restrict(asker, "limited")
    restrictions.tell_ends()
    assert Event.objects.get(kind="restriction_ended").data["goes_on"] is True


def test_a_home_page_tells_it_once_at_the_top(asker):
    restrict(asker, "suspended")
    words = said(browser_of(asker).get("/home/"))
    assert words.count("A moderator paused this because of rule 2.") == 1
    assert "You cannot ask, offer or send messages now." in words


@pytest.mark.parametrize("page", ["/requests/new/", "/requests/new/title/", "/requests/new/check/"])
def test_asking_says_it_before_anybody_writes(asker, page):
    restrict(asker)
    words = said(browser_of(asker).get(page))
    assert "You cannot ask for help right now." in words
    assert "Ask us to look again" in words
