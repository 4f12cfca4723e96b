"""Asking for help, one question to a page: what is kept, what is checked, what is posted, and what is said."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate, now

from carecollective import invariants
from carecollective.errors import ContentBlocked, NotValid
from help_requests.models import HelpRequest, RequestDraft
from help_requests.services import asking, drafting
from members.models import Member
from messaging.models import Conversation
from notifications.models import Emails, Preferences
from screening.services.examining import examine
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import PASSWORD, MemberFactory
from tests.factories.messaging import offer
from tests.help_requests.walk import PLAIN, answer, at, fill_in, hidden, post, what_check_sends, words_of

pytestmark = pytest.mark.django_db

QUICK = "Most people hear back in about a day."


def sign_in(member: Member) -> Client:
    browser = Client()
    browser.post("/login/", {"email": member.email, "password": PASSWORD})
    return browser


class TestFiveQuestionsAndACheck:
    def test_each_page_asks_one_thing_and_leads_to_the_next(self, asker: Member) -> None:
        browser = browser_of(asker)
        places = [*PLAIN, "check"]
        for number, (slug, fields) in enumerate(PLAIN.items(), 1):
            page = words_of(browser.get(at(slug)))
            assert page.count("<h1") == 1
            assert f"Question {number} of 5" in page
            assert answer(browser, slug, **fields)["Location"] == at(places[number])
        assert "Check your answers</h1>" in words_of(browser.get(at("check")))
        assert not HelpRequest.objects.exists()

    def test_what_was_answered_is_what_is_posted(self, asker: Member) -> None:
        browser, day = browser_of(asker), localdate() + timedelta(days=4)
        when = {"when": "by_date", "needed_by": day.isoformat(), "urgency": "urgent"}
        fill_in(browser, when=when, give_back={"exchange_offer": "A jar of jam"})
        answer(browser, "kind", kind="groceries-meals/shopping-delivery")
        answer(browser, "place", town="Rolla", location_privacy="after_match")
        answer_ = browser.post(at("check"), what_check_sends(browser), follow=True)

        request = HelpRequest.objects.get()
        assert answer_.redirect_chain == [(f"/requests/{request.pk}/posted/", 302)]
        assert "Your request is up." in words_of(answer_)
        assert (request.category, request.subcategory) == ("groceries-meals", "shopping-delivery")
        assert (request.title, request.description) == ("Pick up groceries on Tuesday", PLAIN["more"]["description"])
        assert (request.needed_by, request.is_ongoing, request.urgency) == (day, False, "urgent")
        assert (request.exchange_offer, request.town) == ("A jar of jam", "Rolla")
        assert request.location_privacy == "after_match"
        assert not RequestDraft.objects.exists()

    def test_who_says_nothing_of_the_place_asks_in_their_own_town_before_everybody(self, asker: Member) -> None:
        post(browser_of(asker))
        request = HelpRequest.objects.get()
        assert (request.town, request.location_privacy) == (asker.town, "public")

    @pytest.mark.parametrize(
        ("slug", "fields", "words"),
        [
            ("topic", {}, "Please choose what you need help with."),
            ("topic", {"category": "money"}, "Please pick one from the list."),
            ("title", {}, "Please say in one line what you need."),
            ("title", {"title": "\u200b" * 9}, "Please say in one line what you need."),
            ("title", {"title": "Hm"}, "5 letters or more"),
            ("title", {"title": "x" * 101}, "100 letters or fewer"),
            ("more", {"description": "x" * 1001}, "1000 letters or fewer"),
            ("when", {}, "Please choose when."),
            ("when", {"when": "any"}, "Please choose how soon."),
            ("when", {"when": "by_date", "urgency": "normal"}, "Please choose a day."),
            ("when", {"when": "by_date", "needed_by": "2020-01-01", "urgency": "normal"}, "This day is over."),
            ("when", {"when": "by_date", "needed_by": "soon", "urgency": "normal"}, "Please write the day like"),
            ("give-back", {"exchange_offer": "x" * 301}, "300 letters or fewer"),
            ("give-back", {"exchange_offer": "Jam", "nothing_back": "on"}, "You wrote something, too."),
            ("kind", {"kind": "household-yard/pets"}, "Please pick one from the list."),
            ("place", {"town": "", "location_privacy": "public"}, "In which town?"),
            ("place", {"town": "Rolla", "location_privacy": "nobody"}, "Please pick one from the list."),
        ],
    )
    def test_each_mistake_is_named_where_it_was_made(
        self, asker: Member, slug: str, fields: dict[str, str], words: str
    ) -> None:
        browser = browser_of(asker)
        fill_in(browser)
        before = RequestDraft.objects.get().answers
        refused = answer(browser, slug, **fields)
        page = words_of(refused)
        assert refused.status_code == 400
        assert "<title>Error: " in page
        assert "There is a problem" in page
        assert words in page
        assert all(value in page for value in fields.values() if value.isascii() and len(value) > 20)
        assert RequestDraft.objects.get().answers == before

    @pytest.mark.parametrize("slug", ["title", "more", "when", "give-back", "kind", "place", "check"])
    def test_a_later_page_leads_to_the_first_answer_that_is_missing(self, asker: Member, slug: str) -> None:
        browser = browser_of(asker)
        assert browser.get(at(slug))["Location"] == at("topic")
        answer(browser, "topic", **PLAIN["topic"])
        if slug != "title":
            assert browser.get(at(slug))["Location"] == at("title")

    def test_optional_pages_may_be_left_empty_and_even_passed_by(self, asker: Member) -> None:
        browser = browser_of(asker)
        for slug in ("topic", "title", "when"):
            answer(browser, slug, **PLAIN[slug])
        assert browser.post(at("check"), what_check_sends(browser)).status_code == 302
        assert HelpRequest.objects.get().description == ""

    def test_a_page_that_is_none_of_ours_is_not_found(self, asker: Member) -> None:
        assert browser_of(asker).get("/requests/new/money/").status_code == 404

    def test_the_page_of_time_says_how_long_a_request_stays_and_whom_to_call(self, asker: Member) -> None:
        browser = browser_of(asker)
        fill_in(browser)
        page = words_of(browser.get(at("when")))
        assert "A request stays up for 30 days. We tell you 7 days before it rests." in page
        assert "If someone is in danger, call 911 now." in page
        assert "call <a" not in words_of(browser.get(at("check")))
        answer(browser, "when", when="ongoing", urgency="critical")
        check = words_of(browser.get(at("check")))
        assert "call <a" in check
        assert "This is ongoing" in check


class TestTheCheckPage:
    def test_every_row_leads_to_its_question_and_back(self, asker: Member) -> None:
        browser = browser_of(asker)
        fill_in(browser)
        page = words_of(browser.get(at("check")))
        for slug in (*PLAIN, "kind", "place"):
            assert f'href="{at(slug)}?change' in page, slug
        assert 'Change<span class="visually-hidden"> the topic</span>' in page
        changed = answer(browser, "title", "?change", title="Pick up groceries on Friday")
        assert changed["Location"] == at("check")
        assert "Pick up groceries on Friday" in words_of(browser.get(at("check")))

    @pytest.mark.parametrize(
        ("who", "words"),
        [
            ("public", "Members near you will see your first name, town, and what you wrote."),
            ("helpers_only", "Only people who offer to help will see your town."),
            ("after_match", "Only the helper you say yes to will see your town."),
        ],
    )
    def test_it_says_who_will_see_what(self, asker: Member, who: str, words: str) -> None:
        browser = browser_of(asker)
        fill_in(browser)
        answer(browser, "place", town="Rolla", location_privacy=who)
        page = words_of(browser.get(at("check")))
        assert words in page
        assert "They will not see your phone, email, or street." in page

    def test_a_new_topic_forgets_the_kind_of_the_old_one(self, asker: Member) -> None:
        browser = browser_of(asker)
        fill_in(browser)
        answer(browser, "kind", "?change", kind="groceries-meals/meal-preparation")
        assert "Cooking a meal" in words_of(browser.get(at("check")))
        answer(browser, "topic", "?change", category="household-yard")
        page = words_of(browser.get(at("check")))
        assert "Cooking a meal" not in page
        assert "Not sure" in page
        answer(browser, "topic", "?change", category="other")
        assert "More exactly" not in words_of(browser.get(at("check")))

    def test_a_day_that_passed_meanwhile_leads_to_its_question(self, asker: Member) -> None:
        browser = browser_of(asker)
        fill_in(browser)
        draft = RequestDraft.objects.get()
        draft.answers |= {"when": "by_date", "needed_by": (localdate() - timedelta(days=2)).isoformat()}
        draft.save()
        refused = browser.post(at("check"), what_check_sends(browser))
        assert refused.status_code == 400
        assert f'<a href="{at("when")}?change">This day is over.' in words_of(refused)
        same = answer(browser, "when", "?change", **draft.answers)
        assert same.status_code == 400

    def test_a_town_that_left_the_list_leads_to_its_question(self, asker: Member, settings: Any) -> None:
        browser = browser_of(asker)
        fill_in(browser)
        answer(browser, "place", town="Rolla", location_privacy="public")
        settings.SERVICE_AREA = ["Ava"]
        refused = words_of(browser.post(at("check"), what_check_sends(browser)))
        assert f'<a href="{at("place")}?change">Please pick one from the list.</a>' in refused

    @pytest.mark.parametrize("kind", [NotValid, ContentBlocked])
    def test_what_the_verb_refuses_of_one_answer_leads_to_its_question(
        self, asker: Member, kind: type[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As the screening of texts will."""
        browser = browser_of(asker)
        fill_in(browser)

        def refuse(*_: Any) -> None:
            raise kind(fields={"title": ["Please leave out the phone number."]})

        monkeypatch.setattr(asking, "put_up", refuse)
        refused = browser.post(at("check"), what_check_sends(browser))
        assert refused.status_code == 400
        assert f'<a href="{at("title")}?change">Please leave out the phone number.</a>' in words_of(refused)
        assert RequestDraft.objects.count() == 1

    def test_the_eleventh_request_of_a_day_is_refused_with_everything_kept(self, asker: Member) -> None:
        for _ in range(10):
            asking.post_request(asker, asking.Wish("Pick up groceries", "groceries-meals"))
        browser = browser_of(asker)
        refused = post(browser, title={"title": "One more, please"})
        page = words_of(refused)
        assert refused.status_code == 429
        assert refused["Retry-After"]
        assert "You have posted 10 requests today." in page
        assert "One more, please" in page
        assert "Post my request" in page
        assert RequestDraft.objects.get().answers["title"] == "One more, please"


