"""What a rule found and what somebody asked cannot be rewritten, not even by the site itself."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from members.models import Member
from moderation.models import Action, Appeal, Find
from moderation.services import appealing
from tests.factories.messaging import offer_to, say
from tests.factories.moderation import MONEY, an_open_case, decide

pytestmark = pytest.mark.django_db


@pytest.fixture
def found(asker: Member, helper: Member) -> Find:
    say(helper, offer_to(asker, helper), MONEY)
    return Find.objects.get()


@pytest.fixture
def asked(found: Find, helper: Member, moderator: Member) -> Appeal:
    made = decide(moderator, found.case, Action.WARN)
    return appealing.appeal_decision(helper, made.pk, "It was for the bus.")


def test_a_find_is_not_sealed_anew_with_other_words(found: Find) -> None:
    found.seal({"messages": [], "people": []})
    with pytest.raises(IntegrityError, match="its digest"), transaction.atomic():
        found.save()
    assert Find.objects.get().is_intact


def test_a_find_stays_what_it_is(found: Find, outsider: Member) -> None:
    changes: list[dict[str, Any]] = [
        {"evidence": "x"},
        {"evidence_key_id": "x"},
        {"evidence_digest": "x"},
        {"categories": ["spam"]},
    ]
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            Find.objects.update(**change)
    # Two cases about the same are put together.
    assert Find.objects.update(case=an_open_case(outsider)) == 1
    # Another key seals the same words anew.
    assert Find.objects.update(evidence="sealed anew", evidence_key_id="newer") == 1


def test_an_appeal_stays_what_it_is(asked: Appeal, outsider: Member) -> None:
    changes: list[dict[str, Any]] = [
        {"words": "x"},
        {"words_key_id": "x"},
        {"side": "reporter"},
        {"appellant": outsider},
        {"case": an_open_case(outsider)},
    ]
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            Appeal.objects.update(**change)
    asked = Appeal.objects.get()
    asked.clear_words = "I agree."
    with pytest.raises(IntegrityError, match="together with their key"), transaction.atomic():
        asked.save()
    assert Appeal.objects.get().clear_words == "It was for the bus."
    assert Appeal.objects.update(words="sealed anew", words_key_id="newer") == 1
