"""What a person takes away with them: their words of both versions, and what the earlier system kept beside them."""

from typing import Any

import pytest

from carecollective import ports
from help_requests.models import HelpRequest
from members.models import Member
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.legacy import WORDS, add, earlier, empty
from tests.factories.messaging import offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of_ana(asker: Member) -> HelpRequest:
    return HelpRequestFactory(requester=asker)


def download(member: Member, part: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] | None = ports.personal_data()[part].export(member)
    return rows or []


def test_own_words_of_both_versions_and_nobody_elses(
    asker: Member, helper: Member, request_of_ana: HelpRequest
) -> None:
    earlier(helper, request_of_ana, (helper, WORDS), (asker, "Friday is fine."), (helper, "Good."))
    offer(helper, HelpRequestFactory(requester=asker), "I could come on Monday, too.")
    assert [row["words"] for row in download(helper, "messages")] == [WORDS, "Good.", "I could come on Monday, too."]
    assert download(helper, "earlier_system") == []


def test_what_no_list_of_ours_has(asker: Member, helper: Member, request_of_ana: HelpRequest) -> None:
    thread = empty(helper, request_of_ana)
    for member in (asker, helper):
        assert [row["id"] for row in download(member, "earlier_system")] == [thread.pk]


def test_words_of_a_third_person_are_theirs(
    asker: Member, helper: Member, outsider: Member, request_of_ana: HelpRequest
) -> None:
    thread = empty(helper, request_of_ana, outsider)
    add(helper, thread)
    said = add(outsider, thread, "I come along.")
    assert [(row["id"], row["words"]) for row in download(outsider, "earlier_system")] == [(said.pk, "I come along.")]
    assert download(helper, "earlier_system") == []
    assert download(outsider, "messages") == []