class TestTheDraft:
    def test_it_goes_on_where_it_was_on_another_device(self, asker: Member) -> None:
        phone = browser_of(asker)
        for slug in ("topic", "title"):
            answer(phone, slug, **PLAIN[slug])
        tablet = browser_of(asker)
        on = tablet.get("/requests/new/", follow=True)
        assert on.redirect_chain == [(f"{at('more')}?kept", 302)]
        assert "We kept what you wrote." in words_of(on)
        assert "Start over" in words_of(on)
        assert PLAIN["title"]["title"] in words_of(tablet.get(at("title")))
        assert "We kept" not in words_of(tablet.get(at("more")))

    def test_nobody_else_reads_it(self, asker: Member, outsider: Member) -> None:
        fill_in(browser_of(asker))
        page = words_of(browser_of(outsider).get("/requests/new/"))
        assert "Question 1 of 5" in page
        assert "checked" not in page

    def test_it_outlives_signing_out(self, asker: Member) -> None:
        member = MemberFactory(email="rosa@example.org")
        browser = sign_in(member)
        fill_in(browser)
        browser.post("/logout/")
        assert browser.get("/requests/new/")["Location"].startswith("/login/")
        again = sign_in(member)
        assert again.get("/requests/new/")["Location"] == f"{at('check')}?kept"
        assert PLAIN["title"]["title"] in words_of(again.get(at("check")))

    def test_starting_over_asks_once_and_then_it_is_gone(self, asker: Member) -> None:
        browser = browser_of(asker)
        fill_in(browser)
        assert "What you wrote for this request will be gone." in words_of(browser.get(at("start-over")))
        assert RequestDraft.objects.exists()
        for _ in range(2):
            assert browser.post(at("start-over"))["Location"] == "/requests/new/"
        assert not RequestDraft.objects.exists()
        assert "Question 1 of 5" in words_of(browser.get("/requests/new/"))

    def test_an_answer_from_a_window_that_was_left_open_is_kept_after_starting_over(self, asker: Member) -> None:
        browser = browser_of(asker)
        fill_in(browser)
        page = words_of(browser.get(at("title")))
        browser.post(at("start-over"))
        late = browser.post(at("title"), {"client_id": hidden(page), "title": "Still in this window"})
        assert late["Location"] == at("topic")
        assert RequestDraft.objects.get().answers == {"title": "Still in this window"}

    def test_it_is_in_the_file_of_what_we_hold(self, asker: Member, outsider: Member) -> None:
        fill_in(browser_of(asker))
        held = json.loads(browser_of(asker).get("/my-data/download/").content)["request_being_written"]
        assert held["answers"]["title"] == PLAIN["title"]["title"]
        assert held["started_at"]
        assert json.loads(browser_of(outsider).get("/my-data/download/").content)["request_being_written"] is None

    def test_after_thirty_days_it_is_forgotten(self, asker: Member, outsider: Member) -> None:
        for member, days in ((asker, 31), (outsider, 29)):
            fill_in(browser_of(member))
            RequestDraft.objects.filter(member=member).update(changed_at=now() - timedelta(days=days))
        assert drafting.forget_old_drafts() == 1
        assert drafting.forget_old_drafts() == 0
        assert RequestDraft.objects.get().member == outsider

    def test_words_sent_after_the_session_ended_are_there_after_signing_in(self) -> None:
        member = MemberFactory(email="rosa@example.org")
        browser = sign_in(member)
        answer(browser, "topic", **PLAIN["topic"])
        page = words_of(browser.get(at("title")))
        browser.cookies.pop("sessionid")
        told = {"client_id": hidden(page), "title": "Typed while away <b>"}
        away = browser.post(at("title"), told, headers={"referer": f"http://testserver{at('title')}"})
        assert away["Location"].startswith("/login/?next=")
        back = browser.post("/login/", {"email": member.email, "password": PASSWORD, "next": at("title")}, follow=True)
        assert back.redirect_chain == [(at("title"), 302)]
        assert 'value="Typed while away &lt;b&gt;"' in words_of(back)
        answer(browser, "title", title="Said otherwise")
        assert "Typed while away" not in words_of(browser.get(at("title")))

    def test_on_a_shared_phone_the_next_person_does_not_read_them(self, asker: Member) -> None:
        first, second = MemberFactory(email="rosa@example.org"), MemberFactory(email="sam@example.org")
        answer(sign_in(second), "topic", **PLAIN["topic"])
        phone = sign_in(first)
        answer(phone, "topic", **PLAIN["topic"])
        page = words_of(phone.get(at("title")))
        phone.cookies.pop("sessionid")
        phone.post(at("title"), {"client_id": hidden(page), "title": "Only for my own eyes"})
        phone.post("/login/", {"email": second.email, "password": PASSWORD})
        assert "Only for my own eyes" not in words_of(phone.get(at("title")))
        phone.post("/login/", {"email": first.email, "password": PASSWORD})
        assert "Only for my own eyes" not in words_of(phone.get(at("title")))


