"""Who may decide which case: nobody who is part of it, and always somebody."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import now

from carecollective.errors import NotPermitted
from members import roles
from members.models import Member
from members.services import restrictions
from messaging.models import Conversation
from moderation.models import Appeal, Case, Decision, Standing
from moderation.models.words import ALONE_AFTER

PART_OF_IT = "You are part of this case, so somebody else decides it."
YOURS = "You made this decision, so another moderator looks at it again."
PROPOSED = "You proposed this ban, so another moderator confirms it."
PAUSED = "You are paused yourself, so others decide until that is over."
ONLY_MODERATORS = "Only moderators decide cases."


def must_be_moderator(person: Member) -> None:
    if not person.has_role(roles.MODERATOR):
        raise NotPermitted(ONLY_MODERATORS)
    must_not_be_paused(person)


def must_not_be_paused(person: Member) -> None:
    """Whoever may not write themselves decides nothing about what others write."""
    if not restrictions.in_force(person).can_send_messages:
        raise NotPermitted(PAUSED)


def must_be_able_to_take(person: Member, case: Case) -> None:
    """A moderator who is not part of it; where there is none, an operator; alone, even whoever decided it before."""
    if person.pk in parties(case):
        raise NotPermitted(PART_OF_IT)
    must_not_be_paused(person)
    if person.has_role(roles.MODERATOR) and person.pk not in deciders(case):
        return
    if not person.has_role(roles.MODERATOR, roles.OPERATOR):
        raise NotPermitted(ONLY_MODERATORS)
    if others(case).exists():
        raise NotPermitted(_yours(case) if person.has_role(roles.MODERATOR) else ONLY_MODERATORS)
    if person.pk in deciders(case) and now() - case.opened_at < ALONE_AFTER:
        raise NotPermitted(f"{_yours(case)} As there is none, you can do it yourself from {_from(case)} on.")


def must_be_able_to_take_back(person: Member, case: Case) -> None:
    """Any moderator who is not part of it, whoever decided; where there is none, an operator."""
    if person.pk in parties(case):
        raise NotPermitted(PART_OF_IT)
    must_not_be_paused(person)
    if person.has_role(roles.OPERATOR) and not moderators().exclude(pk__in=parties(case)).exists():
        return
    must_be_moderator(person)


def can_take_back(person: Member, case: Case) -> bool:
    try:
        must_be_able_to_take_back(person, case)
    except NotPermitted:
        return False
    return True


def decides_alone(person: Member, case: Case) -> bool:
    """Then the reason is logged, and the statement says so."""
    return person.pk in deciders(case) or not person.has_role(roles.MODERATOR)


def others(case: Case) -> QuerySet[Member]:
    """Moderators who are neither part of it nor decided it before."""
    away = parties(case) | deciders(case)
    return moderators().exclude(pk__in=away)


def moderators() -> QuerySet[Member]:
    found = Member.objects.approved().filter(is_staff=True, groups__name=roles.MODERATOR)
    return found.exclude(pk__in=restrictions.who_may_not_write())


def parties(case: Case) -> set[UUID]:
    """Whoever wrote it, reported it, stands in that chat, or asked for another look."""
    found = {case.author_id, *case.reports.values_list("reporter_id", flat=True)}
    found |= set(case.appeals.values_list("appellant_id", flat=True))
    if case.conversation_id:
        for pair in Conversation.objects.filter(pk=case.conversation_id).values_list("requester_id", "helper_id"):
            found |= set(pair)
    for appeal in case.appeals.select_related("decision__case"):
        # Whoever is part of what was decided is part of the second look at it.
        found |= parties(appeal.decision.case)
    return found


def deciders(case: Case) -> set[UUID]:
    """Of the decision that is looked at again; of a ban that waits for its second moderator."""
    about = Appeal.objects.filter(case=case).values("decision")
    rows = Decision.objects.filter(Q(pk__in=about) | Q(case=case, standing=Standing.WAITING))
    return {person for pair in rows.values_list("decided_by_id", "seconded_by_id") for person in pair if person}


def _yours(case: Case) -> str:
    return YOURS if case.is_appeal else PROPOSED


def _from(case: Case) -> str:
    return f"{case.opened_at + ALONE_AFTER:%B %-d, %-I:%M %p} UTC"
