"""Join requests at the staff's desk."""

from uuid import uuid4

import pytest
from django.test import Client

from members.models import Member
from tests.cast import browser_of
from tests.factories.members import MemberFactory

pytestmark = pytest.mark.django_db
LIST = "/admin/members/member/"


def page(member: Member, act: str = "change") -> str:
    return f"{LIST}{member.pk}/{act}/"


def test_a_stranger_and_a_member_are_sent_to_sign_in(asker: Member) -> None:
    for browser in (Client(), browser_of(asker)):
        answer = browser.get(LIST)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/") or answer["Location"].startswith("/login/")


def test_staff_without_their_second_step_do_not_come_in(verifier: Member) -> None:
    browser = Client()
    browser.force_login(verifier)
    assert browser.get(LIST).status_code == 302


@pytest.mark.parametrize("role", ["verifier", "moderator"])
def test_a_verifier_reads_and_approves(role: str, waiting: Member) -> None:
    browser = browser_of(MemberFactory(role=role))
    assert waiting.reason in browser.get(page(waiting)).content.decode()
    assert "Approve" in browser.get(page(waiting)).content.decode()
    assert "Yes, let Wen in" in browser.get(page(waiting, "approve")).content.decode()
    answer = browser.post(page(waiting, "approve"), follow=True)
    assert "Wen is in." in answer.content.decode()
    assert Member.objects.get(pk=waiting.pk).is_approved


def test_declining_asks_for_a_reason_and_keeps_it(verifier: Member, waiting: Member) -> None:
    browser = browser_of(verifier)
    empty = browser.post(page(waiting, "decline"), {"reason": " "})
    assert "Please write one sentence" in empty.content.decode()
    assert Member.objects.get(pk=waiting.pk).is_pending
    browser.post(page(waiting, "decline"), {"reason": "You live too far away."})
    assert Member.objects.get(pk=waiting.pk).is_rejected


@pytest.mark.parametrize("role", ["auditor", "triage", "operator"])
def test_other_staff_do_not_decide(role: str, waiting: Member) -> None:
    browser = browser_of(MemberFactory(role=role))
    browser.post(page(waiting, "approve"))
    browser.post(page(waiting, "decline"), {"reason": "No."})
    assert Member.objects.get(pk=waiting.pk).is_pending


def test_an_operator_does_not_read_join_requests(operator: Member, waiting: Member) -> None:
    assert browser_of(operator).get(page(waiting)).status_code == 403


def test_nobody_edits_a_member_by_hand(verifier: Member, waiting: Member) -> None:
    browser = browser_of(verifier)
    answer = browser.post(page(waiting), {"verification_status": "approved", "is_staff": "on", "name": "Eve"})
    assert answer.status_code in (302, 403)
    assert Member.objects.get(pk=waiting.pk).name == "Wen Li"
    assert browser.get(LIST + "add/").status_code == 403
    assert browser.post(page(waiting, "delete"), {"post": "yes"}).status_code == 403


def test_what_people_wrote_is_shown_as_text(verifier: Member) -> None:
    attacker = MemberFactory(waiting=True, called="<script>alert(1)</script>", reason="<img src=x onerror=alert(1)>")
    for act in ("change", "approve", "decline"):
        shown = browser_of(verifier).get(page(attacker, act)).content.decode()
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown


def test_a_member_who_is_not_there_is_not_found(verifier: Member) -> None:
    browser = browser_of(verifier)
    assert browser.get(f"{LIST}{uuid4()}/approve/").status_code == 404


def test_the_list_takes_a_constant_number_of_statements(verifier: Member, django_assert_max_num_queries) -> None:
    browser = browser_of(verifier)
    MemberFactory.create_batch(30, waiting=True)
    with django_assert_max_num_queries(9):
        assert browser.get(LIST + "?waiting=ready").status_code == 200


@pytest.mark.parametrize(
    "column", ["password", "caregiving", "groups__name", "second_factor__secret", "tokens__digest"]
)
def test_no_list_tells_a_column_letter_by_letter(auditor: Member, asker: Member, column: str) -> None:
    answer = browser_of(auditor).get(f"{LIST}?{column}__startswith=a")
    assert answer.status_code in (302, 400)
    assert "Ana Torres" not in answer.content.decode()


@pytest.mark.parametrize("act", ["approve", "decline"])
def test_who_may_not_read_a_join_request_does_not_read_its_name_elsewhere(
    operator: Member, waiting: Member, act: str
) -> None:
    answer = browser_of(operator).get(page(waiting, act))
    assert answer.status_code == 403
    assert "Wen Li" not in answer.content.decode()


def test_there_is_one_door_for_passwords(verifier: Member) -> None:
    assert browser_of(verifier).get("/admin/password_change/")["Location"] == "/me/password/"


@pytest.mark.parametrize("path", [LIST, "/admin/audit/auditentry/", "/admin/help_requests/helprequest/"])
@pytest.mark.parametrize(
    "query", ["applied_at__year=99999", "at__year=99999", "created_at__year=99999", "o=99", "p=x", "q=%00"]
)
def test_an_odd_filter_is_no_fault_of_ours(path: str, query: str) -> None:
    browser = browser_of(MemberFactory(role="auditor"))
    browser.raise_request_exception = False
    assert browser.get(f"{path}?{query}").status_code < 500
