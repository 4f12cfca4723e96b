"""Cases: what comes in about one thing becomes one of them, and one moderator at a time has it."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least, Now

import audit.services as audit
from carecollective.errors import NotPermitted, NotValid, ServiceUnavailable
from carecollective.ports import Target, reportable
from carecollective.text import is_blank
from members import roles
from members.models import Member
from moderation.models import Case, Find, Source
from moderation.models.words import REPORT_PROMISE, SAFETY_CATEGORIES, WHY_MOST
from moderation.services.eligible import must_be_able_to_take, must_be_moderator, others

# Between the two statements somebody may decide the open case; the next round opens a new one.
ROUNDS = 3
NOBODY_ELSE = "There is no other moderator now. Please decide it yourself, or put it back and look again later."


def fold(target: Target, source: Source, *, is_safety: bool, is_held: bool = False) -> Case:
    """The open case about this thing and person, locked; opened now if there is none. Called inside a transaction."""
    for _ in range(ROUNDS):
        fresh = Case(
            target_kind=target.kind,
            target_id=target.id,
            conversation_id=target.conversation_id,
            author_id=target.author_id,
            source=source,
            is_safety=is_safety,
            is_held=is_held,
            due_at=Now() + REPORT_PROMISE,
        )
        Case.objects.bulk_create([fresh], ignore_conflicts=True)
        case = Case.objects.open().like(fresh).select_for_update(no_key=True).first()
        if case and case.pk != fresh.pk:
            return _with_more(case, source, is_safety=is_safety, is_held=is_held)
        if case:
            return case
    raise ServiceUnavailable()


def open_for_find(event: Any) -> None:
    """What a rule found, told by the room that keeps the words, inside its writer's transaction."""
    room = reportable()[event.about_kind]
    target = room.find(None, UUID(event.about_id))
    categories = list(event.data.get("categories", []))
    is_safety = any(category in SAFETY_CATEGORIES for category in categories)
    case = fold(target, Source.RULE, is_safety=is_safety, is_held=event.kind == "text_held")
    found = Find(case=case, categories=categories)
    found.seal(room.evidence(None, target))
    found.save(force_insert=True)


@transaction.atomic
def claim(moderator: Member, case_id: UUID) -> Case:
    """Opens it for reading and deciding; for fifteen minutes nobody else can. Said again, the time begins anew."""
    case = Case.objects.locked(case_id)
    case.must_be_open()
    must_be_able_to_take(moderator, case)
    case.must_be_free_for(moderator)
    if case.handed_on_by_id == moderator.pk and others(case).exclude(pk=moderator.pk).exists():
        raise NotPermitted("You asked another moderator to look at this.")
    is_new = not case.is_with(moderator)
    Case.objects.filter(pk=case.pk).update(**case.claim_of(moderator))
    if is_new:
        audit.record("case_opened", actor=moderator, subject=case, case_id=case.pk)
    return Case.objects.one(case.pk)


@transaction.atomic
def let_go(moderator: Member, case_id: UUID) -> Case:
    """Back into the queue, for anybody. Said again, it changes nothing."""
    case = Case.objects.locked(case_id)
    case.must_be_free_for(moderator)
    if case.is_with(moderator):
        Case.objects.filter(pk=case.pk).update(**case.claim_of(None))
        audit.record("case_let_go", actor=moderator, subject=case, case_id=case.pk)
    return Case.objects.one(case.pk)


@transaction.atomic
def hand_on(moderator: Member, case_id: UUID, why: str) -> Case:
    """Asks another moderator: it goes back into the queue, and not to this one again."""
    must_say_why(why)
    case = Case.objects.locked(case_id)
    case.must_be_open()
    case.must_be_with(moderator)
    if not others(case).exclude(pk=moderator.pk).exists():
        raise NotPermitted(NOBODY_ELSE)
    Case.objects.filter(pk=case.pk).update(**case.claim_of(None), handed_on_by=moderator)
    audit.record("case_handed_on", actor=moderator, subject=case, reason=why, case_id=case.pk)
    return Case.objects.one(case.pk)


@transaction.atomic
def mark_safety(person: Member, case_id: UUID, is_safety: bool) -> Case:
    """Triage sees no words, but may say what cannot wait."""
    if not person.has_role(roles.TRIAGE):
        must_be_moderator(person)
    case = Case.objects.locked(case_id)
    case.must_be_open()
    if case.is_safety != is_safety:
        Case.objects.filter(pk=case.pk).update(is_safety=is_safety)
        audit.record("case_marked", actor=person, subject=case, case_id=case.pk, is_safety=is_safety)
    return Case.objects.one(case.pk)


def _with_more(case: Case, source: Source, *, is_safety: bool, is_held: bool) -> Case:
    """Something new came in: whoever is at it looks once more before deciding."""
    Case.objects.filter(pk=case.pk).update(
        version=F("version") + 1,
        # What a rule found and somebody reported as well was reported by a person.
        source=source if source == Source.MEMBER else case.source,
        is_safety=case.is_safety or is_safety,
        is_held=case.is_held or is_held,
        due_at=Least(F("due_at"), Now() + REPORT_PROMISE),
    )
    case.refresh_from_db()
    return case


def must_say_why(why: str) -> None:
    if is_blank(why):
        raise NotValid(fields={"why": ["Please say why, in a few words."]})
    if len(why) > WHY_MOST:
        raise NotValid(fields={"why": [f"Please use {WHY_MOST} letters or fewer."]})
