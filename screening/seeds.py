"""The rules a new site begins with. From then on rules are changed at the desk, and these only start new sites."""

from dataclasses import dataclass
from pathlib import Path

from django.utils.functional import cached_property

from screening.words import Category, State

FOLDER = Path(__file__).parent / "first_rules"


@dataclass(frozen=True)
class Seed:
    """What it looks for, finds and does not find stands in a file of its name."""

    name: str
    category: Category
    state: State
    confidence: float
    purpose: str
    detector: str = ""

    @property
    def phrases(self) -> str:
        return "\n".join(self._parts.get("phrases", []))

    @property
    def unless(self) -> str:
        return "\n".join(self._parts.get("unless", []))

    @property
    def examples(self) -> list[str]:
        return self._parts["finds"]

    @property
    def counter_examples(self) -> list[str]:
        return self._parts["does not find"]

    @cached_property
    def _parts(self) -> dict[str, list[str]]:
        parts: dict[str, list[str]] = {}
        part: list[str] = []
        for line in (FOLDER / f"{self.name.lower().replace(' ', '_')}.txt").read_text(encoding="utf-8").splitlines():
            if line.startswith("= "):
                part = parts.setdefault(line[2:], [])
            elif line:
                part.append(line)
        return parts


SEEDS = (
    Seed(
        "phone number",
        Category.PERSONAL,
        State.WARN,
        0.9,
        "A phone number, as people write, space or spell it.",
        detector="phone",
    ),
    Seed(
        "email address",
        Category.PERSONAL,
        State.WARN,
        0.95,
        "An email address, also one that is spelled out.",
        detector="email",
    ),
    Seed(
        "street address",
        Category.PERSONAL,
        State.WARN,
        0.8,
        "A house number and a street in the United States, or a post office box.",
        detector="street",
    ),
    Seed(
        "card number",
        Category.PERSONAL,
        State.WARN,
        0.95,
        "A number of 13 to 19 digits that adds up as cards do.",
        detector="card",
    ),
    Seed(
        "Social Security number",
        Category.PERSONAL,
        State.WARN,
        0.9,
        "Three, two and four digits, as Social Security numbers are written.",
        detector="ssn",
    ),
    Seed(
        "threat to a person",
        Category.THREAT,
        State.HOLD,
        0.8,
        "Saying that one will harm the reader, or wishing them dead.",
    ),
    Seed(
        "threat in other words",
        Category.THREAT,
        State.HOLD,
        0.75,
        "A visit, a lesson, an accident: saying what will be done to the reader, or hinting at it.",
    ),
    Seed(
        "hate against a group",
        Category.THREAT,
        State.HOLD,
        0.8,
        "Words made to put people down for who they are, and calls against a group.",
    ),
    Seed(
        "abuse aimed at somebody",
        Category.PROFANITY,
        State.WARN,
        0.75,
        "Abuse aimed at the reader; swearing about a hard day is nobody's business.",
    ),
    Seed(
        "gift cards and codes",
        Category.SCAM,
        State.WARN,
        0.85,
        "Asking to buy or send gift cards, or the codes on them.",
    ),
    Seed(
        "asking for money",
        Category.SCAM,
        State.WARN,
        0.75,
        "Asking the reader for money, a loan or a fee.",
    ),
    Seed(
        "money by wire or app",
        Category.SCAM,
        State.WARN,
        0.8,
        "Ways to pay that cannot be taken back, and bank details.",
    ),
    Seed(
        "selling",
        Category.SPAM,
        State.WARN,
        0.7,
        "Selling, recruiting, and links that lead out.",
    ),
    Seed(
        "wanting to die",
        Category.SELF_HARM,
        State.WARN,
        0.7,
        "Somebody may want to end or harm their own life: the writer sees where to call, nobody else is told.",
    ),
)
