"""Asking our team: anybody with an account may, one question counts once, one answer reaches its asker."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from audit.models import AuditEntry
from carecollective.errors import CaseAlreadyDecided, IdempotencyKeyReused, NotFound, NotPermitted, RateLimited
from carecollective.invariants import broken
from members import limits, roles
from members.models import Member
from moderation.models import Question
from moderation.services import asking
from notifications.models import Notice
from tests.cast import browser_of, client_of
from tests.factories.members import MemberFactory
from tests.help_requests.test_races import at_once
from tests.members.pages.sent import said

WORDS = "How do I change my town?\nI moved last week."
ANSWER = "Open “Me”. Your town is the second box.\nAll the best"
PAGE, API, DESK = "/help/contact/", "/api/questions", "/admin/moderation/question/"


def form_of(browser: Client) -> dict[str, str]:
    """The form as it stands on the page, with its hidden id."""
    return {"client_id": str(browser.get(PAGE).context["form"]["client_id"].value())}


@pytest.mark.django_db
class TestAsking:
    @pytest.mark.parametrize("who", ["asker", "waiting", "declined", "moderator"])
    def test_anybody_with_an_account_may(self, who: str, request: pytest.FixtureRequest) -> None:
        member: Member = request.getfixturevalue(who)
        browser = browser_of(member)
        answer = browser.post(PAGE, form_of(browser) | {"question": f"  {WORDS} "}, follow=True)
        question = Question.objects.get()
        assert answer.redirect_chain == [(f"{PAGE}{question.pk}/", 302)]
        assert "Thank you. We have your question." in said(answer)
        assert (question.asker, question.clear_words, question.is_answered) == (member, WORDS, False)
        listed = said(browser.get(PAGE))
        assert "How do I change my town?" in listed
        assert "Waits for an answer" in listed

    def test_what_is_kept_is_sealed(self, asker: Member) -> None:
        asking.ask(asker, WORDS)
        assert "town" not in str(Question.objects.values().get())
        assert not broken()

    def test_nothing_or_too_much_is_said_at_the_form(self, asker: Member) -> None:
        browser = browser_of(asker)
        for typed, problem in {
            "": "Please write your question.",
            "\u200b \u2060": "Please write your question.",
        }.items():
            answer = browser.post(PAGE, {"question": typed})
            assert answer.status_code == 400
            assert problem in said(answer)
        answer = browser.post(PAGE, {"question": "ü" * 1001})
        assert "Please use 1000 letters or fewer. You have 1001." in said(answer)
        assert "ü" * 1001 in answer.content.decode()
        assert browser.post(PAGE, {"question": " " + "ü" * 1000}).status_code == 302

    def test_pressed_twice_it_is_one_question_and_other_words_are_kept(self, asker: Member) -> None:
        browser = browser_of(asker)
        form = form_of(browser) | {"question": WORDS}
        first, second = browser.post(PAGE, form), browser.post(PAGE, form)
        assert first["Location"] == second["Location"]
        answer = browser.post(PAGE, form | {"question": "Something else?"})
        assert answer.status_code == 409
        assert "Something else?" in said(answer)
        again = str(answer.context["form"].data["client_id"])
        assert browser.post(PAGE, {"question": "Something else?", "client_id": again}).status_code == 302
        assert Question.objects.count() == 2

    def test_the_sixth_in_an_hour_waits_with_its_words(self, asker: Member) -> None:
        for number in range(limits.QUESTIONS.most):
            asking.ask(asker, f"Question {number}?")
        answer = browser_of(asker).post(PAGE, {"question": "One more?"})
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) > 3500
        assert "You have sent 5 questions this hour. You can send this one in" in said(answer)
        assert "One more?" in said(answer)

    def test_a_stranger_reads_how_to_and_loses_no_word(self, client: Client, waiting: Member) -> None:
        page = said(client.get(PAGE))
        assert 'href="/login/?next=/help/contact/"' in page
        assert 'href="mailto:hello@localhost"' in page
        page = said(client.post(PAGE, {"question": WORDS}, follow=True))
        assert "Please sign in again. Your words are saved." in page
        client.force_login(waiting)
        assert WORDS in said(client.get(PAGE))
        assert not Question.objects.exists()

    def test_the_list_goes_on_and_costs_the_same(self, asker: Member) -> None:
        browser = browser_of(asker)
        counts = []
        for _ in range(2):
            asking.ask(asker, "One more?")
            with CaptureQueriesContext(
                connection,
            ) as statements:
                browser.get(PAGE)
            counts.append(len(statements))
        # The session, the member, the questions.
        assert counts == [4, 4]
        for number in range(11):
            question = Question(asker=asker)
            question.clear_words = f"Question number {number}?"
            question.save()
        page = browser.get(PAGE)
        assert said(page).count("Question number") == 10
        assert "cursor=" in said(page)
        older = said(browser.get(PAGE, {"cursor": page.context["page"].next_cursor}))
        assert older.count("Question number 0?") == 1
        assert older.count("One more?") == 2
        assert browser.get(PAGE, {"cursor": "nonsense\x00"}).status_code == 200


@pytest.mark.django_db
class TestAnswering:
    def test_the_asker_is_told_here_and_by_mail(self, asker: Member, moderator: Member) -> None:
        question = asking.ask(asker, WORDS)
        asking.answer_question(moderator, question.pk, ANSWER)
        notice = Notice.objects.select_related("event").get(member=asker)
        assert (notice.event.kind, notice.event.about_id) == ("question_answered", str(question.pk))
        entry = AuditEntry.objects.get(action="question_answered")
        assert (entry.actor, entry.subject_id) == (moderator.pk, str(question.pk))
        browser = browser_of(asker)
        assert "Answered" in said(browser.get(PAGE))
        page = said(browser.get(f"{PAGE}{question.pk}/"))
        assert "Our answer" in page
        assert ANSWER in page
        # Nobody learns which moderator it was.
        assert moderator.called not in page.replace("More", "")
        notice.refresh_from_db()
        assert notice.read_at
        assert not broken()

    def test_once_by_a_moderator_who_did_not_ask(self, asker: Member, moderator: Member) -> None:
        question = asking.ask(asker, WORDS)
        others: list[Member] = [asker, *(MemberFactory(role=role) for role in set(roles.ALL) - {roles.MODERATOR})]
        for other in others:
            with pytest.raises(NotPermitted):
                asking.answer_question(other, question.pk, ANSWER)
        own = asking.ask(moderator, WORDS)
        with pytest.raises(NotPermitted):
            asking.answer_question(moderator, own.pk, ANSWER)
        with pytest.raises(NotFound):
            asking.answer_question(moderator, uuid4(), ANSWER)
        asking.answer_question(moderator, question.pk, ANSWER)
        with pytest.raises(CaseAlreadyDecided):
            asking.answer_question(MemberFactory(role=roles.MODERATOR), question.pk, "Other words.")
        assert Question.objects.get(pk=question.pk).clear_answer == ANSWER
        assert Notice.objects.count() == 1

    def test_an_answer_is_whole_or_not_there(self, asker: Member, moderator: Member) -> None:
        question = asking.ask(asker, WORDS)
        for half in ({"answer": "x"}, {"answered_by": moderator}, {"answer": "x", "answer_key_id": "tests"}):
            with pytest.raises(IntegrityError, match="questions_answer_is_whole"), transaction.atomic():
                Question.objects.filter(pk=question.pk).update(**half)

    def test_somebody_elses_question_is_not_found(self, asker: Member, helper: Member) -> None:
        question = asking.ask(asker, WORDS)
        browser = browser_of(helper)
        other = browser.get(f"{PAGE}{question.pk}/")
        assert other.status_code == browser.get(f"{PAGE}{uuid4()}/").status_code == 404
        assert "town" not in said(other)
        assert "change my town" not in said(browser.get(PAGE))
        assert Client().get(f"{PAGE}{question.pk}/")["Location"] == f"/login/?next=%2Fhelp%2Fcontact%2F{question.pk}%2F"

    def test_who_was_declined_comes_from_the_mail_to_the_answer(self, declined: Member, moderator: Member) -> None:
        question = asking.ask(declined, WORDS)
        asking.answer_question(moderator, question.pk, ANSWER)
        way_in = {"email": declined.email, "password": "a calm and long sentence", "next": f"{PAGE}{question.pk}/"}
        answer = Client().post("/login/", way_in, follow=True)
        assert answer.redirect_chain == [(f"{PAGE}{question.pk}/", 302)]
        assert ANSWER in said(answer)


@pytest.mark.django_db
class TestAtTheDesk:
    def test_open_ones_come_first_and_are_answered_there(self, asker: Member, moderator: Member) -> None:
        done, first, second = (asking.ask(asker, words) for words in ("Done?", "First?", "Second <b>?"))
        asking.answer_question(moderator, done.pk, ANSWER)
        browser = browser_of(moderator)
        page = browser.get(DESK).content.decode()
        # The list has no words: each is opened by itself, and that is on record.
        assert page.index(str(first.pk)) < page.index(str(second.pk)) < page.index(str(done.pk))
        assert "First?" not in page
        assert str(done.pk) not in browser.get(DESK, {"answer": "open"}).content.decode()
        assert str(first.pk) not in browser.get(DESK, {"answer": "given"}).content.decode()
        assert not AuditEntry.objects.filter(action="question_read").exists()
        opened = browser.get(f"{DESK}{second.pk}/change/", follow=True).content.decode()
        assert "Second &lt;b&gt;?" in opened
        assert AuditEntry.objects.get(action="question_read").subject_id == str(second.pk)
        assert "Please write an answer first." in browser.post(f"{DESK}{first.pk}/answer/").content.decode()
        answer = browser.post(f"{DESK}{first.pk}/answer/", {"answer": ANSWER}, follow=True)
        assert "Ana gets your answer, by mail too." in answer.content.decode()
        first.refresh_from_db()
        assert (first.clear_answer, first.answered_by) == (ANSWER, moderator)
        # The second press, or the second moderator.
        refused = browser.post(f"{DESK}{first.pk}/answer/", {"answer": "Late."})
        late = refused.content.decode()
        assert refused.status_code == 409
        assert "Somebody else has answered this question." in late
        assert "Late." in late
        assert not Question.objects.get(pk=second.pk).is_answered

    @pytest.mark.parametrize("role", sorted(set(roles.ALL) - {roles.MODERATOR}))
    def test_other_staff_do_not_read_them(self, role: str, asker: Member) -> None:
        question = asking.ask(asker, WORDS)
        browser = browser_of(MemberFactory(role=role))
        for address in (DESK, f"{DESK}{question.pk}/change/", f"{DESK}{question.pk}/answer/"):
            assert browser.get(address).status_code == 403
        assert browser.post(f"{DESK}{question.pk}/answer/", {"answer": "No."}).status_code == 403
        assert not Question.objects.get().is_answered

    def test_nobody_changes_what_was_asked(self, asker: Member, moderator: Member) -> None:
        question = asking.ask(asker, WORDS)
        browser = browser_of(moderator)
        assert browser.post(f"{DESK}{question.pk}/change/", {"words": "x", "answer": "y"}).status_code == 403
        assert browser.get(f"{DESK}{asking.ask(moderator, WORDS).pk}/answer/").status_code == 403
        assert browser.post(f"{DESK}{question.pk}/delete/", {"post": "yes"}).status_code == 403
        question.refresh_from_db()
        assert (question.clear_words, question.clear_answer) == (WORDS, None)


@pytest.mark.django_db
class TestOverTheApi:
    def ask(self, member: Member, body: Any, **headers: str) -> Any:
        return client_of(member).post(API, body, format="json", headers=headers)

    def test_it_answers_with_the_question(self, asker: Member, moderator: Member) -> None:
        answer = self.ask(asker, {"question": f"\u200b{WORDS} "})
        body = answer.json()
        question = Question.objects.get()
        assert answer.status_code == 201
        assert body["question"].pop("created_at")
        assert body["question"] == {"id": str(question.pk), "question": WORDS, "answer": None, "answered_at": None}
        asking.answer_question(moderator, question.pk, ANSWER)
        listed = client_of(asker).get(API).json()
        assert [row["answer"] for row in listed["questions"]] == [ANSWER]
        assert listed["pagination"] == {"limit": 20, "has_more": False, "next_cursor": None}
        assert client_of(moderator).get(API).json()["questions"] == []

    def test_the_same_key_is_the_same_question(self, asker: Member, helper: Member) -> None:
        one = self.ask(asker, {"question": WORDS, "client_id": "k1"}).json()["question"]["id"]
        assert self.ask(asker, {"question": WORDS}, **{"Idempotency-Key": "k1"}).json()["question"]["id"] == one
        assert self.ask(helper, {"question": WORDS, "client_id": "k1"}).json()["question"]["id"] != one
        answer = self.ask(asker, {"question": "Other words", "client_id": "k1"})
        assert (answer.status_code, answer.json()["error"]) == (409, "idempotency_key_reused")
        assert Question.objects.count() == 2

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "question"),
            ({"question": ""}, "question"),
            ({"question": "\u2060\u00ad"}, "question"),
            ({"question": "x" * 1001}, "question"),
            ({"question": 7}, "question"),
            ({"question": None}, "question"),
            ({"question": "x\x00"}, "question"),
            ({"question": "x", "asker": str(uuid4())}, "asker"),
            ({"question": "x", "client_id": ""}, "client_id"),
        ],
    )
    def test_what_cannot_be_used_is_named(self, asker: Member, body: Any, field: str) -> None:
        answer = self.ask(asker, body)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
        assert not Question.objects.exists()

    def test_people_who_wait_may_and_strangers_may_not(self, waiting: Member, declined: Member) -> None:
        assert self.ask(waiting, {"question": WORDS}).status_code == 201
        assert self.ask(declined, {"question": WORDS}).status_code == 201
        assert APIClient().post(API, {"question": WORDS}, format="json").status_code == 401
        assert APIClient().get(API).status_code == 401


@pytest.mark.committed
def test_many_at_once_are_one_question_and_one_answer(asker: Member, moderator: Member) -> None:
    asked = at_once(*[lambda: asking.ask(asker, WORDS, "k1")] * 10)
    assert asked == ["done"] * 10
    question = Question.objects.get()
    again = at_once(*(lambda n=n: asking.ask(asker, f"Question {n}?", f"n{n}") for n in range(10)))
    assert again.count("done") == limits.QUESTIONS.most - 1
    answered = at_once(*(lambda n=n: asking.answer_question(moderator, question.pk, f"Answer {n}") for n in range(10)))
    assert sorted(answered) == ["case_already_decided"] * 9 + ["done"]
    assert Notice.objects.count() == 1
    assert not broken()


@pytest.mark.django_db
def test_a_key_with_other_words_or_too_many_is_refused_by_the_verb(asker: Member) -> None:
    asking.ask(asker, WORDS, "k1")
    with pytest.raises(IdempotencyKeyReused):
        asking.ask(asker, "Other words.", "k1")
    for number in range(limits.QUESTIONS.most - 1):
        asking.ask(asker, f"Question {number}?")
    with pytest.raises(RateLimited):
        asking.ask(asker, "One more?")
    # Heard already, so it does not count.
    assert asking.ask(asker, WORDS, "k1").clear_words == WORDS
