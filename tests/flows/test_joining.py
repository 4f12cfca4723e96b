"""Somebody joins, is let in, asks for help, and is seen; every mail is really sent, every row stays true."""

import re

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client

from carecollective import invariants
from help_requests.models import HelpRequest
from members import roles
from members.models import Member
from tests.cast import browser_of
from tests.factories.members import MemberFactory
from tests.help_requests.walk import fill_in, what_check_sends
from tests.support.jobs import work_off

pytestmark = pytest.mark.committed
PASSWORD = "three calm geese on a pond"


def link_in_the_last_mail() -> str:
    work_off()
    found = re.search(r"http://testserver(/\S*)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_from_join_to_a_request_that_another_member_reads() -> None:
    rosa, verifier = Client(), browser_of(MemberFactory(role=roles.VERIFIER))

    rosa.post("/join/", {"name": "Rosa Delgado", "called": "Rosa", "email": "Rosa@Example.org", "password": PASSWORD})
    rosa.post("/join/area/", {"town": "Springfield"})
    sent = rosa.post(
        "/join/why/",
        {"caregiving": "I look after my father.", "reason": "To meet people who know this.", "agree": "on"},
        follow=True,
    )
    assert "rosa@example.org" in sent.content.decode()

    rosa.get(link_in_the_last_mail())
    waiting = Client()
    waiting.post("/login/", {"email": "rosa@example.org", "password": PASSWORD})
    assert "Thanks, Rosa" in waiting.get("/waiting/").content.decode()
    assert waiting.get("/requests/")["Location"] == "/waiting/"

    member = Member.objects.get(email="rosa@example.org")
    verifier.post(f"/admin/members/member/{member.pk}/approve/")
    assert link_in_the_last_mail() == "/waiting/"
    assert mail.outbox[-1].to == ["rosa@example.org"]

    assert "You are in" in waiting.get("/waiting/").content.decode()
    fill_in(waiting)
    last = what_check_sends(waiting)
    for _ in range(2):
        assert waiting.post("/requests/new/check/", last).status_code == 302
    request = HelpRequest.objects.get()

    reader = browser_of(MemberFactory())
    assert "Pick up groceries on Tuesday" in reader.get("/requests/").content.decode()
    assert "Rosa" in reader.get(f"/requests/{request.pk}/").content.decode()

    assert invariants.broken() == {}
    call_command("verify_audit")


def test_a_declined_person_meets_the_small_room_and_can_ask_again() -> None:
    dan, verifier = MemberFactory(waiting=True, called="Dan"), browser_of(MemberFactory(role=roles.VERIFIER))
    before = browser_of(dan)
    verifier.post(f"/admin/members/member/{dan.pk}/decline/", {"reason": "You live too far away."})
    assert before.get("/waiting/").status_code == 302
    work_off()
    assert mail.outbox[-1].to == [dan.email]

    again = browser_of(Member.objects.get(pk=dan.pk))
    for path in ("/requests/", "/requests/new/", "/me/"):
        answer = again.get(path)
        assert (answer.status_code, answer.get("Location")) == (302, "/waiting/"), path
    assert "You live too far away." in again.get("/waiting/").content.decode()
    again.post("/waiting/", {"reason": "I moved to Springfield last week."})
    assert Member.objects.get(pk=dan.pk).is_pending
    assert invariants.broken() == {}
