"""Requests whose words are changed: what our team reads is what stands there, and nothing is posted unread."""

import pytest

from carecollective.errors import CaseAlreadyDecided
from carecollective.invariants import broken
from help_requests.models import HelpRequest
from help_requests.services.asking import change_request
from moderation.models import Action, Case, Find, Kind
from moderation.services import cases, deciding, reading, reporting
from moderation.services.reporting import Complaint
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.moderation import another_moderator, decide, ruling

pytestmark = pytest.mark.django_db
THREAT = "I know where you live and I will kill you."
UNREAD = "Meet me at the shed behind the church."
OVER_HERE = {"rule": None, "facts": "", "words": ""}


@pytest.fixture
def request_of_ben(helper):
    return HelpRequestFactory(requester=helper, description="Please bring milk.")


@pytest.fixture
def held(helper, request_of_ben):
    return change_request(helper, request_of_ben.pk, description=THREAT)


def standing(request):
    return HelpRequest.objects.get(pk=request.pk).moderation


def read_by(moderator):
    case = cases.claim(moderator, Case.objects.open().get().pk)
    return case, str(reading.read(moderator, case.pk).exhibits[-1].facts)


def test_what_is_sealed_is_what_stands_there(held, moderator):
    assert Find.objects.get().opened_evidence["description"] == THREAT
    assert Find.objects.get().opened_evidence["moderation"] == "held"
    assert THREAT in read_by(moderator)[1]


@pytest.mark.parametrize("state", ["held", "refused"])
def test_new_words_of_one_that_nobody_reads_are_read_before_they_are_posted(held, helper, moderator, outsider, state):
    if state == "refused":
        decide(moderator, Case.objects.get(), Action.WARN)
        assert standing(held) == "refused"
    else:
        case, _ = read_by(moderator)
    change_request(helper, held.pk, description=UNREAD)
    assert (standing(held), Case.objects.open().get().is_held) == ("held", True)
    if state == "held":
        with pytest.raises(CaseAlreadyDecided):
            deciding.decide(moderator, case.pk, case.version, ruling(Action.NOTHING, **OVER_HERE))
    case, words = read_by(moderator)
    assert UNREAD in words
    assert browser_of(outsider).get(f"/requests/{held.pk}/").status_code == 404
    deciding.decide(moderator, case.pk, case.version, ruling(Action.NOTHING, **OVER_HERE))
    assert UNREAD in browser_of(outsider).get(f"/requests/{held.pk}/").content.decode()
    assert broken() == {}


def test_another_day_or_town_is_nothing_to_read(held, helper):
    version = Case.objects.get().version
    change_request(helper, held.pk, urgency="urgent")
    assert (Case.objects.get().version, standing(held)) == (version, "held")


def test_a_hidden_one_stays_hidden_and_its_new_words_can_be_decided(asker, helper, moderator, request_of_ben):
    case = reporting.report(asker, Kind.HELP_REQUEST, request_of_ben.pk, Complaint("scam")).case
    decide(moderator, case, Action.HIDE)
    change_request(helper, request_of_ben.pk, description=THREAT)
    found, words = read_by(moderator)
    assert (found.is_held, standing(request_of_ben)) == (False, "hidden")
    assert THREAT in words
    decide(moderator, found, Action.WARN, hides=True)
    assert standing(request_of_ben) == "hidden"
    assert broken() == {}


def test_of_one_shown_meanwhile_a_breach_can_still_be_decided(asker, held, moderator):
    """It was posted, its reporter was right to ask again, and now it goes."""
    HelpRequest.objects.filter(pk=held.pk).update(moderation="")
    decide(another_moderator(), Case.objects.get(), Action.WARN)
    assert standing(held) == "hidden"
