"""Rules for tests."""

from members.models import Member
from screening.models import RuleVersion
from screening.services.replaying import replay
from screening.services.ruling import Draft, NewRule, draft_rule, promote
from screening.words import Category

WHY = "Three members saw this last week."


def draft(phrases: str = "purple ladder", **more: object) -> Draft:
    words = {"examples": ("I saw a purple ladder.",), "counter_examples": ("I saw a ladder.",), "why": WHY}
    return Draft(phrases=phrases, **(words | more))  # type: ignore[arg-type]


def drafted(
    moderator: Member, name: str = "ladders", category: str = Category.SPAM, phrases: str = "purple ladder"
) -> RuleVersion:
    return draft_rule(moderator, NewRule(name, category, "Ladders nobody asked for."), draft(phrases))


def promoted(moderator: Member, version: RuleVersion, steps: int) -> RuleVersion:
    for _ in range(steps):
        replay(version, moderator)
        version = promote(moderator, version, WHY)
    return version
