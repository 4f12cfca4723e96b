"""What the original's moderators decided: a decision here that can be read and appealed, and is told to nobody."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.timezone import now

import audit.services as audit
from carecollective.database import new_id
from members.models import Member
from moderation.models import Action, Case, CaseState, Decision, Source, Standing, Subject

BEFORE = "It was decided on our earlier site, before we began here."
ON_RECORD = "Decided on the earlier site; brought over by the import."
# By words in the reason given there. Where none is found, it is the first: nobody is accused of more.
RULES = {
    "scam": 5, "money": 5, "fraud": 5, "gift": 5, "spam": 4, "selling": 4, "fake": 4, "impersonat": 4, "threat": 2,
    "hate": 2, "violen": 2, "personal": 3, "privacy": 3, "private": 3, "unsafe": 6, "harm": 6, "visit": 6,
}  # fmt: skip


@dataclass(frozen=True)
class Ruling:
    """On what, about whom, by whom; what was done and when; what each person reads."""

    kind: Subject
    target: UUID
    conversation: UUID | None
    affected: UUID
    by: Member
    action: Action
    rule: int
    at: datetime
    until: datetime | None
    facts: str
    words: str
    reporter_words: str


def rule_of(reason: str) -> int:
    return next((rule for word, rule in RULES.items() if word in reason.lower()), 1)


def put_down(ruling: Ruling) -> Decision:
    """Case and decision at once; told already, so nobody is told again. The entry in the audit log comes last."""
    decision = _decision(ruling)
    case = Case(
        target_kind=ruling.kind,
        target_id=ruling.target,
        conversation_id=ruling.conversation,
        author_id=ruling.affected,
        source=Source.MEMBER,
        state=CaseState.DECIDED,
        opened_at=ruling.at,
        due_at=ruling.at,
        decision_id=decision.pk,
    )
    case.save(force_insert=True)
    decision.case = case
    decision.save(force_insert=True)
    return decision


def on_record(decision: Decision) -> None:
    audit.record(
        "case_decided",
        actor="import",
        subject=decision,
        reason=ON_RECORD,
        case_id=decision.case_id,
        did=str(decision.action),
        rule=decision.rule,
    )


def _decision(ruling: Ruling) -> Decision:
    is_breach = ruling.action != Action.NOTHING
    decision = Decision(
        id=new_id(),
        affected_id=ruling.affected,
        action=ruling.action,
        rule=ruling.rule if is_breach else None,
        until=ruling.until,
        decided_by=ruling.by,
        decided_at=ruling.at,
        standing=Standing.IN_FORCE,
        alone_because=BEFORE if is_breach else "",
        counts_from=ruling.at,
        told_at=now(),
    )
    decision.clear_facts = ruling.facts
    decision.clear_words = ruling.words
    decision.clear_reporter_words = ruling.reporter_words
    return decision