class TestPostedOnce:
    def test_pressing_twice_leads_to_the_same_page_twice(self, asker: Member) -> None:
        browser = browser_of(asker)
        fill_in(browser)
        last = what_check_sends(browser)
        first, second = (browser.post(at("check"), last) for _ in range(2))
        assert first["Location"] == second["Location"] == f"/requests/{HelpRequest.objects.get().pk}/posted/"
        assert invariants.broken() == {}

    def test_going_back_to_a_question_explains_itself_and_then_it_is_a_new_request(self, asker: Member) -> None:
        browser = browser_of(asker)
        fill_in(browser)
        before = words_of(browser.get(at("title")))
        browser.post(at("check"), what_check_sends(browser))
        request = HelpRequest.objects.get()

        refused = browser.post(at("title"), {"client_id": hidden(before), "title": "Mow the lawn"})
        page = words_of(refused)
        assert refused.status_code == 409
        assert "You have posted this already" in page
        assert f'href="/requests/{request.pk}/"' in page
        assert "Mow the lawn" in page
        assert not RequestDraft.objects.exists()

        assert hidden(page) != hidden(before)
        browser.post(at("title"), {"client_id": hidden(page), "title": "Mow the lawn"})
        assert RequestDraft.objects.get().answers == {"title": "Mow the lawn"}
        assert HelpRequest.objects.count() == 1

    def test_what_changed_in_another_window_is_looked_at_before_it_is_posted(self, asker: Member) -> None:
        browser = browser_of(asker)
        fill_in(browser)
        stale = what_check_sends(browser)
        answer(browser, "title", "?change", title="Pick up groceries on Friday")
        refused = browser.post(at("check"), stale)
        assert refused.status_code == 400
        assert drafting.CHANGED_ELSEWHERE in words_of(refused)
        assert not HelpRequest.objects.exists()
        fresh = {name: hidden(words_of(refused), name) for name in stale}
        assert browser.post(at("check"), fresh).status_code == 302
        assert HelpRequest.objects.get().title == "Pick up groceries on Friday"

    def test_the_key_of_another_members_request_opens_nothing(self, asker: Member, outsider: Member) -> None:
        browser = browser_of(asker)
        fill_in(browser)
        last = what_check_sends(browser)
        browser.post(at("check"), last)
        stranger = browser_of(outsider)
        assert stranger.post(at("check"), last)["Location"] == at("topic")
        taken = stranger.post(at("topic"), {"client_id": last["client_id"], "category": "other"})
        assert taken["Location"] == at("title")

    @pytest.mark.parametrize("sent", [{}, {"client_id": "x"}, {"client_id": str(uuid4()), "seen": "\x00"}])
    def test_a_broken_form_posts_nothing_and_keeps_everything(self, asker: Member, sent: dict[str, str]) -> None:
        browser = browser_of(asker)
        fill_in(browser)
        assert browser.post(at("check"), sent).status_code == 400
        assert not HelpRequest.objects.exists()
        assert RequestDraft.objects.exists()


