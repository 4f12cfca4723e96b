"""What a text is found to be, and what follows for the room that owns it."""

from threading import Event, current_thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from pytest_django import DjangoAssertNumQueries

from carecollective import startup
from carecollective.errors import ContentBlocked, ServiceUnavailable
from members.models import Member
from screening import phrases
from screening.models import KeptVerdict, RuleVersion
from screening.ruleset import Ruleset
from screening.services import examining
from screening.services.examining import examine, keep
from screening.services.ruling import retire
from screening.verdicts import Finding, Verdict
from screening.words import Category, State
from tests.screening.drafts import WHY, drafted, promoted

pytestmark = pytest.mark.django_db

CALM = "I can bring the groceries on Tuesday at 10:30."
PHONE = "Call me at (417) 555-0134 when you are there."
CARD = "The number is 4111 1111 1111 1111."
MONEY = "Can you send me $200 for rent today?"
ABUSE = "You are a stupid bitch."
THREAT = "I will find you and I know where you live."
DESPAIR = "I just want to die. Everyone would be better off without me."


def found(category: str, state: str, trust: int = 75) -> Verdict:
    return Verdict((Finding(category, "a rule", 1, state, 0, 4, confidence=0.5),), trust=trust)


def test_calm_words_are_delivered_and_nobody_is_told_anything() -> None:
    verdict = examine(CALM)
    assert (verdict.outcome, verdict.findings, verdict.warnings, verdict.confidence) == ("allow", (), (), 0.0)
    assert not any((verdict.is_held, verdict.is_flagged, verdict.has_personal_data, verdict.shows_crisis_lines))


def test_a_phone_number_is_warned_of_sealed_and_delivered() -> None:
    verdict = examine(PHONE)
    assert (verdict.outcome, verdict.is_flagged, verdict.has_personal_data) == ("allow", False, True)
    assert [warning.sentence for warning in verdict.warnings] == [
        "This looks like a phone number. Use Share contact so you can take it back later."
    ]
    (finding,) = verdict.findings
    assert PHONE[finding.start : finding.end] == "(417) 555-0134"


def test_a_card_number_is_warned_of_in_stronger_words() -> None:
    verdict = examine(CARD)
    assert verdict.has_personal_data
    assert [warning.sentence for warning in verdict.warnings] == [
        "This looks like a card or Social Security number. Never send these. No one here needs them."
    ]


def test_asking_for_money_is_warned_of_delivered_told_to_the_receiver_and_read() -> None:
    verdict = examine(MONEY)
    assert (verdict.outcome, verdict.is_held, verdict.is_flagged) == ("review", False, True)
    assert verdict.tells_receiver == "money"
    assert [warning.sentence for warning in verdict.warnings] == ["Asking for money is not allowed here (rule 5)."]


def test_aimed_abuse_is_delivered_and_read_and_nobody_is_nagged() -> None:
    verdict = examine(ABUSE)
    assert (verdict.outcome, verdict.is_held, verdict.is_flagged) == ("review", False, True)
    assert verdict.warnings == ()


@pytest.mark.parametrize("around", [
    "Pick up groceries on Tuesday\n{}.", "Thank you for the soup. {}.", "{}. Enjoy the cake.",
    "You made her laugh. {}.", "{}. My couch can go.",
    "Enjoy the pie\n{}", "{}\nEnjoy the pie", "Enjoy the pie 🥧\u2028{}",
])  # fmt: skip
def test_a_threat_stays_one_whatever_stands_beside_it(around: str) -> None:
    """An excuse counts in its own sentence and line, and no word about the house is one for killing."""
    assert examine(around.format("I will kill you")).is_held


def test_a_threat_is_held() -> None:
    verdict = examine(THREAT)
    assert (verdict.outcome, verdict.is_held, verdict.is_flagged, verdict.is_blocked) == ("review", True, False, False)
    assert 0.5 < verdict.confidence <= 1


def test_somebody_who_speaks_of_dying_sees_where_to_call_and_nobody_else_is_told() -> None:
    verdict = examine(DESPAIR)
    assert (verdict.outcome, verdict.is_held, verdict.is_flagged) == ("allow", False, False)
    assert verdict.shows_crisis_lines
    assert verdict.tells_receiver == ""


