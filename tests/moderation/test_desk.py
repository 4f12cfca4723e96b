"""The queue and the page of a case, over HTTP and without a script."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now, override

from audit.models import AuditEntry
from members import roles
from members.models import Member, Restriction
from members.services import restrictions
from messaging.models import Conversation
from messaging.services import changing
from moderation import reads_desk
from moderation.models import Action, Case, Decision, Kind, Phrase, Reason, Report, Standing
from moderation.models.phrase import NOTE_TO_ONESELF
from moderation.reads_desk import Filters
from moderation.services import appealing, asking, cases, reporting
from moderation.services.preview import preview
from moderation.services.reporting import Complaint
from tests.cast import browser_of
from tests.factories.help_requests import HelpRequestFactory
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer_to, say
from tests.factories.moderation import (
    FACTS,
    MONEY,
    TO_REPORTER,
    WORDS,
    another_moderator,
    decide,
    reported_message,
    reported_thread,
    ruling,
    ten_minutes_pass,
)
from tests.members.pages.sent import said

pytestmark = pytest.mark.django_db

# Nothing our own rules would find, so that cases come from members here.
PLAIN = "I will not come, and you know why."
QUEUE = "/admin/moderation/case/"
FORM = {"rule": "5", "action": "warn", "days": "", "facts": FACTS, "words": WORDS, "reporter_words": TO_REPORTER}


def url(case: Case, act: str = "") -> str:
    return f"{QUEUE}{case.pk}/{act}"


def reported(asker: Member, helper: Member, **more: Any) -> Report:
    return reported_message(asker, helper, PLAIN, **more)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", said(answer)))


@pytest.fixture
def desk(moderator: Member) -> Client:
    return browser_of(moderator)


@pytest.fixture
def case(asker: Member, helper: Member) -> Case:
    return reported(asker, helper).case


@pytest.fixture
def mine(case: Case, moderator: Member) -> Case:
    return cases.claim(moderator, case.pk)


def typed(case: Case, **more: str) -> dict[str, str]:
    return FORM | {"version": str(case.version), "act": "see"} | more


class TestTheQueue:
    def test_safety_first_then_what_is_due_and_questions_among_them(
        self, asker: Member, helper: Member, desk: Client
    ) -> None:
        asking.ask(asker, "How do I change my town?")
        late, soon = reported(asker, helper), reported(asker, helper)
        unsafe = reported_thread(asker, helper)
        Case.objects.filter(pk=late.case_id).update(due_at=now() - timedelta(hours=2, minutes=1))
        Case.objects.filter(pk=soon.case_id).update(due_at=now() + timedelta(hours=3, minutes=1))
        page = text(desk.get(QUEUE))
        clocks = ["safety: 23 h left", "late by 2 h", "due soon, 3 h left", "Ana asks our team"]
        places = [page.index(clock) for clock in clocks]
        assert places == sorted(places)
        assert "Rude or threatening" in page
        assert "Scam or money" in page
        assert str(unsafe[0].case.number) in page

    def test_a_row_has_the_records_of_its_people_and_none_of_their_words(
        self, asker: Member, helper: Member, moderator: Member, desk: Client
    ) -> None:
        decide(moderator, reported(asker, helper).case)
        reported(asker, helper, description="He asks everybody.")
        page = text(desk.get(QUEUE))
        assert "Ben: 2 reports in 30 days, 1 upheld" in page
        assert "Reported by one person: 2 reports, 1 upheld" in page
        for words in (PLAIN, "He asks everybody.", "Groceries"):
            assert words not in page

    def test_many_reports_are_one_row_and_a_request_shows_its_title(self, asker: Member, desk: Client) -> None:
        request = HelpRequestFactory(requester=asker, title="Buy my used car")
        for _ in range(3):
            reporting.report(MemberFactory(), Kind.HELP_REQUEST, request.pk, Complaint(Reason.SPAM))
        page = text(desk.get(QUEUE))
        assert "×3 reports" in page
        assert "“Buy my used car”" in page
        assert "Reported by 3 people: 3 reports, 0 upheld together" in page

    def test_what_a_rule_found_is_named(self, asker: Member, helper: Member, desk: Client) -> None:
        say(helper, offer_to(asker, helper), MONEY)
        page = text(desk.get(QUEUE))
        assert "Asking for money (found by a rule)" in page
        assert MONEY not in page

    def test_whoever_is_part_of_it_sees_nothing_of_it(self, helper: Member, case: Case) -> None:
        for person in (case.author, case.reports.get().reporter):
            person.groups.add(*MemberFactory(role=roles.MODERATOR).groups.all())
            person.is_staff = True
            person.save()
            browser = browser_of(Member.objects.get(pk=person.pk))
            assert "No open reports." in text(browser.get(QUEUE))
            refused = browser.get(url(case))
            assert refused.status_code == 403
            assert "You are part of this case" in text(refused)

    def test_filters_stand_in_the_address(self, case: Case, helper: Member, moderator: Member, desk: Client) -> None:
        def found(query: str) -> bool:
            return str(case.number) in text(desk.get(QUEUE + query))

        assert found("?source=member")
        assert not found("?source=rule")
        assert not found("?safety=yes")
        assert found(f"?q={case.number}")
        assert found("?q=bEn")
        assert not found("?q=nobody")
        assert not found("?mine=yes")
        cases.claim(moderator, case.pk)
        assert found("?mine=yes")
        assert found("?source=nonsense&cursor=nonsense&q=%00")
        decide(moderator, case)
        assert not found("")
        assert found("?state=decided")
        assert found("?state=decided&action=warn&mine=yes")
        assert not found("?state=decided&action=ban")

    def test_nothing_open_says_when_the_last_one_was_closed(self, case: Case, moderator: Member, desk: Client) -> None:
        decide(moderator, case)
        assert re.search(r"No open reports\. Last one closed 1 minute ago\.", text(desk.get(QUEUE)))

    def test_it_goes_on_page_by_page_and_costs_the_same(
        self, asker: Member, helper: Member, moderator: Member, desk: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        counts = []
        for _ in range(2):
            for _ in range(3):
                reported(MemberFactory(), helper)
            asking.ask(asker, "One more?")
            with CaptureQueriesContext(connection) as statements:
                desk.get(QUEUE)
            counts.append(len(statements))
        # The session, the roles, the queue.
        assert counts[0] == counts[1] <= 5
        seen: list[Any] = []
        cursor = ""
        for _ in range(4):
            page = reads_desk.queue(moderator, Filters(), cursor, limit=2)
            seen += [row.id for row in page.rows]
            cursor = page.next_cursor or ""
        assert len(seen) == len(set(seen)) == 8
        assert not cursor

    def test_with_ten_thousand_reports_it_is_there_at_once(self, case: Case, moderator: Member, desk: Client) -> None:
        many(case)
        for query in ("", "?state=decided", "?q=Ben", "?source=rule", "?safety=yes"):
            desk.get(QUEUE + query)
            began = time.perf_counter()
            answer = desk.get(QUEUE + query)
            took = time.perf_counter() - began
            assert answer.status_code == 200
            assert took < 1, f"{query}: {took:.2f} s"


# Copies of one sealed report, about as many people as there are.
CASES = """
INSERT INTO moderation_cases (id, target_kind, target_id, author_id, source, is_safety, due_at)
SELECT gen_random_uuid(), 'member', gen_random_uuid(), (%(people)s::uuid[])[1 + n %% 40], 'member', n %% 7 = 0,
    now() + n * interval '1 minute' FROM generate_series(1, 10000) AS n