class TestPosted:
    def test_a_request_that_is_over_is_not_called_up(self, asker: Member) -> None:
        request = HelpRequestFactory(requester=asker, cancelled=True)
        assert browser_of(asker).get(f"/requests/{request.pk}/posted/")["Location"] == f"/requests/{request.pk}/"

    def test_it_promises_a_mail_only_to_those_who_get_one(self, asker: Member) -> None:
        request = HelpRequestFactory(requester=asker)
        browser, address = browser_of(asker), f"/requests/{request.pk}/posted/"
        assert "We will email you when someone offers." in words_of(browser.get(address))
        Preferences.objects.create(member=asker, email=Emails.OFF)
        page = words_of(browser.get(address))
        assert "We will email you" not in page
        assert "When someone offers, you will see it under Messages." in page

    def test_it_promises_a_quick_answer_only_when_most_had_one(self, asker: Member) -> None:
        request = HelpRequestFactory(requester=asker)

        def is_promised() -> bool:
            return QUICK in words_of(browser_of(asker).get(f"/requests/{request.pk}/posted/"))

        assert not is_promised()
        askers = MemberFactory.create_batch(9)
        for member in askers:
            _asked(member, days=3, answered_after=timedelta(hours=5))
        assert not is_promised()
        _asked(askers[0], days=3, answered_after=timedelta(hours=25))
        assert is_promised()
        # Those nobody offered on count as well, and those answered late; the youngest cannot say anything yet.
        HelpRequestFactory.create_batch(20, requester=askers[0])
        for _ in range(5):
            _asked(askers[1], days=3, answered_after=timedelta(hours=27))
        for _ in range(4):
            _asked(askers[2], days=3)
        assert is_promised()
        _asked(askers[2], days=3)
        assert not is_promised()

    def test_what_was_long_ago_promises_nothing(self, asker: Member) -> None:
        for _ in range(10):
            _asked(asker, days=91, answered_after=timedelta(hours=1))
        page = words_of(browser_of(asker).get(f"/requests/{HelpRequestFactory(requester=asker).pk}/posted/"))
        assert QUICK not in page

    def test_an_ongoing_request_does_not_say_thirty_days(self, asker: Member) -> None:
        request = HelpRequestFactory(requester=asker, ongoing=True)
        page = words_of(browser_of(asker).get(f"/requests/{request.pk}/posted/"))
        assert "It stays up until you close it." in page
        assert "30 days" not in page


