"""What the letters about reports and decisions say, word for word, and that each leads to its page."""

import pytest

from members.models import Member
from moderation.models import Action
from moderation.services import appealing, undoing
from notifications.models import Notice
from notifications.words import letter, told
from tests.cast import browser_of
from tests.factories.moderation import another_moderator, decide, reported_message, ten_minutes_pass

pytestmark = pytest.mark.django_db
SITE = "https://care.example.org"

DECISION_MADE = """We made a decision about your account
Hi Ben,

A moderator read something you wrote or did here, and made a decision about it. Other members are not told what it is.

Here you can read what we did, until when, which rule it is about, and why. \
If we got it wrong, tell us on the same page. Another person then looks at it again:
https://care.example.org/decisions/{id}/

Warmly,
The CARE Collective team"""
DECISION_REVERSED = """We took a decision back
Hi Ben,

We looked again at a decision about your account, and took it back. \
It does not count any more, and what it stopped works again. \
If it ended a request or an offer of yours, please start that again.

Read more here:
https://care.example.org/decisions/{id}/

Warmly,
The CARE Collective team"""
REPORT_ANSWERED = """We read your report: case 1042
Hi Ana,

Thank you. We looked and took action. Nobody is told that it was you.

Read our answer here. You can also ask us there to look again:
https://care.example.org/reports/{id}/

Warmly,
The CARE Collective team"""
OUTCOME_CHANGED = """We looked again: case 1042
Hi Ana,

You reported something to us, and we told you what came of it. Somebody asked us to look at it again. \
We did, and changed our decision. Nobody is told that it was you who reported it.

Read more here:
https://care.example.org/reports/{id}/

Warmly,
The CARE Collective team"""
APPEAL_ANSWERED = """We looked again, as you asked
Hi Ben,

You asked us to look at a decision again. We have done so, and our answer is here.

Read it on this page:
https://care.example.org/decisions/{id}/

Warmly,
The CARE Collective team"""
LETTERS = {
    "decision_made": ("Ben", {"did": "suspend"}, DECISION_MADE),
    "decision_reversed": ("Ben", {}, DECISION_REVERSED),
    "report_answered": ("Ana", {"acted": True, "number": 1042}, REPORT_ANSWERED),
    "outcome_changed": ("Ana", {"number": 1042}, OUTCOME_CHANGED),
    "appeal_answered": ("Ben", {"page": "decisions"}, APPEAL_ANSWERED),
}


@pytest.mark.parametrize("kind", LETTERS)
def test_each_letter_word_for_word(kind: str) -> None:
    called, data, stored = LETTERS[kind]
    context = {"called": called, "about_id": "{id}", "data": data, "site_url": SITE}
    assert "\n".join(letter(kind, context)) == stored


def test_no_rule_broken_leaves_a_block() -> None:
    data = {"acted": False, "number": 1042}
    _, body = letter("report_answered", {"called": "Ana", "about_id": "{id}", "data": data})
    assert "We looked and found no broken rule. You can still block this person." in body


def test_each_notice_leads_to_its_page_which_is_there(asker: Member, helper: Member, moderator: Member) -> None:
    report = reported_message(asker, helper)
    made = decide(moderator, report.case, Action.WARN)
    ten_minutes_pass(made)
    other = another_moderator()
    for appeal in (
        appealing.appeal_decision(helper, made.pk, "Too much."),
        appealing.appeal_report(asker, report.pk, "Too little."),
    ):
        words = appeal
    decide(other, words.case, Action.KEEP, rule=None)
    undoing.reverse(other, made.pk, "It was a joke.", "We are sorry.")
    about = {asker: f"/reports/{report.pk}/", helper: f"/decisions/{made.pk}/"}
    expected = {
        asker: {"report_answered", "appeal_answered", "outcome_changed"},
        helper: {"decision_made", "appeal_answered", "decision_reversed"},
    }
    for member, page in about.items():
        mine = Notice.objects.filter(member=member, event__kind__in=LETTERS).select_related("event")
        assert {notice.event.kind for notice in mine} == expected[member]
        assert {told(notice).place for notice in mine} == {page}
        assert browser_of(member).get(page).status_code == 200
        assert not mine.filter(read_at=None).exists(), "whoever opens the page has read them"
