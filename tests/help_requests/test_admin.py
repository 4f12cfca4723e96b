"""Requests on the staff's desk."""

import pytest

from audit.models import AuditEntry
from help_requests.models import HelpRequest, LocationPrivacy, Status
from members.models import Member
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/help_requests/helprequest/"


def test_moderators_and_auditors_read_requests_but_verifiers_do_not(
    moderator: Member, auditor: Member, verifier: Member, asker: Member
) -> None:
    request = HelpRequestFactory(town="Halfway", location_privacy=LocationPrivacy.AFTER_MATCH)
    for staff, status in ((moderator, 200), (auditor, 200), (verifier, 403)):
        for address in (LIST, f"{LIST}?q=groceries", f"{LIST}{request.pk}/change/"):
            answer = browser_of(staff).get(address)
            assert answer.status_code == status, address
            assert b"Halfway" not in answer.content
    assert browser_of(asker).get(LIST).status_code == 302


def test_a_moderator_closes_some_and_hears_which_could_not_be(moderator: Member) -> None:
    current, over = HelpRequestFactory(title="Mow the lawn"), HelpRequestFactory(title="Old one", cancelled=True)
    picked = {"action": "close", "_selected_action": [str(current.pk), str(over.pk)]}

    page = browser_of(moderator).post(LIST, picked, follow=True).content.decode()

    assert "Closed: Mow the lawn" in page
    assert "Old one: " in page
    assert HelpRequest.objects.get(pk=current.pk).status == Status.CLOSED
    assert AuditEntry.objects.filter(action="help_request_closed").count() == 1


def test_an_auditor_cannot_close(auditor: Member) -> None:
    request = HelpRequestFactory()
    browser_of(auditor).post(LIST, {"action": "close", "_selected_action": [str(request.pk)]})
    assert HelpRequest.objects.get().status == Status.OPEN
