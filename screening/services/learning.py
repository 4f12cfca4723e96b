"""What moderators decide about texts becomes what rules are tried on."""

from uuid import UUID

from django.db import transaction

from carecollective.errors import NotValid
from screening.models import Example
from screening.words import Category


@transaction.atomic
def learn(text: str, category: str, is_breach: bool, case_id: UUID, target_id: UUID | None = None) -> Example:
    """Keeps a decided text, sealed. Decided again, the same case says what was decided last."""
    if category not in Category.values:
        raise NotValid(f"The categories are {', '.join(Category.values)}.")
    found = Example.objects.select_for_update().filter(case_id=case_id, category=category).first()
    example = found or Example(case_id=case_id, category=category)
    example.is_breach, example.target_id = is_breach, target_id
    example.clear_text = text
    example.save()
    return example


@transaction.atomic
def unlearn(case_id: UUID) -> int:
    """For texts that must be gone, such as those whose retention is over."""
    return Example.objects.filter(case_id=case_id).delete()[0]
