"""Community health: known data gives known figures, few people are never told of, and the file is safe to open."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from audit.models import AuditEntry
from help_requests.models import HelpRequest, Status
from members import roles
from members.models import Member
from messaging.models import Conversation, Message
from messaging.services import deciding, requests
from moderation import community
from moderation.community import figures
from moderation.community_csv import MARK, harmless
from moderation.community_words import parts
from moderation.few import FEWER, KEPT_BACK, Cell, parts_of_a_whole
from moderation.models import Action, Case, Kind, Reason
from moderation.services import appealing, reporting
from moderation.services.reporting import Complaint
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import held_offer, offer, offer_to, say
from tests.factories.moderation import decide, reported_message, ten_minutes_pass

pytestmark = pytest.mark.django_db

CHICAGO = ZoneInfo("America/Chicago")
PAGE = "/admin/moderation/community/"
MONEY = "Can you send $200 by wire?"


def monday(weeks_ago: int = 0) -> datetime:
    """Midnight in the zone of the site, when that week began."""
    today = now().astimezone(CHICAGO).date()
    day = today - timedelta(days=today.weekday(), weeks=weeks_ago)
    return datetime.combine(day, time(), CHICAGO)


def asked(people: Iterable[Member], at: datetime, **more: Any) -> list[HelpRequest]:
    return [HelpRequestFactory(requester=person, created_at=at, **more) for person in people]


def offered(asked_for: HelpRequest, helper: Member, hours: float = 1) -> Conversation:
    made = offer(helper, asked_for)
    Conversation.objects.filter(pk=made.pk).update(created_at=asked_for.created_at + timedelta(hours=hours))
    return made


def people(count: int) -> list[Member]:
    made: list[Member] = MemberFactory.create_batch(count)
    return made


def stage(name: str) -> Any:
    return next(one for one in figures().stages if one.name == name)


def rows_of(file: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file)))


def text_of(reader: Member) -> str:
    return browser_of(reader).get(PAGE).content.decode()


def test_a_request_counts_in_the_week_whose_monday_came_before_it_where_the_site_is() -> None:
    asked(people(5), monday() - timedelta(seconds=1))
    asked(people(6), monday())
    asked(people(7), monday(12))
    asked(people(8), monday(12) - timedelta(seconds=1))
    weeks = [one.shown for one in stage("Asked").weeks]
    assert len(weeks) == 13
    assert (weeks[-1], weeks[-2], weeks[0]) == (6, 5, 7)
    assert stage("Asked").total.shown == 18


def test_each_request_counts_as_far_as_it_has_come() -> None:
    helper = people(6)
    many = asked(people(8), monday(1))
    offers = [offered(one, helper[place % 6]) for place, one in enumerate(many[:7])]
    for one, made in zip(many[:6], offers, strict=False):
        deciding.accept_offer(one.requester, made.pk)
    for one in many[:5]:
        requests.complete_request(one.requester, one.pk)
    held_offer(helper[0], many[7])
    assert [one.weeks[-2].shown for one in figures().stages] == [8, 7, 6, 5]
    assert [one.total.shown for one in figures().stages] == [8, 7, 6, 5]


def test_requests_nobody_was_to_read_are_not_counted() -> None:
    asked(people(5), monday(1))
    asked(people(5), monday(1), moderation="held")
    assert stage("Asked").total.shown == 5


def test_fewer_than_five_people_are_not_told_of_however_much_they_ask() -> None:
    four = people(4)
    asked(four + four, monday(1))
    found = figures()
    assert found.stages[0].weeks[-2].words == FEWER
    assert found.stages[0].total.words == FEWER
    assert {part.point for part in parts(found)} == {"Not enough data yet."}


def test_a_week_of_few_cannot_be_reckoned_from_the_others() -> None:
    asked(people(5), monday(3))
    asked(people(6), monday(2))
    asked(people(2), monday(1))
    weeks = stage("Asked").weeks
    assert [one.words for one in weeks[-4:-1]] == [KEPT_BACK, "6", FEWER]
    assert stage("Asked").total.shown == 13
    assert sum(one.shown is not None for one in weeks) == 1


def test_a_topic_of_few_cannot_be_reckoned_from_the_others() -> None:
    helper = people(3)
    for count, category in ((5, "groceries-meals"), (7, "social-companionship"), (2, "other")):
        for place, one in enumerate(asked(people(count), monday(1), category=category, subcategory="")):
            offered(one, helper[place % 3], hours=place)
    found = {topic.label: (topic.requests.words, topic.hours) for topic in figures().topics}
    assert found == {
        "Company": ("7", 3.0),
        "Groceries and meals": (KEPT_BACK, None),
        "Something else": (FEWER, None),
    }


def test_hidden_parts_are_enough_by_themselves_when_together_they_are_many_people() -> None:
    three, other_three, many = ({f"{name}{number}" for number in range(3)} for name in "abc")
    many |= {"c3", "c4"}
    cells = [Cell(3, frozenset(three)), Cell(4, frozenset(other_three)), Cell(9, frozenset(many))]
    assert [one.words for one in parts_of_a_whole(cells)] == [FEWER, FEWER, "9"]
    # The same three people twice are three.
    cells[1] = Cell(4, frozenset(three))
    assert [one.words for one in parts_of_a_whole(cells)] == [FEWER, FEWER, KEPT_BACK]
    # Of nobody there is nothing to tell.
    assert [one.words for one in parts_of_a_whole([Cell(0), Cell(9, frozenset(many))])] == [FEWER, "9"]


def test_helpers_are_counted_once_and_the_busiest_only_beside_many_others() -> None:
    helper = people(8)
    for place, one in enumerate(asked(people(7), monday(1))):
        offered(one, helper[place])
    assert (figures().helpers.total, figures().helpers.share_of_top) == (7, None)
    extra = asked(people(3), monday(2))
    offered(extra[0], helper[7])
    for one in extra[1:]:
        offered(one, helper[0])
    found = figures().helpers
    assert found.total == 8
    assert found.share_of_top == pytest.approx(5 / 10)
    assert (found.weeks[-2], found.weeks[-3]) == (7, None)


def decided(count: int, mia: Member, hours: float, *, ana: Member) -> None:
    for writer in people(count):
        report = reported_message(ana, writer)
        decide(mia, report.case)
        opened = now() - timedelta(hours=hours)
        Case.objects.filter(pk=report.case_id).update(opened_at=opened, due_at=opened + timedelta(hours=24))


def test_reports_decisions_and_warnings(asker: Member, helper: Member) -> None:
    mia = MemberFactory(role=roles.MODERATOR)
    decided(4, mia, 6, ana=asker)
    assert figures().safety == community.Safety()
    decided(1, mia, 30, ana=asker)
    for _ in range(5):
        talk = offer_to(MemberFactory(), helper)
        reporting.report(talk.requester, Kind.CONVERSATION, talk.pk, Complaint(Reason.HARASSMENT))
    safety = figures().safety
    assert safety.hours == pytest.approx(6, abs=0.01)
    assert safety.kept == pytest.approx(4 / 5)
    assert safety.reports == pytest.approx(100)
    assert safety.reversed is None
    Case.objects.filter(state="open").update(due_at=now() - timedelta(minutes=1))
    # Nobody has decided about the one person of those five chats, and it is late.
    assert figures().safety.kept == pytest.approx(4 / 10)


def test_a_second_look_counts_by_its_answer(asker: Member) -> None:
    mia, mo = (MemberFactory(role=roles.MODERATOR) for _ in range(2))
    for place, writer in enumerate(people(5)):
        made = decide(mia, reported_message(asker, writer).case)
        ten_minutes_pass(made)
        appeal = appealing.appeal_decision(writer, made.pk, "It was meant for my brother.")
        decide(mo, appeal.case, Action.OVERTURN if place < 2 else Action.KEEP, rule=None)
    assert figures().safety.reversed == pytest.approx(2 / 5)


def test_a_warning_is_a_false_alarm_where_its_reader_says_that_it_is_fine(helper: Member) -> None:
    for place, reader in enumerate(people(5)):
        said = say(helper, offer_to(reader, helper))
        Message.objects.filter(pk=said).update(caution="fine" if place < 2 else "money")
        assert figures().said_it_is_fine == (pytest.approx(2 / 5) if place == 4 else None)
    assert "Readers said “It is fine” to 40 % of our warnings about money." in {it.point for it in parts(figures())}


def test_the_sentence_says_the_point() -> None:
    helper = people(5)
    for place, one in enumerate(asked(people(9), monday())):
        if place < 7:
            offered(one, helper[place % 5], hours=0)
    assert parts(figures())[0].point == "7 of 9 requests got an offer this week."


def test_an_empty_site_says_so(moderator: Member) -> None:
    page = text_of(moderator)
    assert page.count("Not enough data yet.") == 5
    assert "No request has waited 48 hours for its first offer." in page
    assert '<svg class="chart__bar' not in page


def test_requests_that_wait_stand_longest_first(moderator: Member, operator: Member, helper: Member) -> None:
    late, later = (now() - timedelta(hours=hours) for hours in (49, 120))
    HelpRequestFactory(title="Waits two days", created_at=late)
    HelpRequestFactory(title="Waits five days", created_at=later)
    HelpRequestFactory(title="Is new", created_at=now() - timedelta(hours=47))
    HelpRequestFactory(title="Was opened again", created_at=later, reopened_at=now())
    HelpRequestFactory(title="Is hidden", created_at=late, moderation="hidden", hidden_at=now())
    HelpRequestFactory(title="Is over", expired=True)
    HelpRequestFactory(title="Of somebody gone", created_at=late, requester=MemberFactory(is_active=False))
    offer(helper, HelpRequestFactory(title="Has an offer", created_at=late))
    back = offer(helper, HelpRequestFactory(title="Has none any more", created_at=later + timedelta(hours=1)))
    deciding.withdraw_offer(helper, back.pk)
    titles = ["Waits five days", "Has none any more", "Waits two days"]
    assert [one.title for one in community.waiting().rows] == titles
    page = text_of(moderator)
    assert "3 requests have waited more than 48 hours without an offer." in page
    assert "open for 5 days" in page
    assert "open for 49 hours" in page
    assert page.count("Ask around:") == 3
    # Whoever may not read requests gets no way there, and asks nobody.
    assert "/helprequest/" not in text_of(operator)
    first = community.waiting(limit=2)
    assert [one.title for one in community.waiting(first.next_cursor or "", limit=2).rows] == titles[2:]
    assert browser_of(moderator).get(PAGE + "?cursor=nonsense").status_code == 200


@pytest.mark.parametrize("role", roles.ALL)
def test_who_may_see_it(role: str) -> None:
    browser = browser_of(MemberFactory(role=role))
    may = role in (roles.MODERATOR, roles.AUDITOR, roles.OPERATOR)
    assert browser.get(PAGE).status_code == (200 if may else 403)
    assert browser.post(f"{PAGE}export/").status_code == (200 if may else 403)
    assert AuditEntry.objects.filter(action="community_exported").count() == may
    assert ('data-key="g h"' in browser.get("/admin/").content.decode()) == may


def test_the_number_of_statements_does_not_depend_on_what_there_is(moderator: Member) -> None:
    browser = browser_of(moderator)

    def counted() -> int:
        with CaptureQueriesContext(connection) as statements:
            browser.get(PAGE)
        return len(statements)

    browser.get(PAGE)
    asked(people(1), monday(1))
    before = counted()
    helper = people(6)
    for place, one in enumerate(asked(people(12), monday(1))):
        if place < 6:
            offered(one, helper[place])
    assert counted() == before <= 16


def test_the_file_holds_what_the_page_shows_and_no_name(moderator: Member) -> None:
    helper = people(5)
    for place, one in enumerate(asked(people(6), monday(1), title="Rosa needs a ride")):
        offered(one, helper[place % 5], hours=2)
    asked(people(2), monday())
    answer = browser_of(moderator).post(f"{PAGE}export/")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="community-20')
    text = answer.content.decode()
    assert text.startswith(MARK)
    assert "Rosa" not in text
    rows = rows_of(text.removeprefix(MARK))
    assert {len(row) for row in rows} == {5}
    week, this = (monday(back).date().isoformat() for back in (1, 0))
    assert ["Requests", "Got an offer", week, "", "6"] in rows
    # The two of this week are left, when all and those of last week are known.
    assert ["Requests", "Asked", week, "", KEPT_BACK] in rows
    assert ["Requests", "Asked", this, "", FEWER] in rows
    assert ["Requests", "Asked", "all", "", "8"] in rows
    assert ["First offer", "Hours, median", "all", "Groceries and meals", "2"] in rows
    entry = AuditEntry.objects.get(action="community_exported")
    assert (entry.actor, entry.details["weeks"]) == (moderator.pk, 13)


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"])
def test_no_cell_is_a_formula(value: str) -> None:
    assert harmless(value) == f"'{value}"
    assert harmless("5 - 1") == "5 - 1"


def test_a_closed_request_does_not_wait(moderator: Member) -> None:
    HelpRequestFactory(created_at=now() - timedelta(days=3), status=Status.CLOSED, ending="by_staff", closed_at=now())
    assert community.how_many_wait() == 0