@pytest.mark.parametrize(
    ("category", "state", "told"),
    [
        (Category.THREAT, State.SHADOW, "allow"),
        (Category.THREAT, State.WARN, "flagged"),
        (Category.SPAM, State.HOLD, "held"),
        (Category.SCAM, State.HOLD, "held"),
        (Category.PROFANITY, State.BLOCK, "blocked"),
        (Category.PERSONAL, State.HOLD, "allow"),
        (Category.PERSONAL, State.BLOCK, "allow"),
        (Category.SELF_HARM, State.BLOCK, "allow"),
    ],
)
def test_what_follows_from_each_state(category: str, state: str, told: str) -> None:
    verdict = found(category, state)
    said = {"held": verdict.is_held, "flagged": verdict.is_flagged, "blocked": verdict.is_blocked}
    assert [name for name, is_so in said.items() if is_so] == ([] if told == "allow" else [told])


def test_a_blocked_text_is_refused_with_our_rule_in_words() -> None:
    with pytest.raises(ContentBlocked) as refused:
        found(Category.SCAM, State.BLOCK).must_not_be_blocked()
    assert refused.value.words == "This was not sent. It breaks rule 5: Never ask for money or gifts."
    assert refused.value.extras["categories"] == ["potential_scam"]
    found(Category.SCAM, State.HOLD).must_not_be_blocked()


def test_who_is_little_trusted_is_read_and_what_is_found_is_held() -> None:
    calm = examine(CALM, trust=24)
    assert (calm.outcome, calm.is_held, calm.is_flagged) == ("review", False, True)
    assert examine(PHONE, trust=24).is_held
    assert examine(ABUSE, trust=24).is_held
    assert not examine(PHONE, trust=25).is_held
    despair = examine(DESPAIR, trust=0)
    assert (despair.is_held, despair.shows_crisis_lines) == (False, True)


def test_what_was_said_is_kept_without_a_word_of_the_text(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    target = uuid4()
    verdict = examine(THREAT)
    with django_assert_num_queries(1):
        keep(verdict, "message", target, 2)
    row = KeptVerdict.objects.get(target_id=target)
    assert (row.kind, row.text_version, row.outcome, row.categories) == ("message", 2, "review", ["threat"])
    assert row.ruleset == verdict.ruleset
    assert row.findings[0]["state"] == "hold"
    assert {"rule", "version", "category", "state", "start", "end"} == set(row.findings[0])
    assert "live" not in str(row.findings)


def test_reading_a_text_asks_the_database_nothing_while_the_rules_are_fresh(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    examine(CALM)
    with django_assert_num_queries(0):
        examine(THREAT)


def test_after_five_seconds_one_small_statement_says_whether_rules_changed(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    examine(CALM)
    monkeypatch.setattr(examining, "FRESH_SECONDS", 0)
    with django_assert_num_queries(1):
        examine(CALM)


def test_rules_that_cannot_be_read_let_nothing_through(monkeypatch: pytest.MonkeyPatch) -> None:
    examine(CALM)
    monkeypatch.setattr(examining, "FRESH_SECONDS", 0)

    def away(*rest: object) -> None:
        raise DatabaseError("away")

    with connection.execute_wrapper(away), pytest.raises(ServiceUnavailable):
        examine(CALM)
    assert examine(CALM).outcome == "allow"


def test_a_site_without_any_rule_lets_nothing_through() -> None:
    RuleVersion.objects.update(state=State.RETIRED)
    with pytest.raises(ServiceUnavailable):
        examine(CALM)


def test_no_text_waits_until_a_new_rule_is_ready(moderator: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    examine(CALM)
    promoted(moderator, drafted(moderator), 2)
    monkeypatch.setattr(examining, "FRESH_SECONDS", 0)
    may_go_on, made = Event(), Ruleset

    def slowly(*rules: Any) -> Ruleset:
        if current_thread().name == "rules":
            may_go_on.wait(20)
        return made(*rules)

    monkeypatch.setattr(examining, "Ruleset", slowly)
    assert not examine("Who wants a purple ladder?").is_flagged
    assert examine(THREAT).is_held
    may_go_on.set()
    assert examining._coming is not None
    examining._coming.join(20)
    assert examine("Who wants a purple ladder?").is_flagged


def test_a_rule_that_is_retired_stops_at_once_and_nothing_is_made_again(
    moderator: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = examining._in_force()
    retire(moderator, RuleVersion.objects.get(rule__name="selling"), WHY)
    monkeypatch.setattr(examining, "FRESH_SECONDS", 0)
    assert "spam" not in examine("Click here for a free gift").categories
    assert examining._in_force()._tools is before._tools


def test_a_process_makes_its_rules_ready_before_it_serves_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    startup.must_be_fit_to_start()
    assert examining._kept is not None
    made: list[str] = []
    monkeypatch.setattr(phrases, "compiled", lambda *rest: made.append("late"))
    examine("h3llo th3re, i w i l l call")
    assert not made
    examining.forget_rules()
    RuleVersion.objects.update(state=State.RETIRED)
    startup.must_be_fit_to_start()
    assert examining._kept is None
