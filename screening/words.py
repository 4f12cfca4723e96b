"""The known words of screening, and the sentences people read because of them."""

from django.db import models

from carecollective.rules import RULES


class Category(models.TextChoices):
    THREAT = "threat", "Threats and hate"
    PROFANITY = "profanity", "Abuse aimed at somebody"
    SCAM = "potential_scam", "Asking for money"
    SPAM = "spam", "Selling and spam"
    PERSONAL = "personal_info", "Phone, email, address, card"
    SELF_HARM = "self_harm", "Somebody may be in danger from themselves"


class State(models.TextChoices):
    """How far a version of a rule has come; each step is taken one at a time, by a person."""

    DRAFT = "draft", "Draft: does not run"
    SHADOW = "shadow", "Shadow: is only counted"
    WARN = "warn", "Warn: the text is sent"
    HOLD = "hold", "Hold: a person reads it first"
    BLOCK = "block", "Block: the text is not sent"
    RETIRED = "retired", "Retired: does not run any more"


class Outcome(models.TextChoices):
    ALLOW = "allow", "Delivered"
    REVIEW = "review", "To be read by a moderator"
    BLOCK = "block", "Not sent"


# From the first step to the last one.
STEPS = (State.DRAFT, State.SHADOW, State.WARN, State.HOLD, State.BLOCK)
LIVE = (State.SHADOW, State.WARN, State.HOLD, State.BLOCK)
IN_FORCE = (State.WARN, State.HOLD, State.BLOCK)
# Two people who meet need each other's number, and whoever speaks of dying must be heard: no rule of ours stops either.
NEVER_STOPPED = (Category.PERSONAL, Category.SELF_HARM)

# Which of our six rules a category is about.
BREAKS = {Category.THREAT: 2, Category.PROFANITY: 1, Category.SCAM: 5, Category.SPAM: 4}

LOOKS_LIKE = "This looks like {what}. Use Share contact so you can take it back later."
NEVER_SEND = "This looks like a card or Social Security number. Never send these. No one here needs them."
MONEY = "Asking for money is not allowed here (rule 5)."
# Each kind of warning, with its words; several kinds in one text are several sentences.
WARNINGS = {
    "phone": LOOKS_LIKE.format(what="a phone number"),
    "email": LOOKS_LIKE.format(what="an email address"),
    "street": LOOKS_LIKE.format(what="a street address"),
    "secret": NEVER_SEND,
    "money": MONEY,
}


def blocked_sentence(category: str) -> str:
    rule = next(rule for rule in RULES if rule.number == BREAKS[Category(category)])
    return f"This was not sent. It breaks rule {rule.number}: {rule.title}."