"""
REPORTS = """
INSERT INTO message_reports (id, case_id, reporter_id, author_id, target_kind, target_id, reason, description,
    description_key_id, evidence, evidence_key_id, evidence_digest)
SELECT gen_random_uuid(), found.id, %(reporter)s, found.author_id, 'member', found.target_id, 'spam', old.description,
    old.description_key_id, old.evidence, old.evidence_key_id, old.evidence_digest
FROM moderation_cases AS found, message_reports AS old WHERE old.id = %(old)s AND found.id <> old.case_id
"""


def many(case: Case) -> None:
    facts = {
        "people": [MemberFactory().pk for _ in range(40)],
        "reporter": MemberFactory().pk,
        "old": case.reports.get().pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(CASES, facts)
        cursor.execute(REPORTS, facts)
        cursor.execute("ANALYZE moderation_cases, message_reports, decisions, members")


class TestTheCase:
    def test_words_are_there_for_whoever_opens_it(self, case: Case, desk: Client) -> None:
        facts = text(desk.get(url(case)))
        assert "Open this case" in facts
        assert PLAIN not in facts
        opened = desk.post(url(case, "open/"), follow=True)
        assert opened.redirect_chain == [(url(case), 302)]
        page = text(opened)
        for words in (
            "This is what was reported",
            "Member since",
            "Cases about Ben",
            "The life of this message",
        ):
            assert words in page
        assert "On " in page
        other = browser_of(another_moderator())
        assert "Mo has this case open now" in text(other.get(url(case)))
        taken = other.post(url(case, "open/"))
        assert taken.status_code == 403
        assert "Mo has this case open now." in text(taken)

    def test_what_may_hurt_is_folded(self, asker: Member, helper: Member, moderator: Member, desk: Client) -> None:
        report, _ = reported_thread(asker, helper)
        cases.claim(moderator, report.case_id)
        page = said(desk.get(url(report.case)))
        assert '<details class="veil">' in page
        assert "Show the words. They may be hard to read." in page

    def test_edits_and_deletions_are_told(self, case: Case, moderator: Member, desk: Client, asker: Member) -> None:
        thread = case.reports.get().conversation_id
        conversation = Conversation.objects.get(pk=str(thread))
        first = say(case.author, conversation, "Send me $200 now.")
        changing.edit_message(case.author, first, "Send me $300 now.")
        gone = say(case.author, conversation, "Or I come by.")
        changing.delete_message(case.author, gone)
        report = reporting.report(asker, Kind.MESSAGE, first, Complaint(Reason.SCAM))
        cases.claim(moderator, report.case_id)
        page = text(desk.get(url(report.case)))
        for words in ("First version", "Send me $200 now.", "Edited to", "Send me $300 now.", "Deleted by its writer."):
            assert words in page

    def test_damaged_evidence_says_so(self, mine: Case, desk: Client) -> None:
        row = mine.reports.get()
        Report.objects.filter(pk=row.pk).update(evidence=row.evidence[:-8], evidence_key_id=row.evidence_key_id + "x")
        page = text(desk.get(url(mine)))
        assert "Do not rely on all of this" in page
        assert "This evidence was changed after it was sealed" in page
        assert PLAIN not in page

    def test_more_of_the_chat_needs_a_reason_which_is_kept(self, mine: Case, desk: Client) -> None:
        empty = desk.post(url(mine, "more/"), {"why": " ", "more": "10"})
        assert empty.status_code == 400
        assert "Please say why, in a few words." in text(empty)
        page = text(desk.post(url(mine, "more/"), {"why": "What came before?", "more": "10"}))
        assert "Further in the chat, as it stands now" in page
        assert AuditEntry.objects.get(action="case_read_further").reason == "What came before?"
        assert browser_of(another_moderator()).post(url(mine, "more/"), {"why": "x", "more": "10"}).status_code == 404

    def test_it_is_given_to_another_with_a_reason_or_let_go(self, mine: Case, desk: Client) -> None:
        empty = desk.post(url(mine, "hand-on/"), {"why": ""})
        assert empty.status_code == 400
        assert PLAIN in text(empty), "still open with whoever has it"
        alone = text(desk.post(url(mine, "hand-on/"), {"why": "I know him."}))
        assert "There is no other moderator now." in alone
        assert "I know him." in alone
        other = browser_of(another_moderator())
        assert "back in the queue" in text(desk.post(url(mine, "hand-on/"), {"why": "I know him."}, follow=True))
        assert "You asked another moderator" in text(desk.get(url(mine)))
        assert desk.post(url(mine, "open/")).status_code == 403
        other.post(url(mine, "open/"))
        other.post(url(mine, "let-go/"))
        assert Case.objects.get(pk=mine.pk).held_by is None


class TestDeciding:
    def test_the_preview_shows_what_is_stored_and_decides_nothing(
        self, mine: Case, moderator: Member, desk: Client
    ) -> None:
        page = text(desk.post(url(mine, "decide/"), typed(mine, action="limit", days="7")))
        with override(settings.DEFAULT_TIME_ZONE):
            previews = preview(moderator, mine, ruling(Action.LIMIT, days=7))
        for each in previews:
            assert each.called in page
            for paragraph in each.page:
                assert paragraph in page
        assert "This will limit Ben for 7 days." in page
        assert not Decision.objects.exists()
        done = desk.post(url(mine, "decide/"), typed(mine, action="limit", days="7", act="decide"), follow=True)
        assert done.redirect_chain == [(url(mine), 302)]
        assert "Limited Ben for 7 days." in text(done)
        assert "Undo (" in text(done)
        made = Decision.objects.get()
        assert (made.action, made.clear_words) == (Action.LIMIT, WORDS)
        undone = desk.post(f"/admin/moderation/decision/{made.pk}/undo/", follow=True)
        assert "Undone." in text(undone)
        assert Decision.objects.get().standing == Standing.UNDONE
        assert PLAIN in text(undone), "open again, with whoever undid it"

    def test_what_is_missing_is_said_at_its_field_with_every_word_kept(self, mine: Case, desk: Client) -> None:
        half_done = f"{{{{ quote }}}} {NOTE_TO_ONESELF}"
        refused = desk.post(url(mine, "decide/"), typed(mine, rule="", facts="", words=half_done))
        page = text(refused)
        assert refused.status_code == 400
        for words in (
            "Please choose the rule that was broken.",
            "Please write down what you looked at.",
            NOTE_TO_ONESELF,
        ):
            assert words in page
        assert half_done in page
        assert said(refused).startswith("<!doctype html>")
        assert not Decision.objects.exists()

    def test_ready_words_fill_the_boxes_and_leave_the_rest(self, mine: Case, desk: Client) -> None:
        phrase = Phrase.objects.newest().get(name="spam")
        page = desk.post(url(mine, "decide/"), typed(mine, act=f"fill:{phrase.pk}", words="", facts="My own facts."))
        form = page.context["form"]
        assert PLAIN in form["words"].value()
        assert form["reporter_words"].value() == TO_REPORTER
        assert (form["facts"].value(), form["action"].value()) == ("My own facts.", "warn")
        changed = desk.post(url(mine, "decide/"), typed(mine, act="change"))
        assert changed.status_code == 200
        assert changed.context["form"]["words"].value() == WORDS

    def test_what_came_in_meanwhile_is_said_and_nothing_is_lost(self, mine: Case, asker: Member, desk: Client) -> None:
        Case.objects.filter(pk=mine.pk).update(version=mine.version + 1)
        refused = desk.post(url(mine, "decide/"), typed(mine, act="decide"))
        assert refused.status_code == 409
        assert "Something new came in for this case." in text(refused)
        assert WORDS in text(refused)
        assert not Decision.objects.exists()
        again = refused.context["form"]["version"].value()
        assert desk.post(url(mine, "decide/"), typed(mine, act="decide", version=str(again))).status_code == 302

    def test_who_was_slower_reads_who_was_faster_and_keeps_the_words(
        self, mine: Case, moderator: Member, desk: Client
    ) -> None:
        Case.objects.filter(pk=mine.pk).update(claimed_until=now() - timedelta(minutes=1))
        mia = another_moderator()
        cases.claim(mia, mine.pk)
        taken = desk.post(url(mine, "decide/"), typed(mine, act="decide"))
        assert taken.status_code == 403
        assert "Mia has this case open now." in text(taken)
        assert WORDS in text(taken)
        assert PLAIN not in text(taken)
        decide(mia, mine)
        late = desk.post(url(mine, "decide/"), typed(mine, act="decide"))
        assert late.status_code == 409
        assert "Mia closed this just now." in text(late)
        assert WORDS in text(late)
        assert Decision.objects.count() == 1

    def test_whoever_was_away_goes_on_where_they_were(self, mine: Case, desk: Client) -> None:
        Case.objects.filter(pk=mine.pk).update(claimed_until=now() - timedelta(minutes=1))
        assert "Open this case" in text(desk.get(url(mine)))
        assert desk.post(url(mine, "decide/"), typed(mine, act="decide")).status_code == 302

    def test_a_ban_is_confirmed_or_refused_by_a_second(self, mine: Case, moderator: Member, desk: Client) -> None:
        second = browser_of(another_moderator())
        for act, standing in (("refuse", Standing.REFUSED), ("confirm", Standing.IN_FORCE)):
            case = Case.objects.get(pk=mine.pk)
            (second if act == "confirm" else desk).post(url(case, "open/"))
            proposer, other = (second, desk) if act == "confirm" else (desk, second)
            proposed = proposer.post(url(case, "decide/"), typed(case, action="ban", act="decide"), follow=True)
            made = Decision.objects.get(standing=Standing.WAITING)
            assert "Proposed to ban Ben." in text(proposed)
            assert "Call it off" in text(proposed)
            assert proposer.post(f"/admin/moderation/decision/{made.pk}/{act}/").status_code == 403
            other.post(url(case, "open/"))
            page = text(other.get(url(case)))
            assert "Confirm ban" in page
            assert WORDS in page
            version = {"version": Case.objects.get(pk=mine.pk).version}
            assert other.post(f"/admin/moderation/decision/{made.pk}/{act}/", version).status_code == 302
            assert Decision.objects.get(pk=made.pk).standing == standing

    def test_later_it_is_taken_back_with_a_reason(self, case: Case, moderator: Member, desk: Client) -> None:
        made = decide(moderator, case, Action.SUSPEND)
        ten_minutes_pass(made)
        page = text(desk.get(url(case)))
        assert "Undo (" not in page
        assert "Take this decision back" in page
        where = f"/admin/moderation/decision/{made.pk}/reverse/"
        empty = desk.post(where, {"why": "It was a joke.", "words": ""})
        assert empty.status_code == 400
        assert "It was a joke." in said(empty)
        done = desk.post(where, {"why": "It was a joke.", "words": "We were wrong."}, follow=True)
        assert "Took the decision back." in text(done)
        assert restrictions.in_force(case.author).level == "none"
        assert desk.post(where, {"why": "Again.", "words": "Again."}).status_code == 409

    def test_a_decided_case_is_read_again_for_a_reason(self, case: Case, moderator: Member) -> None:
        decide(moderator, case)
        browser = browser_of(another_moderator())
        assert PLAIN not in text(browser.get(url(case)))
        assert browser.post(url(case, "again/"), {"why": ""}).status_code == 400
        page = text(browser.post(url(case, "again/"), {"why": "The member called us."}))
        assert PLAIN in page
        assert AuditEntry.objects.filter(action="case_read", reason="The member called us.").exists()

    def test_another_look_is_decided_by_another_on_the_same_page(
        self, case: Case, moderator: Member, helper: Member, desk: Client
    ) -> None:
        made = decide(moderator, case)
        ten_minutes_pass(made)
        appeal = appealing.appeal_decision(helper, made.pk, "It was for the bus, and I paid it back.")
        assert desk.post(url(appeal.case, "open/")).status_code == 403
        mia = browser_of(another_moderator())
        page = text(mia.post(url(appeal.case, "open/"), follow=True))
        for words in ("It was for the bus", "The decision of then", WORDS, PLAIN, "Take the decision back"):
            assert words in page
        form = {
            "version": "1",
            "action": "overturn",
            "facts": "Read anew.",
            "words": "You were right.",
            "act": "decide",
        }
        done = text(mia.post(url(appeal.case, "decide/"), form, follow=True))
        assert "Took the decision back." in done
        assert Decision.objects.get(pk=made.pk).standing == Standing.OVERTURNED


class TestLists:
    def test_a_member_has_a_record_and_what_holds_can_be_lifted(
        self, case: Case, moderator: Member, helper: Member, desk: Client
    ) -> None:
        made = decide(moderator, case, Action.SUSPEND)
        page = text(desk.get(f"/admin/members/member/{helper.pk}/change/"))
        for words in (
            "Trust: 60 of 100",
            "Paused from Today",
            f"Case {case.number}",
            "Paused Ben until somebody lifts it",
        ):
            assert words in page, words
        row = Restriction.objects.get(decision_id=made.pk)
        where = f"/admin/members/restriction/{row.pk}/lift/"
        assert desk.post(where, {"why": ""}).status_code == 400
        refused = desk.post(where, {"why": "We talked."})
        assert refused.status_code == 403
        assert "Undo it on the page of its case" in text(refused)
        assert restrictions.in_force(helper).level == "suspended"
        ten_minutes_pass(made)
        assert desk.post(where, {"why": "We talked."}).status_code == 302
        assert restrictions.in_force(helper).level == "none"
        assert AuditEntry.objects.get(action="restriction_lifted").reason == "We talked."
        assert desk.post(where, {"why": "Again."}).status_code == 400

    def test_the_pause_of_a_proposed_ban_is_not_lifted(self, case: Case, moderator: Member, desk: Client) -> None:
        decide(moderator, case, Action.BAN)
        row = Restriction.objects.get()
        refused = desk.post(f"/admin/members/restriction/{row.pk}/lift/", {"why": "We talked."})
        assert refused.status_code == 403
        assert "waits for its second moderator" in text(refused)

    def test_ready_words_get_a_new_version(self, desk: Client) -> None:
        old = Phrase.objects.newest().get(name="spam")
        where = f"/admin/moderation/phrase/{old.pk}/rewrite/"
        refused = desk.post(where, {"words": "{{ surname }}", "reporter_words": "Thank you."})
        assert refused.status_code == 400
        assert "There is no {{surname}}." in text(refused)
        assert desk.post(where, {"words": "No selling, please.", "reporter_words": "Thank you."}).status_code == 302
        assert Phrase.objects.newest().get(name="spam").version == old.version + 1

    def test_the_first_page_counts_what_waits(
        self, case: Case, asker: Member, waiting: Member, desk: Client, verifier: Member
    ) -> None:
        asking.ask(asker, "How do I change my town?")
        Case.objects.update(is_safety=True)
        page = text(desk.get("/admin/"))
        for words in ("1 open case 1 about safety", "1 request to join", "1 open question"):
            assert words in page
        other = text(browser_of(verifier).get("/admin/"))
        assert "1 request to join" in other
        assert "open case" not in other
