"""Ready words: moderators write new versions, and fill them for a case."""

from uuid import UUID

from django.db import transaction
from django.db.models import Max

import audit.services as audit
from carecollective.errors import NotFound
from members.models import Member
from moderation.models import Case, Phrase
from moderation.models.phrase import filled
from moderation.services.eligible import must_be_moderator
from moderation.services.ruling import Ruling
from moderation.statements import day, days_of


@transaction.atomic
def rewrite(moderator: Member, phrase_id: UUID, words: str, reporter_words: str) -> Phrase:
    """A new version; decisions of before keep the words they were made with."""
    must_be_moderator(moderator)
    old = Phrase.objects.filter(pk=phrase_id).first()
    if old is None:
        raise NotFound()
    newest = Phrase.objects.filter(name=old.name).aggregate(newest=Max("version"))["newest"]
    fresh = Phrase(name=old.name, version=newest + 1, title=old.title, rule=old.rule, written_by=moderator)
    fresh.words, fresh.reporter_words = words, reporter_words
    fresh.must_be_fillable()
    fresh.save(force_insert=True)
    audit.record("phrase_rewritten", actor=moderator, subject=fresh, name=fresh.name, version=fresh.version)
    return fresh


def fill(phrase: Phrase, case: Case, ruling: Ruling, quote: str = "") -> tuple[str, str]:
    """What the affected person and the reporter read; what we do not know yet stays visible as a place."""
    rule = str(ruling.rule or phrase.rule or "")
    facts = {"called": case.author.called, "rule": rule, "quote": quote}
    if ruling.until:
        with days_of(case.author):
            facts["until"] = day(ruling.until)
    return filled(phrase.words, **facts), filled(phrase.reporter_words, **facts)
