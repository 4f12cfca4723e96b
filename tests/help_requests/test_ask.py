"""Somebody asks for help, and says it better later."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.timezone import now

from carecollective.errors import (
    HelpRequestUnavailable,
    IdempotencyKeyReused,
    NotFound,
    NotPermitted,
    NotValid,
    RateLimited,
)
from help_requests.models import HelpRequest, Status
from help_requests.services.asking import Wish, change_request, post_request
from members import limits
from members.models import Member
from tests.factories.help_requests import HelpRequestFactory, as_seen_by

# Fixed, because parallel workers must agree on the names of the cases.
SOME_DAY = datetime(2026, 1, 31, tzinfo=UTC)
pytestmark = pytest.mark.django_db

WISH = Wish(title="Pick up groceries on Tuesday", category="groceries-meals")


def test_a_new_request_is_open_for_thirty_days_in_the_askers_town(asker: Member) -> None:
    request = post_request(asker, WISH)

    assert request.status == Status.OPEN
    assert request.shown_town == asker.town
    assert request.expires_at
    assert abs(request.expires_at - now() - timedelta(days=30)) < timedelta(minutes=1)


def test_an_ongoing_request_never_ends_by_itself(asker: Member) -> None:
    assert post_request(asker, Wish("Walk the dog", "household-yard", is_ongoing=True)).expires_at is None


def test_the_same_key_gives_the_same_request_even_after_it_changed(asker: Member) -> None:
    first = post_request(asker, WISH, "key")
    change_request(asker, first.pk, title="Pick up groceries on Friday")

    assert post_request(asker, WISH, "key").pk == first.pk
    assert HelpRequest.objects.count() == 1


def test_the_same_key_for_other_words_is_refused(asker: Member) -> None:
    post_request(asker, WISH, "key")

    with pytest.raises(IdempotencyKeyReused):
        post_request(asker, Wish("Mow the lawn", "household-yard"), "key")


def test_two_people_may_choose_the_same_key(asker: Member, helper: Member) -> None:
    assert post_request(asker, WISH, "key").pk != post_request(helper, WISH, "key").pk


def test_a_repeat_does_not_count_towards_the_limit(asker: Member) -> None:
    for _ in range(limits.HELP_REQUESTS.most + 2):
        post_request(asker, WISH, "key")


def test_the_eleventh_request_of_a_day_is_refused(asker: Member) -> None:
    for _ in range(limits.HELP_REQUESTS.most):
        post_request(asker, WISH)

    with pytest.raises(RateLimited) as refusal:
        post_request(asker, WISH)
    assert refusal.value.extras["retry_after"] > 0
    assert HelpRequest.objects.count() == limits.HELP_REQUESTS.most


def test_people_who_wait_cannot_ask_and_lose_nothing_of_their_limit(waiting: Member) -> None:
    for _ in range(limits.HELP_REQUESTS.most + 1):
        with pytest.raises(NotPermitted):
            post_request(waiting, WISH)
    assert not HelpRequest.objects.exists()


def test_a_kind_must_go_with_its_topic(asker: Member) -> None:
    with pytest.raises(NotValid) as refusal:
        post_request(asker, Wish("Walk the dog", "groceries-meals", subcategory="pets"))
    assert "subcategory" in refusal.value.extras["fields"]


def test_a_day_and_ongoing_do_not_go_together(asker: Member) -> None:
    with pytest.raises(NotValid):
        post_request(asker, Wish("Walk the dog", "household-yard", needed_by=now().date(), is_ongoing=True))


def test_a_town_we_do_not_serve_is_refused_but_ones_own_always_counts(asker: Member, settings) -> None:
    settings.SERVICE_AREA = ["Rolla", "Ava"]
    with pytest.raises(NotValid):
        post_request(asker, Wish("Walk the dog", "household-yard", town="Paris"))
    assert post_request(asker, Wish("Walk the dog", "household-yard", town="Ava")).shown_town == "Ava"
    assert post_request(asker, WISH).shown_town == asker.town


def test_only_what_is_named_changes(asker: Member) -> None:
    request = post_request(asker, Wish("Walk the dog", "household-yard", subcategory="pets", description="He is old."))

    changed = change_request(asker, request.pk, urgency="critical")

    assert (changed.title, changed.subcategory, changed.description) == ("Walk the dog", "pets", "He is old.")
    assert changed.urgency == "critical"
    assert changed.updated_at > request.updated_at


def test_a_new_topic_forgets_the_old_kind(asker: Member) -> None:
    request = HelpRequestFactory(requester=asker)
    assert change_request(asker, request.pk, category="other").subcategory == ""


def test_a_day_ends_ongoing_and_ongoing_takes_the_day_away(asker: Member) -> None:
    request = HelpRequestFactory(requester=asker, ongoing=True)

    dated = change_request(asker, request.pk, needed_by=now().date())
    assert not dated.is_ongoing
    assert dated.expires_at
    ongoing = change_request(asker, request.pk, is_ongoing=True)
    assert ongoing.needed_by is None
    assert ongoing.expires_at is None


def test_nobody_changes_the_request_of_another(asker: Member, outsider: Member) -> None:
    request = HelpRequestFactory(requester=asker)
    with pytest.raises(NotPermitted):
        change_request(outsider, request.pk, title="Mine now")


def test_people_who_wait_do_not_find_it_at_all(waiting: Member) -> None:
    request = HelpRequestFactory()
    with pytest.raises(NotFound):
        change_request(waiting, request.pk, title="Mine now")


@pytest.mark.parametrize("state", ["completed", "cancelled", "closed", "expired"])
def test_what_is_over_stays_as_it_was(asker: Member, state: str) -> None:
    request = HelpRequestFactory(requester=asker, **{state: True})
    with pytest.raises(HelpRequestUnavailable):
        change_request(asker, request.pk, title="Something else")


@pytest.mark.parametrize(
    "lie",
    [
        {"status": "lost"},
        {"status": "in_progress"},
        {"status": "completed"},
        {"status": "closed"},
        {"ending": "helped_here"},
        {"urgency": "now"},
        {"category": "money"},
        {"subcategory": "pets"},
        {"location_privacy": "nobody"},
        {"title": "Hm"},
        {"expires_at": None},
        {"is_ongoing": True},
        {"completed_at": SOME_DAY},
        {"cancelled_at": SOME_DAY},
        {"closed_at": SOME_DAY},
        {"in_progress_at": SOME_DAY},
        {"client_id": "key"},
        {"helper": "requester"},
        {"helper": "other"},
    ],
    ids=str,
)
def test_the_database_refuses_a_row_that_contradicts_itself(asker: Member, outsider: Member, lie: dict) -> None:
    people = {"requester": asker, "other": outsider}
    lie = {name: people.get(value, value) if name == "helper" else value for name, value in lie.items()}
    request = HelpRequestFactory(requester=asker)
    assert HelpRequest.objects.filter(pk=request.pk).update(title="Still fine") == 1

    with pytest.raises(IntegrityError, match="help_requests_"), transaction.atomic():
        HelpRequest.objects.filter(pk=request.pk).update(**lie)


def test_a_helper_cannot_be_the_asker_even_while_helping(asker: Member) -> None:
    request = HelpRequestFactory(in_progress=True, requester=asker)
    with pytest.raises(IntegrityError, match="helper_is_not_requester"), transaction.atomic():
        HelpRequest.objects.filter(pk=request.pk).update(helper=asker)


def test_an_account_is_not_deleted_from_under_its_requests(asker: Member) -> None:
    request = HelpRequestFactory(requester=asker)
    with pytest.raises(ProtectedError):
        asker.delete()
    assert as_seen_by(asker, request)
