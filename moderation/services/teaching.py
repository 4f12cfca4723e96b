"""What decided cases teach the rules: the words, of which kind they are, and whether they broke a rule of ours."""

from moderation.models import Case, Decision, Reason, Subject
from screening.services import learning
from screening.words import Category

# What a reporter said it was, where no rule of the screening had found it.
KINDS = {
    Reason.SCAM: Category.SCAM,
    Reason.SPAM: Category.SPAM,
    Reason.PERSONAL_INFO: Category.PERSONAL,
    Reason.HARASSMENT: Category.PROFANITY,
}
HAS_WORDS = (Subject.MESSAGE, Subject.HELP_REQUEST)


def teach(decision: Decision) -> None:
    """When it is certain; called inside that transaction. Words that cannot be opened teach nothing."""
    case = decision.case
    if case.target_kind not in HAS_WORDS or not (text := _words(case)):
        return
    for category in sorted(_categories(case)):
        learning.learn(text, category, decision.is_breach, case.pk, case.target_id)


def forget(case: Case) -> None:
    """The decision was taken back: it is no example any more."""
    learning.unlearn(case.pk)


def _words(case: Case) -> str:
    """As they stood when somebody first told us of them."""
    row = case.reports.order_by("number").first() or case.finds.order_by("created_at").first()
    if row is None or not row.is_intact:
        return ""
    found = row.opened_evidence
    if case.target_kind == Subject.MESSAGE:
        return next((line["text"] for line in found["messages"] if line["id"] == str(case.target_id)), "")
    return "\n".join(filter(None, (found.get(name) for name in ("title", "description", "exchange_offer"))))


def _categories(case: Case) -> set[str]:
    found = {category for find in case.finds.all() for category in find.categories}
    said = {KINDS[Reason(report.reason)].value for report in case.reports.all() if report.reason in KINDS}
    return (found | said) & set(Category.values)
