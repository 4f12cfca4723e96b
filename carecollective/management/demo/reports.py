"""What moderators of the demo find when they come in: something decided, and something that waits."""

from members import roles
from members.models import Member
from messaging.models import Conversation
from moderation.models import Action, Kind, Reason, Report
from moderation.services import asking, cases, deciding, reporting
from moderation.services.reporting import Complaint
from moderation.services.ruling import Ruling

RUDE = "The ramp at our front door wobbles"
UNSAFE = "Someone to sit with my mother tonight"
MONEY = "Explain a letter from the insurance company"
CALM = "Please speak to others as you would to a friend. We are all tired some days."


def report_all() -> None:
    rude = _report_last_words("elias", RUDE, Complaint(Reason.HARASSMENT, "I only asked when."))
    _warn(rude, "On their chat about the ramp you wrote: “You people never say thank you.”")
    _report_last_words("wen", MONEY, Complaint(Reason.SCAM, "First a kind offer, then this."))
    thread = _thread("deepa", UNSAFE)
    unsafe = Complaint(Reason.UNSAFE_VISIT, "We had not agreed on anything yet.")
    reporting.report(thread.requester, Kind.CONVERSATION, thread.pk, unsafe)
    asking.ask(_member("ana"), "Can my neighbor join, too? She has no email address of her own.")


def _report_last_words(reporter: str, title: str, complaint: Complaint) -> Report:
    message = _thread(reporter, title).messages.order_by("-sequence")[0]
    return reporting.report(_member(reporter), Kind.MESSAGE, message.pk, complaint)


def _warn(report: Report, facts: str) -> None:
    moderator = Member.objects.filter(groups__name=roles.MODERATOR)[0]
    case = cases.claim(moderator, report.case_id)
    to_reporter = "Thank you. We looked and took action."
    deciding.decide(moderator, case.pk, case.version, Ruling(Action.WARN, 1, None, facts, CALM, to_reporter))


def _thread(asker: str, title: str) -> Conversation:
    return Conversation.objects.get(requester=_member(asker), help_request__title=title, helper=_member("rick"))


def _member(name: str) -> Member:
    return Member.objects.get(email=f"{name}@example.org")
