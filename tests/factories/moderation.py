"""Reports, cases and decisions as people make them: through the verbs."""

from datetime import timedelta
from typing import Any

from django.db.models import F
from django.db.models.functions import Now
from django.utils.timezone import now

from members import roles
from members.models import Member
from messaging.models import Conversation
from moderation.models import Action, Case, Decision, Kind, Reason, Report
from moderation.services import cases, deciding, reporting, telling
from moderation.services.reporting import Complaint
from moderation.services.ruling import Ruling
from tests.factories.members import MemberFactory
from tests.factories.messaging import offer_to, say

FACTS = "On November 21 you wrote: “can you send $200”."
WORDS = "Please do not ask for money again. Help here is free."
TO_REPORTER = "Thank you. We looked and took action."
MONEY = "My card is blocked, can you send $200 for the bus?"


def another_moderator(called: str = "Mia") -> Member:
    return MemberFactory(called=called, role=roles.MODERATOR)


def reported_message(asker: Member, helper: Member, text: str = MONEY, **more: Any) -> Report:
    """The helper wrote it, the asker reports it."""
    thread = offer_to(asker, helper)
    return reporting.report(asker, Kind.MESSAGE, say(helper, thread, text), Complaint(Reason.SCAM, **more))


def reported_thread(asker: Member, helper: Member, reason: Reason = Reason.HARASSMENT) -> tuple[Report, Conversation]:
    thread = offer_to(asker, helper)
    return reporting.report(asker, Kind.CONVERSATION, thread.pk, Complaint(reason)), thread


def an_open_case(author: Member, **more: Any) -> Case:
    """Without anything in it, for rows that need one."""
    about = {"target_kind": Kind.MEMBER, "target_id": author.pk, "author": author, "source": "member"}
    return Case.objects.create(**(about | {"due_at": now()} | more))


def ruling(action: Action = Action.WARN, **more: Any) -> Ruling:
    known: dict[str, Any] = {"rule": 5, "facts": FACTS, "words": WORDS, "reporter_words": TO_REPORTER}
    if action == Action.LIMIT:
        known["days"] = 7
    return Ruling(action, **(known | more))


def decide(moderator: Member, case: Case, action: Action = Action.WARN, **more: Any) -> Decision:
    claimed = cases.claim(moderator, case.pk)
    return deciding.decide(moderator, case.pk, claimed.version, ruling(action, **more))


def ten_minutes_pass(decision: Decision) -> None:
    """What the clock does, and then the job."""
    Decision.objects.filter(pk=decision.pk).update(counts_from=F("counts_from") - timedelta(minutes=11))
    telling.tell()


def a_day_passes(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(opened_at=Now() - timedelta(hours=25))