class TestStatements:
    """Session, member and the header's numbers are three of them."""

    def test_a_question_costs_four_however_much_there_is(self, asker: Member) -> None:
        browser = browser_of(asker)
        for slug, fields in PLAIN.items():
            assert _statements(browser, at(slug)) == 4, slug
            answer(browser, slug, **fields)
        HelpRequestFactory.create_batch(3, requester=asker)
        for slug in (*PLAIN, "kind", "place", "check"):
            assert _statements(browser, at(slug)) == 4, slug
        assert _statements(browser, "/requests/new/") == 3

    def test_saving_an_answer_and_posting_cost_a_fixed_number(self, asker: Member) -> None:
        browser = browser_of(asker)
        fill_in(browser)
        page = hidden(words_of(browser.get(at("title"))))
        examine("The rules are read once in a while.")
        saved = _statements(browser, at("title"), {"client_id": page, "title": "Pick up groceries"})
        posted = _statements(browser, at("check"), what_check_sends(browser))
        last = _statements(browser, f"/requests/{HelpRequest.objects.get().pk}/posted/")
        # One session and two savepoints are of the test or the frame; the rest is the verb.
        assert (saved, posted, last) == (10, 14, 6)


def _statements(browser: Client, address: str, sent: dict[str, str] | None = None) -> int:
    with CaptureQueriesContext(connection) as statements:
        done = browser.get(address) if sent is None else browser.post(address, sent)
    assert done.status_code < 400
    return len(statements)


def _asked(member: Member, *, days: int, answered_after: timedelta | None = None) -> None:
    moment = now() - timedelta(days=days)
    request = HelpRequestFactory(requester=member, created_at=moment)
    if answered_after is not None:
        thread = offer(MemberFactory(), request)
        Conversation.objects.filter(pk=thread.pk).update(created_at=moment + answered_after)
