"""Asking our team something, and getting an answer from one of them."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.timezone import now

import audit.services as audit
import notifications.services as notifications
from carecollective.errors import NotFound, NotPermitted
from members import limits, roles
from members.models import Member
from moderation.models import Question


@transaction.atomic
def ask(asker: Member, words: str, client_id: str = "") -> Question:
    """Anybody with an account, waiting and declined people too; the same client_id again is the same question."""
    # Their own row, so two questions of one person wait for each other.
    asker = Member.objects.select_for_update(no_key=True).get(pk=asker.pk)
    if earlier := _asked_before(asker, client_id):
        earlier.must_say(words)
        return earlier
    limits.take(limits.QUESTIONS, asker.pk)
    question = Question(asker=asker, client_id=client_id, created_at=Now())
    question.clear_words = words
    question.save(force_insert=True)
    return Question.objects.one_of(asker, question.pk)


@transaction.atomic
def answer_question(moderator: Member, question_id: UUID, words: str) -> Question:
    """Once, by somebody else than who asked; the asker is told, here and by mail."""
    if not moderator.has_role(roles.MODERATOR):
        raise NotPermitted("Only moderators answer questions.")
    question = Question.objects.select_for_update().filter(pk=question_id).first()
    if question is None:
        raise NotFound()
    if question.asker_id == moderator.pk:
        raise NotPermitted("Somebody else answers your own question.")
    question.must_be_unanswered()
    question.put_answer(words, moderator, now())
    question.save(update_fields=["answer", "answer_key_id", "answered_at", "answered_by"])
    notifications.record("question_answered", about=question, to=[question.asker], actor=moderator)
    audit.record("question_answered", actor=moderator, subject=question)
    return question


@transaction.atomic
def read_question(moderator: Member, question_id: UUID) -> Question:
    """People tell our team what they tell nobody else, so each reading is on record."""
    if not moderator.has_role(roles.MODERATOR):
        raise NotPermitted("Only moderators answer questions.")
    question = Question.objects.select_related("asker", "answered_by").filter(pk=question_id).first()
    if question is None:
        raise NotFound()
    if question.asker_id == moderator.pk:
        raise NotPermitted("Somebody else answers your own question.")
    audit.record("question_read", actor=moderator, subject=question)
    return question


def read_answer(asker: Member, question: Question) -> None:
    """Whoever opens the answer needs no notice of it any more."""
    if question.is_answered:
        notifications.read_about(asker, question)


def _asked_before(asker: Member, client_id: str) -> Question | None:
    return Question.objects.visible_to(asker).filter(client_id=client_id).exclude(client_id="").first()
