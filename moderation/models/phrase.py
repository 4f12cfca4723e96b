"""Ready words for decisions, which moderators improve: every version stays."""

import re

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Now

from carecollective.database import new_id
from carecollective.errors import NotValid
from carecollective.rules import RULES
from members.models import Member
from moderation.models.words import STATEMENT_MOST

PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
KNOWN = ("called", "rule", "until", "quote")
# What moderators write into a draft for themselves; the contract names this word, and nobody may be sent it.
NOTE_TO_ONESELF = "TODO"  # The word people type, not work of ours that is left.
UNFINISHED = re.compile(rf"\{{\{{|\}}\}}|\b{NOTE_TO_ONESELF}\b|###")


class Phrases(models.QuerySet["Phrase"]):
    def newest(self) -> "Phrases":
        return self.order_by("name", "-version").distinct("name")


class Phrase(models.Model):
    site_rights = ("SELECT", "INSERT")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    title = models.CharField(max_length=60)
    # The rule it is usually about.
    rule = models.PositiveSmallIntegerField(null=True)
    words = models.TextField(max_length=STATEMENT_MOST)
    reporter_words = models.TextField(max_length=STATEMENT_MOST)
    written_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_default=Now())

    objects = Phrases.as_manager()

    class Meta:
        db_table = "phrases"
        constraints = [
            UniqueConstraint(name="unique_phrase_version", fields=["name", "version"]),
            CheckConstraint(name="phrases_have_words", condition=~Q(words="") & ~Q(reporter_words="")),
            CheckConstraint(name="phrases_rule_known", condition=Q(rule=None) | Q(rule__range=(1, len(RULES)))),
        ]

    def __str__(self) -> str:
        return self.title

    def must_be_fillable(self) -> None:
        for text in (self.words, self.reporter_words):
            if unknown := [name for name in PLACE.findall(text) if name not in KNOWN]:
                raise NotValid(f"There is no {{{{{unknown[0]}}}}}. You can use {', '.join(KNOWN)}.")


def filled(text: str, **facts: str) -> str:
    """Places we have facts for; the others stay, and keep it from being sent."""
    return PLACE.sub(lambda found: facts.get(found[1]) or found[0], text)


def must_be_finished(field: str, text: str) -> None:
    if UNFINISHED.search(text):
        raise NotValid(
            fields={field: [f"Some words are still to be filled in. Look for {{{{ }}}} or {NOTE_TO_ONESELF}."]}
        )
