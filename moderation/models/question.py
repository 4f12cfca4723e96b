"""What somebody asked our team, and the answer they got."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Now

from carecollective.database import new_id
from carecollective.encryption import SealedText
from carecollective.errors import CaseAlreadyDecided, IdempotencyKeyReused, NotFound
from members.models import Member
from moderation.models.words import CLIENT_ID_MOST

ASKED_BEFORE = "You have sent this already, in other words. Send it once more and it is a new question."
ANSWERED_BEFORE = "Somebody else has answered this question."


class Questions(models.QuerySet["Question"]):
    def visible_to(self, member: Member) -> "Questions":
        return self.filter(asker=member)

    def one_of(self, member: Member, question_id: UUID) -> "Question":
        found = self.visible_to(member).filter(pk=question_id).first()
        if found is None:
            raise NotFound()
        return found


class Question(models.Model):
    """Both texts are sealed, because people tell our team what they tell nobody else."""

    site_rights = ("SELECT", "INSERT", "UPDATE")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    asker = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="questions", db_index=False)
    words = models.TextField()
    words_key_id = models.CharField(max_length=32)
    client_id = models.CharField(max_length=CLIENT_ID_MOST, blank=True, default="", db_default="")
    created_at = models.DateTimeField("asked", db_default=Now())
    answer = models.TextField(blank=True, default="", db_default="")
    answer_key_id = models.CharField(max_length=32, blank=True, default="", db_default="")
    answered_at = models.DateTimeField("answered", null=True)
    answered_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    clear_words = SealedText("words", key_column="words_key_id")
    _clear_answer = SealedText("answer", key_column="answer_key_id")

    objects = Questions.as_manager()

    class Meta:
        db_table = "questions"
        constraints = [
            UniqueConstraint(
                name="questions_client_id_once", fields=["asker", "client_id"], condition=~Q(client_id="")
            ),
            CheckConstraint(name="questions_are_sealed", condition=~Q(words_key_id="")),
            CheckConstraint(
                name="questions_answer_is_whole",
                condition=Q(answered_at=None, answered_by=None, answer="", answer_key_id="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="") & ~Q(answer_key_id="")),
            ),
        ]
        indexes = [
            models.Index(name="questions_by_asker", fields=["asker", "-created_at", "-id"]),
            models.Index(name="questions_waiting", fields=["created_at"], condition=Q(answered_at=None)),
        ]

    def __str__(self) -> str:
        return f"question of {self.created_at:%B %-d, %Y}"

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None

    @property
    def clear_answer(self) -> str | None:
        return str(self._clear_answer) if self.is_answered else None

    def put_answer(self, words: str, answered_by: Member, at: Any) -> None:
        self._clear_answer, self.answered_by, self.answered_at = words, answered_by, at

    def must_be_unanswered(self) -> None:
        if self.is_answered:
            raise CaseAlreadyDecided(ANSWERED_BEFORE)

    def must_say(self, words: str) -> None:
        """The key of a question was used again: for the same words, or for others?"""
        if self.clear_words != words:
            raise IdempotencyKeyReused(ASKED_BEFORE)
