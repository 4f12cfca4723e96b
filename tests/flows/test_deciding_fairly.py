"""From a report to an answer that overturns the decision: whatever the writer does, and everything as it was."""

import pytest
from django.test import Client

import audit.services as audit
from carecollective.invariants import broken
from members.models import Member
from members.services import restrictions
from moderation.models import Action, Appeal, Case, Decision, Report, Standing
from moderation.services import cases, deciding, reading
from notifications.models import Notice
from tests.cast import browser_of
from tests.factories.messaging import offer_to, say
from tests.factories.moderation import MONEY, another_moderator, ruling, ten_minutes_pass
from tests.members.pages.sent import said

pytestmark = [pytest.mark.django_db, pytest.mark.both_ways]
SORRY = "We read it again. You only asked about the bus. We are sorry."


def told(member: Member) -> list[str]:
    kinds = Notice.objects.filter(member=member).order_by("number").values_list("event__kind", flat=True)
    return [
        kind for kind in kinds if kind in ("decision_made", "report_answered", "appeal_answered", "outcome_changed")
    ]


def writes(browser: Client, thread: str, words: str, key: str) -> int:
    return browser.post(f"{thread}messages", {"content": words, "client_id": key}, "application/json").status_code


def test_reported_decided_appealed_and_restored(asker: Member, helper: Member, moderator: Member) -> None:
    chat = offer_to(asker, helper)
    message = say(helper, chat, MONEY)
    ana, ben = browser_of(asker), browser_of(helper)
    thread = f"/api/messaging/conversations/{chat.pk}/"

    # Ana reports it; Ben edits it, and then it is gone.
    ana.post(f"/messages/{chat.pk}/report/?m={message}", {"reason": "scam"})
    report = Report.objects.get()
    mine = f"/api/messaging/messages/{message}"
    assert ben.patch(mine, {"content": "Nothing."}, "application/json").status_code == 200
    assert ben.delete(mine).status_code == 200
    assert MONEY not in said(ana.get(f"/messages/{chat.pk}/"))

    # The moderator reads the exact words, and the digest of when they were sent agrees.
    claimed = cases.claim(moderator, report.case_id)
    found = reading.read(moderator, claimed.pk)
    (line,) = [line for line in found.exhibits[0].lines if line.is_about]
    assert (line.text, line.is_as_sent, found.is_intact) == (MONEY, True, True)

    # A pause: it protects at once, and the mails wait for ten minutes.
    made = deciding.decide(moderator, claimed.pk, claimed.version, ruling(Action.SUSPEND, days=7))
    assert writes(ben, thread, "Hello?", "one") == 403
    assert told(asker) == told(helper) == []
    assert "A person reads it by" in said(ana.get(f"/reports/{report.pk}/"))
    ten_minutes_pass(made)
    assert (told(asker), told(helper)) == (["report_answered"], ["decision_made"])
    assert "We looked and took action." in said(ana.get(f"/reports/{report.pk}/"))

    # Ben reads why, the way his notice leads, and asks for another look.
    notice = Notice.objects.get(member=helper, event__kind="decision_made")
    page = said(ben.get(f"/notices/{notice.pk}/", follow=True))
    assert "Rule 5 says: Never ask for money or gifts." in page
    ben.post(f"/decisions/{made.pk}/", {"words": "I only asked for the bus."})
    appeal = Appeal.objects.get()

    # Somebody else answers, and takes it back.
    mia = another_moderator()
    case = cases.claim(mia, appeal.case_id)
    assert [one.clear_words for one in reading.read(mia, case.pk).appeals] == ["I only asked for the bus."]
    deciding.decide(mia, case.pk, case.version, ruling(Action.OVERTURN, rule=None, words=SORRY))

    # Everything is as it was, and both know.
    assert Decision.objects.get(pk=made.pk).standing == Standing.OVERTURNED
    assert restrictions.in_force(helper).level == "none"
    assert Member.objects.get(pk=helper.pk).trust == 75
    assert writes(ben, thread, "Hello again.", "two") == 201
    assert not Case.objects.open().exists()
    assert (told(asker), told(helper)) == (["report_answered", "outcome_changed"], ["decision_made", "appeal_answered"])
    assert SORRY in said(ben.get(f"/decisions/{made.pk}/"))
    answer = said(ana.get(f"/reports/{report.pk}/"))
    assert "took back what we had decided" in answer
    assert SORRY not in answer
    assert broken() == {}
    assert audit.verify().broken_at is None
