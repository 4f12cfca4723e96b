"""Our six rules: shown on their page and when people join, quoted by decisions."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    number: int
    title: str
    words: str
    more: str = ""

    @property
    def line(self) -> str:
        """The whole rule in one line."""
        return f"{self.title}. {self.more}".strip()


RULES = (
    Rule(
        1,
        "Be kind",
        "We are all tired some days. Speak to others as you would to a friend."
        " It is fine to say no, and fine to hear it.",
    ),
    Rule(
        2,
        "No threats or hate",
        "Do not scare people or put them down for who they are."
        " This holds for their age, health, faith, color, or whom they love.",
    ),
    Rule(
        3,
        "Keep what you learn private",
        "What you see and hear stays with you. This means names, homes, and health."
        " Share only your own phone or address, never that of someone else.",
    ),
    Rule(
        4,
        "Be who you say you are",
        "Use your own name. One person has one account. No spam, and no selling.",
        "No spam or selling.",
    ),
    Rule(
        5,
        "Never ask for money or gifts",
        "Help here is free. No loans, no gift cards, no fees."
        " If you shop for someone, agree first on how they pay for the goods. Keep the receipt.",
    ),
    Rule(
        6,
        "Keep visits safe. Do no harm",
        "Meet where both of you feel safe. Do not give medical care you are not trained for."
        " If something feels wrong, you may leave.",
    ),
)
